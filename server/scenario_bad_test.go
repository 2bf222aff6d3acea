package server_test

import (
	"net/http"
	"slices"
	"strings"
)

// refusals are steps that differ in their input only.
func refusals(do string, rows ...[2]string) (steps []step) {
	for _, row := range rows {
		steps = append(steps, step{do: do, in: row[0], user: strings.Split(row[1], ", ")})
	}
	return steps
}

const usd = `"currency":"USD"`

var badInputStories = []scenario{
	{name: "orders that cannot be", steps: refusals("conversionRecord",
		[2]string{order("1", "1.00", "XXQ", ""), "input.total.currency CURRENCY_UNKNOWN"},
		[2]string{order("1", "1.00", "usd", ""), "input.total.currency CURRENCY_UNKNOWN"},
		[2]string{order("1", "1.00", "", ""), "input.total.currency CURRENCY_UNKNOWN"},
		[2]string{order("1", "1.001", "USD", ""), "input.total.amount AMOUNT_PRECISION"},
		[2]string{order("1", "-1.00", "USD", ""), "input.total AMOUNT_RANGE"},
		[2]string{order("1", "92233720368547758.08", "USD", ""), "input.total.amount AMOUNT_RANGE"}, // 2^63 cents
		[2]string{order("1", strings.Repeat("9", 400), "USD", ""), "input.total.amount AMOUNT_RANGE"},
		[2]string{order("1", "1e3", "USD", ""), "input.total.amount INVALID"},
		[2]string{order("1", "0x10", "USD", ""), "input.total.amount INVALID"},
		[2]string{order("1", "١٢", "USD", ""), "input.total.amount INVALID"},
		[2]string{order("1", "NaN", "USD", ""), "input.total.amount INVALID"},
		[2]string{order("1", "", "USD", ""), "input.total.amount INVALID"},
		[2]string{order("1", "1.00", "USD", `"tax":{"amount":"1","currency":"EUR"}`), "input.tax CURRENCY_MISMATCH"},
		[2]string{order("1", "1.00", "USD", `"tax":{"amount":"1.234","currency":"USD"},"shipping":{"amount":"x","currency":"USD"}`), "input.shipping.amount INVALID, input.tax.amount AMOUNT_PRECISION"},
		[2]string{`{"programId":"$program","externalId":"1","lines":[{"amount":{"amount":"1.00",` + usd + `}},{"amount":{"amount":"-2.00",` + usd + `}}]}`, "input.lines.1.amount AMOUNT_RANGE, input.total AMOUNT_RANGE"},
		[2]string{`{"programId":"$program","externalId":"1","lines":[{"amount":{"amount":"1.00",` + usd + `}},{"amount":{"amount":"2.00","currency":"EUR"}}]}`, "input.lines.1.amount CURRENCY_MISMATCH"},
		[2]string{`{"programId":"$program","externalId":"1","lines":[{"amount":{"amount":"92233720368547758.07",` + usd + `}},{"amount":{"amount":"0.01",` + usd + `}}]}`, "input.lines.1.amount AMOUNT_RANGE"},
		[2]string{`{"programId":"$program","externalId":"1"}`, "input.total INVALID"},
		[2]string{order("", "1.00", "USD", ""), "input.externalId INVALID"},
		[2]string{order(strings.Repeat("9", 300), "1.00", "USD", ""), "input.externalId TOO_LARGE"},
		[2]string{order("1", "1.00", "USD", `"version":"-1"`), "input.version INVALID"},
		[2]string{order("1", "1.00", "USD", `"occurredAt":"2001-01-01T00:00:00Z"`), "input.occurredAt INVALID"},
		[2]string{order("1", "1.00", "USD", `"occurredAt":"2999-01-01T00:00:00Z"`), "input.occurredAt INVALID"},
		[2]string{`{"programId":"$foreignProgram","externalId":"1","total":{"amount":"1.00",` + usd + `}}`, "input.programId NOT_FOUND"},
	)},
	{name: "refunds that cannot be", steps: slices.Concat(sale("1"), refusals("refundRecord",
		[2]string{refund("r", "50.01"), "input.amount REFUND_EXCEEDS_ORDER"},
		[2]string{refund("r", "0.001"), "input.amount.amount AMOUNT_PRECISION"},
		[2]string{strings.Replace(refund("r", "1.00"), "USD", "EUR", 1), "input.amount.currency CURRENCY_MISMATCH"},
		[2]string{strings.Replace(refund("r", "1.00"), `"orderExternalId":"1"`, `"orderExternalId":"2"`, 1), "input.orderExternalId NOT_FOUND"},
		[2]string{strings.Replace(refund("r", "1.00"), "$program", "$foreignProgram", 1), "input.orderExternalId NOT_FOUND"},
	))},
	{name: "requests that do not fit the schema", steps: []step{
		{ask: `{ programs(first: 1) { nothing } }`, code: "GRAPHQL_VALIDATION_FAILED", absent: []string{"Did you mean"}},
		{ask: `{ programs(`, code: "GRAPHQL_PARSE_FAILED"},
		{ask: `mutation($in: ConversionRecordInput!) { conversionRecord(input: $in) { created } }`, vars: `{"in":{"programId":"$program"}}`, code: "GRAPHQL_VALIDATION_FAILED"},
		{ask: `mutation($in: ConversionRecordInput!) { conversionRecord(input: $in) { created } }`, vars: `{"in":{"programId":"$program","externalId":"1","total":{"amount":1.5,"currency":7}}}`, code: "INVALID"},
		{do: "conversionRecord", in: order("1", "1.00", "USD", `"occurredAt":"yesterday"`), code: "INVALID"},
		{ask: "{ programs { edges { node { " + strings.Repeat("a: __typename ", 1000) + "} } } }", code: "TOO_COMPLEX"},
		{ask: `{ commissions(first: 1) { edges { node { conversion { commissions { conversion { commissions { conversion { commissions { conversion { commissions { conversion { id } } } } } } } } } } } } }`, code: "TOO_COMPLEX"},
	}},
	{name: "links that cannot be", steps: refusals("linkCreate",
		[2]string{`{"programId":"$program","affiliateId":"$ann","destination":"https://evil.example/"}`, "input.destination INVALID"},
		[2]string{`{"programId":"$program","affiliateId":"$ann","destination":"javascript:alert(1)"}`, "input.destination INVALID"},
		[2]string{`{"programId":"$program","affiliateId":"$ann","destination":"https://shop.example@evil.example/"}`, "input.destination INVALID"},
		[2]string{`{"programId":"$program","affiliateId":"$ann","destination":"https://shop.example/","slug":"$bobSlug"}`, "input.slug TAKEN"},
		[2]string{`{"programId":"$program","affiliateId":"$ann","destination":"https://shop.example/","slug":"$foreignAnnSlug"}`, "input.slug TAKEN"},
		[2]string{`{"programId":"$program","affiliateId":"$ann","destination":"https://shop.example/","subIds":{"evil":"1"}}`, "input.subIds INVALID"},
	)},
	{name: "an edit of a row that has changed", steps: []step{
		{do: "linkUpdate", in: `{"id":"$annLink","expectedVersion":1,"destination":"https://shop.example/new"}`, get: "link { version destination }", want: `{"linkUpdate":{"link":{"version":2,"destination":"https://shop.example/new"}}}`, events: "link.updated"},
		{do: "linkUpdate", in: `{"id":"$annLink","expectedVersion":1,"destination":"https://shop.example/newer"}`, get: "link { version }", user: []string{"input.expectedVersion CONFLICT"}},
	}},
	{name: "credentials that are none", steps: slices.Concat(bearers("forged"), bearers("revoked"), bearers("expired"), []step{
		{as: "nobody", ask: `{ viewer { id } }`, want: `{"viewer":null}`},
		{as: "nobody", do: "logIn", in: `{"email":"owner@$mail","password":"wrong password"}`, get: "accessToken", code: "UNAUTHENTICATED", absent: []string{"owner@"}},
		{as: "nobody", do: "logIn", in: `{"email":"stranger@$mail","password":"wrong password"}`, get: "accessToken", code: "UNAUTHENTICATED"},
		{as: "nobody", do: "sessionRefresh", in: `{"refreshToken":"nonsense"}`, get: "accessToken", code: "UNAUTHENTICATED"},
		{as: "nobody", do: "signUp", in: `{"email":"owner@$mail","password":"` + password + `","merchantName":"Again","currency":"USD"}`, get: "accessToken", user: []string{"input.email TAKEN"}},
		{as: "nobody", do: "signUp", in: `{"email":"next@$mail","password":"short","merchantName":"Next","currency":"QQQ"}`, get: "accessToken", user: []string{"input.currency CURRENCY_UNKNOWN", "input.password INVALID"}},
	})},
	{name: "foreign ids answer like missing ids", walk: foreignLikeMissing},
	{name: "webhooks that are not proven", walk: unproven},
}

// bearers are refused before anything is looked at.
func bearers(as string) []step {
	return []step{
		{as: as, ask: `{ programs(first: 1) { edges { node { id } } } }`, code: "UNAUTHENTICATED", status: http.StatusUnauthorized, absent: []string{"$program"}},
		{as: as, do: "conversionRecord", in: order("1", "1.00", "USD", ""), code: "UNAUTHENTICATED", status: http.StatusUnauthorized},
	}
}

// foreignLikeMissing asks with an id of another merchant's and with one that does
// not exist: the answers are equal but for the id.
func foreignLikeMissing(s *stage) {
	for _, row := range []struct{ as, foreign, document, vars string }{
		{"owner", "foreignAnn", mutation("affiliateSuspend", "affiliate { id }"), `{"in":{"id":"$x","reason":"r"}}`},
		{"owner", "foreignAnn", mutation("affiliateUpdate", "affiliate { id }"), `{"in":{"id":"$x","name":"n"}}`},
		{"owner", "foreignAnn", mutation("affiliateUpdate", "affiliate { id }"), `{"in":{"id":"$ann","parentId":"$x"}}`},
		{"owner", "foreignAnn", mutation("linkCreate", "link { id }"), `{"in":{"programId":"$program","affiliateId":"$x","destination":"https://shop.example/"}}`},
		{"owner", "foreignAnn", mutation("couponCreate", "coupon { id }"), `{"in":{"programId":"$program","affiliateId":"$x","code":"C"}}`},
		{"owner", "foreignAnn", mutation("enrollmentCreate", "enrollment { id }"), `{"in":{"programId":"$program","affiliateId":"$x"}}`},
		{"owner", "foreignAnn", mutation("commissionAdjust", "commission { id }"), `{"in":{"programId":"$program","affiliateId":"$x","amount":{"amount":"1","currency":"USD"},"reason":"r"}}`},
		{"owner", "foreignAnn", mutation("payoutMethodSet", "method { id }"), `{"in":{"affiliateId":"$x","rail":"MANUAL","details":{"email":"n@n.example"}}}`},
		{"owner", "foreignAnn", mutation("apiTokenCreate", "secret"), `{"in":{"name":"t","kind":"SECRET","scopes":["LINK_READ"],"affiliateId":"$x"}}`},
		{"owner", "foreignAnn", `query($x: ID!) { balances(affiliateId: $x) { currency } }`, `{"x":"$x"}`},
		{"owner", "foreignAnn", `query($x: ID!) { links(affiliateId: $x, first: 5) { edges { node { id } } } }`, `{"x":"$x"}`},
		{"owner", "foreignProgram", mutation("programUpdate", "program { id }"), `{"in":{"id":"$x","name":"n"}}`},
		{"owner", "foreignProgram", mutation("programArchive", "program { id }"), `{"in":{"id":"$x"}}`},
		{"owner", "foreignProgram", mutation("hostAdd", "host { id }"), `{"in":{"programId":"$x","name":"a.example"}}`},
		{"owner", "foreignProgram", mutation("commissionPlanCreate", "plan { id }"), `{"in":{"programId":"$x","name":"n"}}`},
		{"owner", "foreignProgram", mutation("conversionRecord", "created"), `{"in":{"programId":"$x","externalId":"1","total":{"amount":"1","currency":"USD"}}}`},
		{"owner", "foreignProgram", mutation("conversionRecord", "created"), `{"in":{"programId":"$x","externalId":"1","kind":"LEAD"}}`},
		{"owner", "foreignProgram", mutation("integrationCreate", "webhookUrl"), `{"in":{"programId":"$x","provider":"SHOPIFY","name":"n","secret":"s"}}`},
		{"owner", "foreignProgram", mutation("attributionPolicyActivate", "policy { id }"), `{"in":{"programId":"$x","windowDays":3}}`},
		{"key", "foreignProgram", mutation("affiliateApply", "claimToken"), `{"in":{"programId":"$x","name":"n","email":"n@n.example"}}`},
		{"owner", "foreignPlan", mutation("commissionPlanActivate", "plan { id }"), `{"in":{"planId":"$x","rules":[{"level":"PROGRAM","kind":"PERCENT","percent":"1"}]}}`},
		{"owner", "foreignAnn", mutation("commissionPlanActivate", "plan { id }"), `{"in":{"planId":"$plan","rules":[{"level":"AFFILIATE","targetId":"$x","kind":"PERCENT","percent":"1"}]}}`},
		{"owner", "foreignHost", mutation("hostRemove", "host { id }"), `{"in":{"id":"$x"}}`},
		{"owner", "foreignAnnLink", mutation("linkUpdate", "link { id }"), `{"in":{"id":"$x","destination":"https://shop.example/"}}`},
		{"owner", "foreignAnnLink", mutation("linkArchive", "link { id }"), `{"in":{"id":"$x"}}`},
		{"owner", "foreignAnnCoupon", mutation("couponArchive", "coupon { id }"), `{"in":{"id":"$x"}}`},
		{"owner", "foreignMark", mutation("commissionApprove", "commissions { id }"), `{"in":{"ids":["$x"]}}`},
		{"owner", "foreignMark", mutation("commissionReject", "commission { id }"), `{"in":{"id":"$x","reason":"r"}}`},
		{"owner", "foreignAnnLink", `query($x: ID!) { node(id: $x) { id } nodes(ids: [$x, $x]) { id } }`, `{"x":"$x"}`},
		{"owner", "foreignConversion", `query($x: ID!) { node(id: $x) { id } }`, `{"x":"$x"}`},
		{"owner", "foreignMerchant", `query($x: ID!) { node(id: $x) { id } }`, `{"x":"$x"}`},
		{"owner", "foreignMerchant", mutation("sessionSwitch", "accessToken"), `{"in":{"merchantId":"$x"}}`},
	} {
		s.token(row.as)
		foreign := s.names[row.foreign]
		missing := foreign[:strings.Index(foreign, "_")+1] + s.names["missing"]
		before := s.possessions()
		one := s.askWith(row.as, row.document, row.vars, foreign)
		other := s.askWith(row.as, row.document, row.vars, missing)
		if got, want := strings.ReplaceAll(one.text, foreign, "ID"), strings.ReplaceAll(other.text, missing, "ID"); got != want || one.status != other.status {
			s.Errorf("%s\nforeign %s\nmissing %s", row.document, got, want)
		}
		if strings.HasPrefix(row.document, "mutation") && one.failed() == "" || before != s.possessions() {
			s.Errorf("%s did something: %s", row.document, one.text)
		}
	}
}

func (s *stage) askWith(as, document, vars, id string) answer {
	s.Helper()
	s.withNames(map[string]string{"x": id})
	return s.ask(as, document, s.text(vars))
}

// unproven messages of a shop are refused, counted and kept to their first KiB.
func unproven(s *stage) {
	shop, token := s.shop(), s.open(s.names["annSlug"]).token
	body := s.shopOrder(9001, token).Body()
	other := shop
	other.Secret = "another"
	before := s.possessions()
	for _, row := range []struct {
		name   string
		path   string
		header http.Header
		body   []byte
		status int
	}{
		{"another secret", shop.Path, other.Headers("orders/paid", "d1", body), body, 401},
		{"another body", shop.Path, shop.Headers("orders/paid", "d2", body), append(slices.Clone(body), ' '), 401},
		{"no signature", shop.Path, http.Header{"X-Shopify-Topic": {"orders/paid"}}, body, 401},
		{"malformed JSON", shop.Path, shop.Headers("orders/paid", "d3", []byte(`{"id":`)), []byte(`{"id":`), 400},
		{"another integration", "/hooks/int_" + s.names["missing"], shop.Headers("orders/paid", "d4", body), body, 404},
		{"no id", "/hooks/x", shop.Headers("orders/paid", "d5", body), body, 404},
		{"too large", shop.Path, shop.Headers("orders/paid", "d6", body), []byte(strings.Repeat(" ", 6<<20)), 413},
	} {
		status, text, err := s.nobody.Send(s.Context(), http.MethodPost, row.path, "application/json", row.body, row.header)
		if err != nil || status != row.status || leak.Match(text) || strings.Contains(string(text), "hush") {
			s.Errorf("%s: %d %v %.300s", row.name, status, err, text)
		}
	}
	if after := s.possessions(); after != before {
		s.Errorf("a refused message changed something:\n%s\n%s", before, after)
	}
	a := s.ask("owner", s.text(`{ integrations(first: 1) { edges { node { refused } } } webhookReceipts(integrationId: "$integration", status: REFUSED, first: 10) { totalCount edges { node { size } } } }`), "null")
	if fault := contains(a.data, parse(`{"integrations":{"edges":[{"node":{"refused":4}}]},"webhookReceipts":{"totalCount":5}}`), ""); fault != "" {
		s.Errorf("%s: %s", fault, a.text)
	}
	if err := shop.Send(s.Context(), "orders/paid", "d7", body); err != nil {
		s.Errorf("the true one: %v", err)
	}
	s.took()
	s.events = append(s.events, strings.Fields(accepted)...)
	s.play(step{ask: `{ conversions(first: 2) { totalCount } }`, want: `{"conversions":{"totalCount":1}}`})
}
