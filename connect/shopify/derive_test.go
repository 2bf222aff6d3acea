package shopify_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata from order.json")

// placeholder stands in the bodies where the click token belongs.
const placeholder = "000000000000000000000000000000000000000000000000"

// object is a JSON object whose numbers keep their digits.
type object = map[string]any

// edit changes an order body in place.
type edit func(o object)

// read gives the order or refund within a file of the SDK.
func read(t testing.TB, file, wrapper string) object {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, raw)[wrapper].(object)
}

func parse(t testing.TB, raw []byte) (o object) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		t.Fatal(err)
	}
	return o
}

// write gives the bytes of a body, members sorted, numbers as they were written.
func write(t testing.TB, o object) []byte {
	t.Helper()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// unwrapped is the order of the SDK: cancelled, everything refunded.
func unwrapped(t testing.TB) object { return read(t, "order.json", "order") }

func with(o object, edits ...edit) object {
	for _, e := range edits {
		e(o)
	}
	return o
}

func lines(o object) []any { return o["line_items"].([]any) }

// placed undoes what happened to the SDK's order after it was placed.
func placed(o object) {
	for _, name := range []string{"cancelled_at", "cancel_reason", "closed_at"} {
		o[name] = nil
	}
	o["created_at"], o["processed_at"] = "2026-03-01T10:00:00-05:00", "2026-03-01T10:00:00-05:00"
	o["financial_status"], o["refunds"], o["fulfillments"] = "pending", []any{}, []any{}
	for _, l := range lines(o) {
		l.(object)["current_quantity"] = l.(object)["quantity"]
	}
	for _, name := range []string{"subtotal_price", "total_price", "total_tax", "total_discounts"} {
		o["current_"+name], o["current_"+name+"_set"] = o[name], o[name+"_set"]
	}
}

// clicked puts the token where the storefront script puts it.
func clicked(o object) {
	o["note_attributes"] = append(o["note_attributes"].([]any), object{"name": "trb_click", "value": placeholder})
}

func at(clock string) edit {
	return func(o object) { o["updated_at"] = "2026-03-01T" + clock + "-05:00" }
}

func paid(o object) { o["financial_status"], o["total_outstanding"] = "paid", "0.00" }

// refund gives back the one line at a place of the order, as a refund of its own.
func refund(t testing.TB, id string, place int, clock string) object {
	f := unwrapped(t)["refunds"].([]any)[0].(object)
	f["id"], f["admin_graphql_api_id"] = json.Number(id), "gid://shopify/Refund/"+id
	f["refund_line_items"] = f["refund_line_items"].([]any)[place : place+1]
	f["created_at"], f["processed_at"] = "2026-03-01T"+clock+"-05:00", "2026-03-01T"+clock+"-05:00"
	return f
}

const (
	firstRefund  = "929361465"
	secondRefund = "929361466"
)

func refundFirst(t testing.TB) object  { return refund(t, firstRefund, 0, "11:00:00") }
func refundSecond(t testing.TB) object { return refund(t, secondRefund, 1, "12:00:00") }

// refunded is the order after its first refund.
func refundedFirst(t testing.TB) edit {
	return func(o object) {
		o["financial_status"], o["refunds"] = "partially_refunded", []any{refundFirst(t)}
		lines(o)[0].(object)["current_quantity"] = json.Number("0")
	}
}

// cancelled is the order after both refunds; nobody paid back the third line.
func cancelled(t testing.TB) edit {
	return func(o object) {
		o["financial_status"], o["refunds"] = "partially_refunded", []any{refundFirst(t), refundSecond(t)}
		o["cancelled_at"], o["cancel_reason"] = "2026-03-01T13:00:00-05:00", "customer"
		for _, l := range lines(o) {
			l.(object)["current_quantity"] = json.Number("0")
		}
		lines(o)[2].(object)["current_quantity"] = json.Number("1")
	}
}

// walk calls fn for every member of every object below v.
func walk(v any, fn func(o object, name string)) {
	switch v := v.(type) {
	case object:
		for name := range v {
			fn(v, name)
			walk(v[name], fn)
		}
	case []any:
		for _, element := range v {
			walk(element, fn)
		}
	}
}

var cents = regexp.MustCompile(`^-?\d+\.\d\d$`)

// in moves every amount to another currency so that its minor units stay what they
// were: 199.00 dollars become 19900 yen or 19.900 dinars.
func in(currency string, digits int) edit {
	return func(o object) {
		walk(o, func(o object, name string) {
			switch v := o[name].(type) {
			case string:
				if v == "USD" {
					o[name] = currency
				} else if cents.MatchString(v) {
					o[name] = shift(v, digits)
				}
			case json.Number:
				if name == "subtotal" || name == "total_tax" {
					o[name] = json.Number(shift(string(v), digits))
				}
			}
		})
	}
}

// shift moves the point of an amount in cents. An amount in yen is written "19900"
// here; that JSON numbers come as 19900.0 is TestQ18's matter.
func shift(amount string, digits int) string {
	minor := strings.TrimLeft(strings.Replace(amount, ".", "", 1), "0")
	minor = strings.Repeat("0", max(0, digits+1-len(minor))) + minor
	if digits == 0 {
		return minor
	}
	return minor[:len(minor)-digits] + "." + minor[len(minor)-digits:]
}

// seenInEuros makes what the buyer saw differ from what the shop takes in.
func seenInEuros(o object) {
	o["presentment_currency"] = "EUR"
	walk(o, func(o object, name string) {
		if name == "presentment_money" {
			o[name] = object{"amount": "1.23", "currency_code": "EUR"}
		}
	})
}

// taxIncluded leaves the prices as they are and says that they hold the tax.
func taxIncluded(o object) {
	o["taxes_included"] = true
	for _, name := range []string{"total_price", "current_total_price"} {
		o[name] = "587.00" // 3 × 199.00 − 10.00
		o[name+"_set"].(object)["shop_money"].(object)["amount"] = "587.00"
	}
}

// bodies derives every file of testdata but the SDK's own.
func bodies(t testing.TB) map[string]object {
	order := func(edits ...edit) object { return with(unwrapped(t), append([]edit{placed, clicked}, edits...)...) }
	return map[string]object{
		"created.json":            order(at("10:00:01")),
		"updated.json":            order(at("10:00:02")),
		"paid.json":               order(paid, at("10:00:03")),
		"refund_first.json":       refundFirst(t),
		"refund_second.json":      refundSecond(t),
		"partially_refunded.json": order(paid, refundedFirst(t), at("11:00:00")),
		"cancelled.json":          order(paid, cancelled(t), at("13:00:00")),
		"paid_jpy.json":           order(paid, at("10:00:03"), in("JPY", 0)),
		"paid_kwd.json":           order(paid, at("10:00:03"), in("KWD", 3)),
		"refund_first_jpy.json":   with(refundFirst(t), in("JPY", 0)),
		"refund_first_kwd.json":   with(refundFirst(t), in("KWD", 3)),
		"paid_seen_in_eur.json":   order(paid, at("10:00:03"), seenInEuros),
		"paid_tax_included.json":  order(paid, at("10:00:03"), taxIncluded),
	}
}

func TestBodiesAreDerived(t *testing.T) {
	for name, o := range bodies(t) {
		path := filepath.Join("testdata", name)
		want := write(t, o)
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the edits make of order.json: run with -update", name)
		}
	}
}

// body reads a derived file.
func body(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// edited derives one more body for a single test.
func edited(t testing.TB, name string, edits ...edit) []byte {
	t.Helper()
	return write(t, with(parse(t, body(t, name)), edits...))
}
