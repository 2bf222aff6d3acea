package shopify_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/shopify"
	"github.com/tributary/tributary/internal/problem"
)

// given writes refunds down for comparison: id, lines with their tax, amount.
func given(refunds []connect.Refund) string {
	var parts []string
	for _, r := range refunds {
		text := r.ExternalID
		for i, l := range r.Lines {
			text += fmt.Sprintf(" %s×%d %s", l.LineExternalID, l.Quantity, l.Amount)
			if r.Tax != nil {
				text += "+" + r.Tax[i].Decimal()
			}
		}
		if !r.Kept.IsZero() {
			text += " kept " + r.Kept.Decimal()
		}
		if !r.Amount.IsZero() {
			text += " " + r.Amount.String()
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// A refund by itself does not say whether 195.66 holds the 3.98 of tax; one within
// its order does: 195.66 where tax is apart, 195.66 − 3.98 = 191.68 where it is not.
func TestQ06_Q08_RefundsNameLinesAsTheyWereSold(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ topic, file, want string }{
		{"refunds/create", "refund_first.json", "929361465 466157049×1 195.66 USD+3.98"},
		{"refunds/create", "refund_second.json", "929361466 518995019×1 195.67 USD+3.98"},
		{"refunds/create", "refund_first_jpy.json", "929361465 466157049×1 19566 JPY+398"},
		{"refunds/create", "refund_first_kwd.json", "929361465 466157049×1 19.566 KWD+0.398"},
		{"orders/updated", "partially_refunded.json", "929361465 466157049×1 195.66 USD"},
		{"orders/cancelled", "cancelled.json", "929361465 466157049×1 195.66 USD; 929361466 518995019×1 195.67 USD"},
	} {
		msg := message(t, row.topic, body(t, row.file))
		if got := given(msg.Refunds); got != row.want || msg.OrderID != "450789469" {
			t.Errorf("%s: %s of %s, want %s", row.file, got, msg.OrderID, row.want)
		}
	}
	included := edited(t, "partially_refunded.json", func(o object) { o["taxes_included"] = true })
	if got, want := given(message(t, "orders/updated", included).Refunds), "929361465 466157049×1 191.68 USD"; got != want {
		t.Errorf("tax in the price: %s, want %s", got, want)
	}
}

// Amounts that come as JSON numbers are read by their digits. 195.66 is no binary
// fraction; 9007199254740993 is the first whole number a float cannot hold.
func TestQ22_JSONNumbersKeepTheirDigits(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]string{
		"195.66": "929361465 466157049×1 195.66 USD+3.98", "195.660": "929361465 466157049×1 195.66 USD+3.98",
		"0.1": "929361465 466157049×1 0.10 USD+3.98", "90071992547409.93": "929361465 466157049×1 90071992547409.93 USD+3.98",
	} {
		raw := edited(t, "refund_first.json", func(o object) {
			l := o["refund_line_items"].([]any)[0].(object)
			l["subtotal"], l["subtotal_set"] = json.Number(literal), nil
		})
		if got := given(message(t, "refunds/create", raw).Refunds); got != want {
			t.Errorf("%s: %s, want %s", literal, got, want)
		}
	}
	yen := edited(t, "refund_first_jpy.json", func(o object) {
		l := o["refund_line_items"].([]any)[0].(object)
		l["subtotal"], l["subtotal_set"] = json.Number("19566.0"), nil
	})
	if got, want := given(message(t, "refunds/create", yen).Refunds), "929361465 466157049×1 19566 JPY+398"; got != want {
		t.Errorf("yen with a point: %s, want %s", got, want)
	}
}

// Differences between what lines are worth and what was given back, by hand:
//
//	97.83 kept of 195.66: half of it is given back
//	5.00 more than the line: the line, and 5.00 on the order as a whole
//	20.00 without a line: 20.00 on the order as a whole
//	8.00 of shipping, or money that is still to come: no matter of goods
func TestQ03_Q08_AdjustmentsAreMoneyGivenOrKept(t *testing.T) {
	t.Parallel()
	adjusted := func(keepLines bool, amount, kind, reason string) edit {
		return func(o object) {
			o["order_adjustments"] = []any{object{
				"amount": amount, "kind": kind, "reason": reason,
				"amount_set": object{"shop_money": object{"amount": amount, "currency_code": "USD"}},
			}}
			if !keepLines {
				o["refund_line_items"] = []any{}
			}
		}
	}
	for name, row := range map[string]struct {
		edit edit
		want string
	}{
		"less":           {adjusted(true, "97.83", "refund_discrepancy", "Refund discrepancy"), "929361465 466157049×1 195.66 USD+3.98 kept 97.83"},
		"nothing at all": {adjusted(true, "500.00", "refund_discrepancy", "Refund discrepancy"), "929361465 466157049×1 195.66 USD+3.98 kept 500.00"},
		"more":           {adjusted(true, "-5.00", "refund_discrepancy", "Refund discrepancy"), "929361465 466157049×1 195.66 USD+3.98; 929361465:adjustment 5.00 USD"},
		"no line":        {adjusted(false, "-20.00", "refund_discrepancy", "Refund discrepancy"), "929361465 20.00 USD"},
		"shipping":       {adjusted(false, "-8.00", "shipping_refund", "Shipping refund"), "929361465"},
		"pending":        {adjusted(true, "195.66", "refund_discrepancy", "Pending refund discrepancy"), "929361465 466157049×1 195.66 USD+3.98"},
		"balancing":      {adjusted(true, "195.66", "", "FULL_RETURN_BALANCING_ADJUSTMENT"), "929361465 466157049×1 195.66 USD+3.98"},
	} {
		if got := given(message(t, "refunds/create", edited(t, "refund_first.json", row.edit)).Refunds); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

func TestQ08_ARefundOfShippingAloneTakesNothing(t *testing.T) {
	t.Parallel()
	raw := edited(t, "refund_first.json", func(o object) {
		o["refund_line_items"] = []any{}
		o["refund_shipping_lines"] = []any{object{"subtotal_amount_set": object{"shop_money": object{"amount": "8.00", "currency_code": "USD"}}}}
		o["total_duties_set"], o["total_additional_fees_set"] = nil, nil
	})
	msg := message(t, "refunds/create", raw)
	if got := given(msg.Refunds); got != "929361465" || msg.Refunds[0].Currency != "" {
		t.Errorf("got %s in %q", got, msg.Refunds[0].Currency)
	}
}

func TestRefundsThatCannotBeReadAreRefusedByTheirField(t *testing.T) {
	t.Parallel()
	line := func(o object) object { return o["refund_line_items"].([]any)[0].(object) }
	const currencyField = "refund_line_items.0.subtotal_set.shop_money.currency_code"
	for name, row := range map[string]struct {
		edit  edit
		code  problem.Code
		field string
	}{
		"no id":    {func(o object) { o["id"] = nil }, problem.Invalid, "id"},
		"no order": {func(o object) { delete(o, "order_id") }, problem.Invalid, "order_id"},
		"no currency": {func(o object) {
			line(o)["subtotal_set"], o["total_duties_set"], o["total_additional_fees_set"] = nil, nil, nil
		}, problem.CurrencyUnknown, currencyField},
		"unknown currency": {func(o object) {
			for _, set := range []any{o["total_duties_set"], o["total_additional_fees_set"], line(o)["subtotal_set"]} {
				set.(object)["shop_money"].(object)["currency_code"] = "ZZZ"
			}
		}, problem.CurrencyUnknown, currencyField},
		"digits": {func(o object) { line(o)["subtotal_set"] = nil; line(o)["subtotal"] = json.Number("1.005") }, problem.AmountPrecision, "refund_line_items.0.subtotal"},
	} {
		_, err := shopify.New().Message("refunds/create", edited(t, "refund_first.json", row.edit))
		p, ok := problem.As(err)
		if !ok || p.Code != row.code || strings.Join(p.Field, ".") != row.field {
			t.Errorf("%s: %v, want %s at %s", name, err, row.code, row.field)
		}
	}
}

func TestMalformedBodiesAreToldApart(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "{", `{"id":1,}`, "[]", `{"id":{}}`, `{"id":1.5}`, `{"id":1,"line_items":7}`, `{"id":1,"updated_at":"yesterday"}`, "\xff"} {
		for _, topic := range []string{"orders/paid", "refunds/create"} {
			_, err := shopify.New().Message(topic, []byte(raw))
			if topic == "refunds/create" && strings.Contains(raw, "line_items") {
				continue // no member of a refund
			}
			if topic == "refunds/create" && strings.Contains(raw, "updated_at") {
				continue
			}
			if !errors.Is(err, connect.ErrMalformed) || problem.CodeOf(err) != problem.Invalid {
				t.Errorf("%s %q: %v", topic, raw, err)
			}
		}
	}
}

// Small seeds: mutating bodies of many kilobytes finds little.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		`{"id":"1","updated_at":"2026-03-01T10:00:00Z","currency":"JPY","line_items":[{"id":2,"quantity":3,"price":"1","current_quantity":2}]}`,
		`{"id":1,"updated_at":"2026-03-01T10:00:00-05:00","currency":"USD","taxes_included":true,"line_items":[{"quantity":1,"price":"9.99","tax_lines":[{"price":"0.99"}]}],"refunds":[{"id":3,"refund_line_items":[{"line_item_id":2,"quantity":1,"subtotal":9.99,"total_tax":0.99}],"order_adjustments":[{"amount":"1.00"}]}]}`,
		`{"id":3,"order_id":1,"refund_line_items":[{"line_item_id":2,"quantity":1,"subtotal":1.5,"subtotal_set":{"shop_money":{"amount":"1.500","currency_code":"KWD"}}}],"order_adjustments":[{"amount":"-2.000","kind":"refund_discrepancy"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, topic := range []string{"orders/updated", "refunds/create"} {
			msg, err := shopify.New().Message(topic, raw)
			if _, coded := problem.As(err); err != nil && !coded {
				t.Fatalf("%s: an error without a code: %v", topic, err)
			}
			if err == nil && (msg.Key == "" || msg.OrderID == "" || len(msg.Key) > 300) {
				t.Fatalf("%s: key %q, order %q", topic, msg.Key, msg.OrderID)
			}
		}
	})
}
