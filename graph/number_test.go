package graph

import (
	"strings"
	"testing"
)

// A whole number is a number: digits in a text are not read as one, neither as a
// variable nor within an input.
func TestWholeNumbersAreNotText(t *testing.T) {
	t.Parallel()
	h := handlerFor(t, Costs{})
	for name, c := range map[string]struct {
		query     string
		variables map[string]any
		want      string
	}{
		"OK":              {`query($n: Int) { programs(first: $n) { totalCount } }`, map[string]any{"n": 5}, `{"data":{"programs":{"totalCount":0}}}`},
		"ErrVariable":     {`query($n: Int) { programs(first: $n) { totalCount } }`, map[string]any{"n": "5"}, `"code":"INVALID","field":["first"]`},
		"ErrVariableWord": {`query($n: Int) { programs(first: $n) { totalCount } }`, map[string]any{"n": "many"}, `"code":"GRAPHQL_VALIDATION_FAILED"`},
		"ErrLiteral":      {`{ programs(first: "5") { totalCount } }`, nil, `"code":"GRAPHQL_VALIDATION_FAILED"`},
		"ErrInput": {`mutation($in: RefundRecordInput!) { refundRecord(input: $in) { refund { id } } }`, map[string]any{"in": map[string]any{
			"programId": "prg_x", "orderExternalId": "1", "externalId": "r", "lines": []any{map[string]any{"lineExternalId": "l", "quantity": "2", "amount": map[string]any{"amount": "1.00", "currency": "USD"}}},
		}}, `"code":"INVALID","field":["input","lines","0","quantity"]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := post(t, h, map[string]any{"query": c.query, "variables": c.variables}).Body.String(); !strings.Contains(got, c.want) {
				t.Errorf("%s", got)
			}
		})
	}
}
