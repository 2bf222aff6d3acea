package woocommerce_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/woocommerce"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// orderOf reads an order after edits.
func orderOf(t testing.TB, edits ...edit) order.Order {
	t.Helper()
	return *message(t, "order.updated", edited(t, edits...)).Order
}

// listed writes an order down for comparison.
func listed(o order.Order) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %s at %s\n", o.ExternalID, o.Number, o.Kind, o.Status, o.OccurredAt.Format(time.RFC3339))
	fmt.Fprintf(&b, "total %s, tax %s, shipping %s, discount %s\n", o.Total, o.Tax, o.Shipping, o.Discount)
	for _, l := range o.Lines {
		fmt.Fprintf(&b, "%s %s %s %d %s: %s, tax %s, discount %s\n", l.ExternalID, l.ProductID, l.SKU, l.Quantity, l.Title, l.Amount, l.Tax, l.Discount)
	}
	fmt.Fprintf(&b, "base %s\n", o.Base())
	return b.String()
}

// in moves every amount to another currency so that its minor units stay what they
// were: 90.00 dollars become 9000 yen, as the shop writes them, or 9.000 dinars.
func in(currency string, digits int, tail string) edit {
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				walk(one)
			}
		case object:
			for name, one := range v {
				text, is := one.(string)
				whole, cents, cut := strings.Cut(text, ".")
				if !is || !cut || len(cents) != 2 || strings.Trim(whole+cents, "0123456789") != "" {
					walk(one)
					continue
				}
				minor := fmt.Sprintf("%0*s", digits+1, strings.TrimLeft(whole+cents, "0"))
				v[name] = strings.TrimSuffix(minor[:len(minor)-digits]+"."+minor[len(minor)-digits:], ".") + tail
			}
		}
	}
	return func(o object) {
		o["currency"] = currency
		walk(o)
	}
}

// The order, worked out by hand: 90.00 + 54.00 + 36.00 = 180.00 before tax and after
// 20.00 of discounts, which are the subtotals less the totals: 10.00, 6.00 and 4.00. In
// yen and fils the minor units are the same; a shop that shows two digits of yen writes
// zeros.
func TestS46_OrdersMapToTheCent(t *testing.T) {
	t.Parallel()
	const dollars = `727 727 SALE PAID at 2026-03-01T15:00:00Z
total 214.50 USD, tax 19.50 USD, shipping 10.00 USD, discount 20.00 USD
315 93 HOODIE 2 Hoodie: 90.00 USD, tax 9.00 USD, discount 10.00 USD
316 22 BOOTS-B 1 Boots: 54.00 USD, tax 5.40 USD, discount 6.00 USD
317 24  1 Cap: 36.00 USD, tax 3.60 USD, discount 4.00 USD
base 180.00 USD
`
	const yen = `727 727 SALE PAID at 2026-03-01T15:00:00Z
total 21450 JPY, tax 1950 JPY, shipping 1000 JPY, discount 2000 JPY
315 93 HOODIE 2 Hoodie: 9000 JPY, tax 900 JPY, discount 1000 JPY
316 22 BOOTS-B 1 Boots: 5400 JPY, tax 540 JPY, discount 600 JPY
317 24  1 Cap: 3600 JPY, tax 360 JPY, discount 400 JPY
base 18000 JPY
`
	const dinars = `727 727 SALE PAID at 2026-03-01T15:00:00Z
total 21.450 KWD, tax 1.950 KWD, shipping 1.000 KWD, discount 2.000 KWD
315 93 HOODIE 2 Hoodie: 9.000 KWD, tax 0.900 KWD, discount 1.000 KWD
316 22 BOOTS-B 1 Boots: 5.400 KWD, tax 0.540 KWD, discount 0.600 KWD
317 24  1 Cap: 3.600 KWD, tax 0.360 KWD, discount 0.400 KWD
base 18.000 KWD
`
	// The shop has taken the tax off, whether or not its prices hold it.
	inclusive := func(o object) { o["prices_include_tax"] = true }
	for name, row := range map[string]struct {
		edits []edit
		want  string
	}{
		"dollars": {[]edit{paid}, dollars}, "prices hold the tax": {[]edit{paid, inclusive}, dollars}, "refunds": {first, dollars}, "cancelled": {ended, dollars},
		"yen": {[]edit{paid, in("JPY", 0, "")}, yen}, "yen with two digits": {[]edit{paid, in("JPY", 0, ".00")}, yen}, "dinars": {[]edit{paid, in("KWD", 3, "")}, dinars},
	} {
		if got := listed(orderOf(t, row.edits...)); got != row.want {
			t.Errorf("%s:\n%swant\n%s", name, got, row.want)
		}
	}
}

// What is edited away is not sold: the order has the lines that it has now.
func TestS46_AnEditedOrderHasTheLinesOfNow(t *testing.T) {
	t.Parallel()
	o := orderOf(t, paid, func(o object) {
		o["line_items"] = lines(o)[:2]
		lineOf(o, 0)["quantity"], lineOf(o, 0)["subtotal"], lineOf(o, 0)["total"] = 1, "50.00", "45.00"
	})
	if len(o.Lines) != 2 || o.Lines[0].Quantity != 1 || o.Base().String() != "99.00 USD" {
		t.Errorf("%+v", o.Lines)
	}
}

// A fee below zero takes its part of each line: 180.00 − 9.00 = 171.00, of which 90 in
// 180 are 85.50, 54 are 51.30 and 36 are 34.20. So does a line below zero, and one of
// them that takes all leaves nothing.
func TestS46_WhatTheOrderTakesOffIsTakenOffItsLines(t *testing.T) {
	t.Parallel()
	less := func(total string) edit {
		return func(o object) {
			o["fee_lines"] = append(o["fee_lines"].([]any), object{"id": 330, "total": "-" + total, "total_tax": "0.00"})
		}
	}
	line := func(o object) {
		o["line_items"] = append(lines(o), object{"id": 331, "quantity": 1, "subtotal": "-9.00", "total": "-9.00", "total_tax": "0.00"})
	}
	for name, row := range map[string]struct {
		edit edit
		want string
	}{
		"fee": {less("9.00"), "85.50 USD 51.30 USD 34.20 USD "}, "line": {line, "85.50 USD 51.30 USD 34.20 USD 0.00 USD "}, "all": {less("200.00"), "0.00 USD 0.00 USD 0.00 USD "},
	} {
		got := ""
		for _, l := range orderOf(t, paid, row.edit).Lines {
			got += l.Amount.String() + " "
		}
		if got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

// Which states are paid, and which of them cancel. One that nobody paid is cancelled by
// the shop's timer and may be paid yet; one paid on delivery never says when it was.
func TestS46_StatesMapToWhetherTheyEarn(t *testing.T) {
	t.Parallel()
	onDelivery := func(o object) { o["payment_method"] = "cod" }
	when := func(o object) { o["date_paid_gmt"] = "2026-03-01T15:01:00" }
	for _, row := range []struct {
		status    string
		edits     []edit
		want      order.Status
		cancelled bool
	}{
		{"pending", nil, order.StatusPending, false}, {"on-hold", nil, order.StatusPending, false}, {"failed", nil, order.StatusPending, false},
		{"processing", nil, order.StatusPaid, false}, {"completed", nil, order.StatusPaid, false}, {"refunded", nil, order.StatusPaid, false},
		{"cancelled", []edit{when}, order.StatusPaid, true}, {"cancelled", nil, order.StatusPending, false}, {"cancelled", []edit{onDelivery}, order.StatusPending, true},
		{"trash", nil, order.StatusPending, true}, {"trash", []edit{when}, order.StatusPaid, true},
		{"shipped", nil, order.StatusPending, false}, {"shipped", []edit{when}, order.StatusPaid, false}, {"on-hold", []edit{when}, order.StatusPending, false},
	} {
		msg := message(t, "order.updated", edited(t, append(row.edits, status(row.status))...))
		if msg.Order.Status != row.want || msg.CancelledAt.IsZero() == row.cancelled {
			t.Errorf("%s: %s, cancelled %s", row.status, msg.Order.Status, msg.CancelledAt)
		}
	}
	for _, draft := range []string{"checkout-draft", "auto-draft"} {
		if msg := message(t, "order.created", edited(t, status(draft))); !strings.HasPrefix(msg.Ignored, "DRAFT") {
			t.Errorf("%s: %+v", draft, msg)
		}
	}
}

func TestS46_ATestOrderIsToldByItsMark(t *testing.T) {
	t.Parallel()
	marked := func(key string, value any) edit {
		return func(o object) { o["meta_data"] = append(o["meta_data"].([]any), object{"key": key, "value": value}) }
	}
	for _, row := range []struct {
		edit edit
		want bool
	}{
		{marked("_wcpay_mode", "test"), true}, {marked("_trb_test", "yes"), true}, {marked("_trb_test", 1), true}, {marked("_trb_test", "no"), false},
		{marked("_wcpay_mode", "prod"), false}, {marked("_wcpay_mode", object{"mode": "test"}), false}, {marked("other", "test"), false},
	} {
		if got := orderOf(t, row.edit).Test; got != row.want {
			t.Errorf("test %t, want %t", got, row.want)
		}
	}
}

func TestQ77_VersionsGrowWithWhatCanOnlyGrow(t *testing.T) {
	t.Parallel()
	minute := time.Date(2026, 3, 1, 15, 1, 0, 0, time.UTC).UnixMicro()
	last := minute - 1
	for i, edits := range [][]edit{nil, {paid}, first, second, ended} {
		got := orderOf(t, append(slices.Clone(edits), at("15:01:00"))...).Version
		if got <= last || got-minute >= 1_000_000 {
			t.Errorf("%d: version %d after %d", i, got, last)
		}
		last = got
	}
}

func TestTheClickTokenIsFoundWhereShopsPutIt(t *testing.T) {
	t.Parallel()
	noted := func(pairs ...any) edit {
		return func(o object) {
			all := []any{}
			for i := 0; i < len(pairs); i += 2 {
				all = append(all, object{"id": i, "key": pairs[i], "value": pairs[i+1]})
			}
			o["meta_data"] = all
		}
	}
	const entry = "_wc_order_attribution_session_entry"
	for name, row := range map[string]struct {
		edit edit
		want string
	}{
		"hidden":            {noted("_trb_click", "abc", entry, "https://shoes.example/?trb_click=def"), "abc"},
		"open":              {noted("trb_click", "abc"), "abc"},
		"by another name":   {noted("_tributary_click", "abc"), "abc"},
		"the last counts":   {noted("_trb_click", "def", "_trb_click", "abc"), "abc"},
		"session entry":     {noted(entry, "https://shoes.example/boots?a=%zz&trb_click=def#top"), "def"},
		"none":              {noted("click", "abc"), ""},
		"no text":           {noted("_trb_click", object{"a": "b"}, entry, "/?trb_click=def"), "def"},
		"too long":          {noted("_trb_click", strings.Repeat("a", 129), "trb_click", "abc"), "abc"},
		"with a newline":    {noted("_trb_click", "a\nb"), ""},
		"no meta data, PHP": {func(o object) { o["meta_data"] = []any{} }, ""},
	} {
		if got := orderOf(t, row.edit).ClickToken; got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

func TestBuyerAndCoupons(t *testing.T) {
	t.Parallel()
	o := orderOf(t)
	if want := (order.Customer{ExternalID: "26", Email: "bob.norman@mail.example.com", Name: "Bob Norman"}); !reflect.DeepEqual(o.Customer, want) {
		t.Errorf("buyer %+v, want %+v", o.Customer, want)
	}
	if o.Country != "US" || o.Channel != "checkout" || fmt.Sprint(o.CouponCodes) != "[tenoff]" {
		t.Errorf("from %q through %q with %v", o.Country, o.Channel, o.CouponCodes)
	}
	o = orderOf(t, func(o object) {
		o["customer_id"], o["billing"] = 0, []any{} // as PHP writes nothing
		o["coupon_lines"] = []any{object{"code": "a"}, object{"code": " a "}, object{"code": strings.Repeat("b", 65)}, object{"code": 10}}
	})
	if !reflect.DeepEqual(o.Customer, order.Customer{}) || o.Country != "US" || fmt.Sprint(o.CouponCodes) != "[a 10]" {
		t.Errorf("guest %+v from %q with %v", o.Customer, o.Country, o.CouponCodes)
	}
}

// Whatever the shop lets people type, the order must be one that earn accepts.
func TestASaleIsNotLostToAStrangersTyping(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 1000)
	o := orderOf(t, paid, func(o object) {
		o["number"], o["created_via"] = long, "a\nb"
		o["billing"] = object{"first_name": long, "last_name": false, "email": long, "country": "Germany"}
		lineOf(o, 0)["name"], lineOf(o, 0)["sku"] = "A\x00"+long, " SKU "
		lineOf(o, 1)["sku"], lineOf(o, 1)["name"] = long, nil
		o["meta_data"] = []any{object{"key": "_trb_click", "value": long}, object{"key": 7, "value": []any{1.5}}}
	})
	o.Source, o.ProgramID = "woocommerce", "prg_1"
	if faults := o.Validate(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)); len(faults) > 0 {
		t.Fatal(faults)
	}
	if o.Lines[0].SKU != "SKU" || o.Lines[1].SKU != "" || !strings.HasPrefix(o.Lines[0].Title, "Aä") {
		t.Errorf("lines %+v", o.Lines[:2])
	}
}

func TestQ19_Q22_WhatCannotBeReadExactlyIsRefusedByItsField(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		edit  edit
		code  problem.Code
		field string
	}{
		"no id":             {func(o object) { o["id"] = nil }, problem.Invalid, "id"},
		"no version":        {func(o object) { o["date_modified_gmt"], o["date_created_gmt"] = nil, nil }, problem.Invalid, "date_modified_gmt"},
		"unknown currency":  {func(o object) { o["currency"] = "BTC" }, problem.CurrencyUnknown, "currency"},
		"too many digits":   {func(o object) { o["total_tax"] = "19.505" }, problem.AmountPrecision, "total_tax"},
		"exponent":          {func(o object) { o["total"] = "2e2" }, problem.Invalid, "total"},
		"a number's digits": {func(o object) { o["total"] = json.Number("214.505") }, problem.AmountPrecision, "total"},
		"comma":             {func(o object) { o["total"] = "214,50" }, problem.Invalid, "total"},
		"beyond 64 bits":    {func(o object) { o["total"] = "99999999999999999999.00" }, problem.AmountRange, "total"},
		"a line's digits":   {func(o object) { lineOf(o, 1)["total"] = "54.001" }, problem.AmountPrecision, "line_items.1.total"},
		"a fee's digits":    {func(o object) { o["fee_lines"].([]any)[0].(object)["total"] = "5.001" }, problem.AmountPrecision, "fee_lines.0.total"},
		"a refund's digits": {refunded("930", "59.401"), problem.AmountPrecision, "refunds.0.total"},
		"a refund's id":     {func(o object) { o["refunds"] = []any{object{"total": "-1.00"}} }, problem.Invalid, "refunds.0.id"},
		"quantity":          {func(o object) { lineOf(o, 2)["quantity"] = -1 }, problem.AmountRange, "line_items.2.quantity"},
		"too many lines":    {func(o object) { o["line_items"] = make([]any, 1001) }, problem.TooLarge, "line_items"},
	} {
		_, err := woocommerce.New().Message("order.updated", edited(t, row.edit))
		p, ok := problem.As(err)
		if !ok || p.Code != row.code || strings.Join(p.Field, ".") != row.field {
			t.Errorf("%s: %v, want %s at %s", name, err, row.code, row.field)
		}
	}
}

func TestOtherTopicsAreIgnored(t *testing.T) {
	t.Parallel()
	for _, topic := range []string{"", "product.updated", "action.woocommerce_add_to_cart"} {
		msg, err := woocommerce.New().Message(topic, []byte("not even JSON"))
		if err != nil || !strings.HasPrefix(msg.Ignored, "TOPIC") {
			t.Errorf("%s: %+v, %v", topic, msg, err)
		}
	}
}
