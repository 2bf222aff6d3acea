package stripe_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/stripe"
	"github.com/tributary/tributary/internal/problem"
)

// summary writes what of an order's money is read.
func summary(msg connect.Message) string {
	var lines []string
	for _, l := range msg.Order.Lines {
		lines = append(lines, fmt.Sprint(l.ExternalID, " ", l.Amount.Minor))
	}
	o := msg.Order
	return fmt.Sprintf("%s total %d tax %d shipping %d discount %d lines %s", o.Currency, o.Total.Minor, o.Tax.Minor, o.Shipping.Minor, o.Discount.Minor, strings.Join(lines, ", "))
}

func TestAnInvoiceIsReadExactly(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(o object)
		want   string
	}{
		"as it is": {func(object) {}, "USD total 16800 tax 2800 shipping 0 discount 1000 lines il_10000001 10000, il_20000001 4000"},
		// 84.00 of 168.00 came from the customer's balance: half of everything.
		"half is paid from the balance": {func(o object) { o["amount_paid"] = 8400 }, "USD total 8400 tax 1400 shipping 0 discount 500 lines il_10000001 5000, il_20000001 2000"},
		"free trial": {func(o object) {
			o["total"], o["total_excluding_tax"], o["amount_paid"], o["total_taxes"], o["total_discount_amounts"] = 0, 0, 0, nil, nil
			for _, l := range lines(o) {
				l.(object)["amount"], l.(object)["discount_amounts"], l.(object)["taxes"] = 0, nil, nil
			}
		}, "USD total 0 tax 0 shipping 0 discount 0 lines il_10000001 0, il_20000001 0"},
		// −20.00 credited for the time before: 100.00 + 40.00 − 20.00 = 120.00, by lines 100/140 and 40/140.
		"a proration is taken off the others": {func(o object) {
			o["lines"].(object)["data"] = append(lines(o), object{"id": "il_3", "amount": -2000, "quantity": 1})
			o["total"], o["total_excluding_tax"], o["amount_paid"] = 14400, 12000, 14400
		}, "USD total 14400 tax 2400 shipping 0 discount 1000 lines il_10000001 8571, il_20000001 3429, il_3 0"},
		"lines that are left out": {func(o object) {
			o["lines"].(object)["data"], o["lines"].(object)["has_more"] = lines(o)[:1], true
		}, "USD total 16800 tax 2800 shipping 0 discount 1000 lines il_10000001 10000, rest 4000"},
		"shipping is not in the base": {func(o object) {
			o["total"], o["total_excluding_tax"], o["amount_paid"] = 17800, 15000, 17800
			o["shipping_cost"] = object{"amount_subtotal": 1000}
		}, "USD total 17800 tax 2800 shipping 1000 discount 1000 lines il_10000001 10000, il_20000001 4000"},
		"tax in the price": {func(o object) {
			for _, l := range lines(o) {
				for _, one := range l.(object)["taxes"].([]any) {
					one.(object)["tax_behavior"] = "inclusive"
				}
			}
			o["total"], o["total_excluding_tax"], o["amount_paid"] = 14000, 11200, 14000
		}, "USD total 14000 tax 2800 shipping 0 discount 1000 lines il_10000001 8000, il_20000001 3200"},
	} {
		if got := summary(message(t, edited(t, "invoice", row.change)(1, "token"))); got != row.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, row.want)
		}
	}
}

func lines(o object) []any { return o["lines"].(object)["data"].([]any) }

// Stripe's amounts are not always the currency's smallest coin.
func TestQ18_AmountsInStripesCoins(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]string{
		"usd": "USD 16800", "jpy": "JPY 16800", "huf": "HUF 16800", "twd": "TWD 16800", "kwd": "KWD 16800",
		"isk": "ISK 168", "ugx": "UGX 168", "mga": "MGA 1680000", "krw": "KRW 16800",
	} {
		o := message(t, edited(t, "invoice", func(o object) { o["currency"] = currency })(1, "token")).Order
		if got := fmt.Sprint(o.Currency, " ", o.Total.Minor); got != want {
			t.Errorf("%s: %s, want %s", currency, got, want)
		}
	}
}

func TestWhatCannotBeReadIsRefusedWithItsField(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		file   string
		change func(o object)
		want   string
	}{
		{"invoice", func(o object) { o["currency"] = "xxy" }, "CURRENCY_UNKNOWN currency"},
		{"invoice", func(o object) { o["currency"], o["total"] = "isk", 16801 }, "AMOUNT_PRECISION total"},
		{"invoice", func(o object) { o["id"] = "" }, "INVALID id"},
		{"invoice", func(o object) { o["total"] = 1 << 62 }, "AMOUNT_RANGE total"},
		{"invoice", func(o object) { o["total"] = 1.5 }, "INVALID "},
		{"refund_first", func(o object) { o["id"] = strings.Repeat("x", 129) }, "INVALID id"},
		{"refund_first", func(o object) { o["charge"], o["payment_intent"] = nil, nil }, "INVALID payment_intent"},
		{"dispute_opened", func(o object) { o["currency"] = "" }, "CURRENCY_UNKNOWN currency"},
		{"credit_note", func(o object) { o["invoice"] = nil }, "INVALID invoice"},
	} {
		_, err := stripe.New().Message("", edited(t, row.file, row.change)(1, "token"))
		p, is := problem.As(err)
		if !is || fmt.Sprint(p.Code, " ", strings.Join(p.Field, ".")) != row.want {
			t.Errorf("%s: %v, want %s", row.file, err, row.want)
		}
	}
	for _, raw := range []string{`{}`, `{"object":"event","id":"evt_1","type":"invoice.paid"}`, `{"object":"event","id":"evt_1","type":"invoice.paid","data":{"object":[]}}`} {
		if _, err := stripe.New().Message("", []byte(raw)); !errors.Is(err, connect.ErrMalformed) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestWhatIsPassedOverSaysWhy(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		file   string
		change func(o object)
		want   string
	}{
		{"session", func(o object) { o["mode"] = "setup" }, "SETUP"},
		{"session", func(o object) { o["invoice"] = nil }, "INVOICE_COMES"},
		{"session_once", func(o object) { o["payment_status"] = "unpaid" }, "UNPAID"},
		{"invoice", func(o object) { o["total"] = -500 }, "NEGATIVE_TOTAL"},
		{"invoice_payment", func(o object) { o["payment"] = object{"type": "payment_record"} }, "OUT_OF_BAND"},
		{"refund_first", func(o object) { o["status"] = "pending" }, "REFUND_OPEN"},
		{"refund_first", func(o object) { o["status"] = "failed" }, "REFUND_OPEN"},
		{"charge_refunded", func(object) {}, "REFUND_EVENTS"},
		{"credit_note", func(o object) { o["refunds"] = []any{} }, "BALANCE"},
		{"dispute_opened", func(o object) { o["status"] = "warning_needs_response" }, "INQUIRY"},
	} {
		msg := message(t, edited(t, row.file, row.change)(1, "token"))
		if code, _, _ := strings.Cut(msg.Ignored, ":"); code != row.want || msg.Order != nil || len(msg.Refunds) > 0 || msg.EventID == "" {
			t.Errorf("%s: %+v, want %s", row.file, msg, row.want)
		}
	}
}

// A credit note and the refund's own event are the same refund, in whatever order.
func TestQ05_ACreditNoteTellsTheSameRefund(t *testing.T) {
	t.Parallel()
	note, refund := message(t, event(t, "credit_note")(1, "")), message(t, event(t, "refund_first")(1, ""))
	a, b := note.Refunds[0], refund.Refunds[0]
	if len(note.Refunds) != 1 || a.ExternalID != b.ExternalID || a.Paid != b.Paid || note.OrderID != "in_0000001" || refund.OrderID != "pi_0000001" {
		t.Errorf("%+v and %+v", note, refund)
	}
	beside := message(t, edited(t, "credit_note", func(o object) { o["out_of_band_amount"] = 500 })(1, ""))
	if len(beside.Refunds) != 2 || beside.Refunds[0].ExternalID != "cn_0000001" || beside.Refunds[0].Paid.Minor != 500 {
		t.Errorf("%+v", beside)
	}
}

// What older endpoints send says which payment an invoice had, and each refund.
func TestEarlierVersionsAreRead(t *testing.T) {
	t.Parallel()
	old := message(t, edited(t, "invoice", func(o object) {
		o["payment_intent"], o["charge"], o["parent"] = "pi_0000001", object{"id": "ch_0000001"}, nil
		o["subscription_details"] = object{"metadata": object{"trb_click": "tok"}}
		lines(o)[0].(object)["pricing"], lines(o)[0].(object)["price"] = nil, object{"product": "prod_old"}
	})(1, ""))
	if fmt.Sprint(old.OtherIDs) != "[pi_0000001 ch_0000001]" || old.Order.ClickToken != "tok" || old.Order.Lines[0].ProductID != "prod_old" {
		t.Errorf("%+v", old)
	}
	charge := message(t, edited(t, "charge_refunded", func(o object) {
		o["refunds"] = object{"data": []any{
			object{"id": "re_1", "amount": 4001, "currency": "usd", "status": "succeeded", "created": 1772377800},
			object{"id": "re_2", "amount": 1, "currency": "usd", "status": "pending", "created": 1772377800},
		}}
	})(1, ""))
	if len(charge.Refunds) != 1 || charge.Refunds[0].ExternalID != "re_1" || charge.OrderID != "pi_0000001" {
		t.Errorf("%+v", charge)
	}
}
