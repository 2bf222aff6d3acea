package shopify_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/shopify"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// message reads a body as the topic's message.
func message(t testing.TB, topic string, raw []byte) connect.Message {
	t.Helper()
	msg, err := shopify.New().Message(topic, raw)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// told writes an order down for comparison.
func told(o order.Order) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %s at %s\n", o.ExternalID, o.Number, o.Kind, o.Status, o.OccurredAt.Format(time.RFC3339))
	fmt.Fprintf(&b, "total %s, tax %s, shipping %s, discount %s\n", o.Total, o.Tax, o.Shipping, o.Discount)
	for _, l := range o.Lines {
		fmt.Fprintf(&b, "%s %s %s %d: %s, tax %s, discount %s, gift card %t\n", l.ExternalID, l.ProductID, l.SKU, l.Quantity, l.Amount, l.Tax, l.Discount, l.GiftCard)
	}
	fmt.Fprintf(&b, "base %s\n", o.Base())
	return b.String()
}

// The order, worked out by hand. Three iPods at 199.00; ten dollars off in all,
// which the shop splits 3.34 + 3.33 + 3.33; tax 3.98 on each, not in the price:
//
//	199.00 − 3.34 = 195.66; 199.00 − 3.33 = 195.67, twice
//	base  195.66 + 195.67 + 195.67 = 587.00
//	tax   3 × 3.98 = 11.94; total 587.00 + 11.94 = 598.94; no shipping
//
// In yen and fils the minor units are the same. With the tax in the price:
//
//	195.66 − 3.98 = 191.68; 195.67 − 3.98 = 191.69, twice
//	base  191.68 + 191.69 + 191.69 = 575.06; total 587.00
var goldenOrders = []struct{ topic, file, want string }{
	{"orders/create", "created.json", `450789469 #1001 SALE PENDING at 2026-03-01T15:00:00Z
total 598.94 USD, tax 11.94 USD, shipping 0.00 USD, discount 10.00 USD
466157049 632910392 IPOD2008GREEN 1: 195.66 USD, tax 3.98 USD, discount 3.34 USD, gift card false
518995019 632910392 IPOD2008RED 1: 195.67 USD, tax 3.98 USD, discount 3.33 USD, gift card false
703073504 632910392 IPOD2008BLACK 1: 195.67 USD, tax 3.98 USD, discount 3.33 USD, gift card false
base 587.00 USD
`},
	{"orders/paid", "paid_jpy.json", `450789469 #1001 SALE PAID at 2026-03-01T15:00:00Z
total 59894 JPY, tax 1194 JPY, shipping 0 JPY, discount 1000 JPY
466157049 632910392 IPOD2008GREEN 1: 19566 JPY, tax 398 JPY, discount 334 JPY, gift card false
518995019 632910392 IPOD2008RED 1: 19567 JPY, tax 398 JPY, discount 333 JPY, gift card false
703073504 632910392 IPOD2008BLACK 1: 19567 JPY, tax 398 JPY, discount 333 JPY, gift card false
base 58700 JPY
`},
	{"orders/paid", "paid_kwd.json", `450789469 #1001 SALE PAID at 2026-03-01T15:00:00Z
total 59.894 KWD, tax 1.194 KWD, shipping 0.000 KWD, discount 1.000 KWD
466157049 632910392 IPOD2008GREEN 1: 19.566 KWD, tax 0.398 KWD, discount 0.334 KWD, gift card false
518995019 632910392 IPOD2008RED 1: 19.567 KWD, tax 0.398 KWD, discount 0.333 KWD, gift card false
703073504 632910392 IPOD2008BLACK 1: 19.567 KWD, tax 0.398 KWD, discount 0.333 KWD, gift card false
base 58.700 KWD
`},
	{"orders/paid", "paid_tax_included.json", `450789469 #1001 SALE PAID at 2026-03-01T15:00:00Z
total 587.00 USD, tax 11.94 USD, shipping 0.00 USD, discount 10.00 USD
466157049 632910392 IPOD2008GREEN 1: 191.68 USD, tax 3.98 USD, discount 3.34 USD, gift card false
518995019 632910392 IPOD2008RED 1: 191.69 USD, tax 3.98 USD, discount 3.33 USD, gift card false
703073504 632910392 IPOD2008BLACK 1: 191.69 USD, tax 3.98 USD, discount 3.33 USD, gift card false
base 575.06 USD
`},
}

func TestQ18_Q23_OrdersMapToTheCent(t *testing.T) {
	t.Parallel()
	for _, g := range goldenOrders {
		if got := told(*message(t, g.topic, body(t, g.file)).Order); got != g.want {
			t.Errorf("%s:\n%swant\n%s", g.file, got, g.want)
		}
	}
}

// What is sold does not change when money is given back: quantity less what was
// returned is left, and what is left plus what was returned was sold.
func TestQ08_RefundsAreToldApartFromTheOrder(t *testing.T) {
	t.Parallel()
	want := strings.Replace(goldenOrders[0].want, "PENDING", "PAID", 1)
	for _, file := range []string{"paid.json", "partially_refunded.json", "cancelled.json", "paid_seen_in_eur.json"} {
		if got := told(*message(t, "orders/updated", body(t, file)).Order); got != want {
			t.Errorf("%s:\n%swant\n%s", file, got, want)
		}
	}
}

func TestQ49_WhatIsEditedAwayIsNotSold(t *testing.T) {
	t.Parallel()
	// Three units at 100.00 with 10.00 off and tax 29.00: 290.00. One came back in a
	// refund, one was edited away, one is left: two were sold, 290.00 × 2 / 3 = 193.33,
	// tax 29.00 × 2 / 3 = 19.33, discount 10.00 × 2 / 3 = 6.67.
	raw := edited(t, "partially_refunded.json", func(o object) {
		l := lines(o)[0].(object)
		l["quantity"], l["current_quantity"] = 3, 1
		l["price_set"].(object)["shop_money"].(object)["amount"] = "100.00"
		l["tax_lines"].([]any)[0].(object)["price_set"].(object)["shop_money"].(object)["amount"] = "29.00"
		l["discount_allocations"].([]any)[0].(object)["amount_set"].(object)["shop_money"].(object)["amount"] = "10.00"
	})
	l := message(t, "orders/updated", raw).Order.Lines[0]
	got := fmt.Sprint(l.Quantity, l.Amount, l.Tax, l.Discount)
	if want := "2 193.33 USD 19.33 USD 6.67 USD"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestQ77_VersionsGrowWithWhatCanOnlyGrow(t *testing.T) {
	t.Parallel()
	// All in one second, so that only the state tells them apart.
	second := time.Date(2026, 3, 1, 15, 0, 1, 0, time.UTC).UnixMicro()
	for _, row := range []struct {
		file string
		want int64
	}{
		{"created.json", second},
		{"paid.json", second + 1},
		{"partially_refunded.json", second + 10 + 1},
		{"cancelled.json", second + 500_000 + 2*10 + 1},
	} {
		msg := message(t, "orders/updated", edited(t, row.file, at("10:00:01")))
		if msg.Order.Version != row.want {
			t.Errorf("%s: version %d, want %d", row.file, msg.Order.Version, row.want)
		}
	}
}

func TestFinancialStatusMapsToWhetherItEarns(t *testing.T) {
	t.Parallel()
	for text, want := range map[any]order.Status{
		"paid": order.StatusPaid, "partially_paid": order.StatusPending, "partially_refunded": order.StatusPaid, "refunded": order.StatusPaid,
		"pending": order.StatusPending, "authorized": order.StatusPending, "voided": order.StatusPending, "expired": order.StatusPending,
		nil: order.StatusPending, "something new": order.StatusPending,
	} {
		raw := edited(t, "created.json", func(o object) { o["financial_status"] = text })
		if got := message(t, "orders/updated", raw).Order.Status; got != want {
			t.Errorf("%v: %s, want %s", text, got, want)
		}
	}
}

func TestTheClickTokenIsFoundWhereStorefrontsPutIt(t *testing.T) {
	t.Parallel()
	notes := func(pairs ...any) edit { return func(o object) { o["note_attributes"] = pairs } }
	landing := func(url any) edit { return func(o object) { o["landing_site"] = url } }
	click := object{"name": "trb_click", "value": "abc"}
	for name, row := range map[string]struct {
		edits []edit
		want  string
	}{
		"attribute":                 {[]edit{notes(click), landing("/?trb_click=def")}, "abc"},
		"landing site":              {[]edit{notes(), landing("/shoes?utm_source=x&trb_click=def#top")}, "def"},
		"landing site, whole":       {[]edit{notes(), landing("https://shop.example/?trb_click=def")}, "def"},
		"broken query":              {[]edit{notes(), landing("/?a=%zz&trb_click=def")}, "def"},
		"none":                      {[]edit{notes(), landing(nil)}, ""},
		"attribute of another":      {[]edit{notes(object{"name": "click", "value": "abc"}), landing("/")}, ""},
		"attribute that is no text": {[]edit{notes(object{"name": "trb_click", "value": 7}), landing("/?trb_click=def")}, "def"},
		"attribute too long":        {[]edit{notes(object{"name": "trb_click", "value": strings.Repeat("a", 129)}), landing("/?trb_click=def")}, "def"},
		"attribute with a newline":  {[]edit{notes(object{"name": "trb_click", "value": "a\nb"}), landing("/")}, ""},
	} {
		msg := message(t, "orders/create", edited(t, "created.json", row.edits...))
		if got := msg.Order.ClickToken; got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

func TestBuyerAndCoupons(t *testing.T) {
	t.Parallel()
	o := message(t, "orders/create", body(t, "created.json")).Order
	want := order.Customer{ExternalID: "207119551", Email: "bob.norman@mail.example.com", Name: "Bob Norman"}
	if !reflect.DeepEqual(o.Customer, want) {
		t.Errorf("buyer %+v, want %+v", o.Customer, want)
	}
	if o.Country != "US" || o.Channel != "web" {
		t.Errorf("from %q through %q", o.Country, o.Channel)
	}
	if got := fmt.Sprint(o.CouponCodes); got != "[TENOFF]" {
		t.Errorf("coupons %s", got)
	}
	guest := edited(t, "created.json", func(o object) {
		o["customer"], o["email"], o["contact_email"] = nil, "", "guest@mail.example.com"
		o["discount_codes"] = []any{object{"code": "A"}, object{"code": " A "}, object{"code": strings.Repeat("b", 65)}, object{"code": "C"}}
	})
	o = message(t, "orders/create", guest).Order
	if want := (order.Customer{Email: "guest@mail.example.com"}); !reflect.DeepEqual(o.Customer, want) {
		t.Errorf("guest %+v, want %+v", o.Customer, want)
	}
	if got := fmt.Sprint(o.CouponCodes); got != "[A C]" {
		t.Errorf("coupons %s", got)
	}
}

// Whatever the shop lets people type, the order must be one that earn accepts.
func TestASaleIsNotLostToAStrangersTyping(t *testing.T) {
	t.Parallel()
	raw := edited(t, "paid.json", func(o object) {
		long := strings.Repeat("ä", 1000)
		o["name"], o["email"] = " #1 ", long
		o["customer"].(object)["first_name"] = long
		l := lines(o)[0].(object)
		l["title"], l["sku"] = "A\x00"+long, " SKU with a space behind "
		lines(o)[1].(object)["sku"] = long
		o["note_attributes"] = []any{object{"name": "trb_click", "value": long}}
	})
	o := *message(t, "orders/paid", raw).Order
	o.Source, o.ProgramID = "shopify", "prg_1"
	if faults := o.Validate(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)); len(faults) > 0 {
		t.Fatal(faults)
	}
	if o.Lines[0].SKU != "SKU with a space behind" || o.Lines[1].SKU != "" || !strings.HasPrefix(o.Lines[0].Title, "Aä") || len(o.Lines[0].Title) > 300 {
		t.Errorf("lines %+v", o.Lines[:2])
	}
}

func TestQ19_Q22_WhatCannotBeReadExactlyIsRefusedByItsField(t *testing.T) {
	t.Parallel()
	shop := func(o object, amount string) { o["shop_money"].(object)["amount"] = amount }
	for name, row := range map[string]struct {
		edit  edit
		code  problem.Code
		field string
	}{
		"no id":            {func(o object) { o["id"] = nil }, problem.Invalid, "id"},
		"no version":       {func(o object) { o["updated_at"] = nil }, problem.Invalid, "updated_at"},
		"unknown currency": {func(o object) { o["currency"] = "XXQ" }, problem.CurrencyUnknown, "currency"},
		"other currency":   {func(o object) { o["currency"] = "EUR" }, problem.CurrencyMismatch, "total_price"},
		"too many digits":  {func(o object) { shop(o["total_tax_set"].(object), "11.945") }, problem.AmountPrecision, "total_tax"},
		"exponent":         {func(o object) { shop(o["total_price_set"].(object), "5e2") }, problem.Invalid, "total_price"},
		"comma":            {func(o object) { shop(o["total_price_set"].(object), "5,00") }, problem.Invalid, "total_price"},
		"beyond 64 bits":   {func(o object) { shop(o["total_price_set"].(object), "99999999999999999999.00") }, problem.AmountRange, "total_price"},
		"product beyond": {func(o object) {
			shop(lines(o)[1].(object)["price_set"].(object), "90000000000000000.00")
			lines(o)[1].(object)["quantity"] = 1000
		}, problem.AmountRange, "line_items.1.price"},
		"negative quantity": {func(o object) { lines(o)[2].(object)["quantity"] = -1 }, problem.AmountRange, "line_items.2.quantity"},
		"a line's digits":   {func(o object) { shop(lines(o)[0].(object)["price_set"].(object), "1.001") }, problem.AmountPrecision, "line_items.0.price"},
		"too many lines":    {func(o object) { o["line_items"] = make([]any, 1001) }, problem.TooLarge, "line_items"},
	} {
		_, err := shopify.New().Message("orders/paid", edited(t, "paid.json", row.edit))
		p, ok := problem.As(err)
		if !ok || p.Code != row.code || strings.Join(p.Field, ".") != row.field {
			t.Errorf("%s: %v, want %s at %s", name, err, row.code, row.field)
		}
	}
}

func TestOtherTopicsAreIgnored(t *testing.T) {
	t.Parallel()
	msg, err := shopify.New().Message("products/update", []byte("not even JSON"))
	if err != nil || !strings.HasPrefix(msg.Ignored, "TOPIC") {
		t.Errorf("got %+v, %v", msg, err)
	}
}
