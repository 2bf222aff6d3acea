package woocommerce_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/conformance"
	"github.com/tributary/tributary/connect/woocommerce"
	"github.com/tributary/tributary/connect/woocommerce/woocommercetest"
)

// placeholder stands in the body where the click token belongs.
const placeholder = "000000000000000000000000000000000000000000000000"

// object is a JSON object whose numbers keep their digits.
type object = map[string]any

// edit changes an order in place.
type edit func(o object)

func file(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func parse[T any](t testing.TB, raw []byte) (out T) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func write(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// edited is the order of testdata after edits.
func edited(t testing.TB, edits ...edit) []byte {
	t.Helper()
	o := parse[object](t, file(t, "order.json"))
	for _, e := range edits {
		e(o)
	}
	return write(t, o)
}

func lines(o object) []any { return o["line_items"].([]any) }

func lineOf(o object, i int) object { return lines(o)[i].(object) }

// at sets when the order was modified, as hours and minutes of the day it was made on.
func at(clock string) edit {
	return func(o object) { o["date_modified_gmt"] = "2026-03-01T" + clock }
}

func status(s string) edit { return func(o object) { o["status"] = s } }

// paid is what payment makes of an order.
func paid(o object) {
	o["status"], o["date_paid_gmt"], o["date_modified_gmt"] = "processing", "2026-03-01T15:01:00", "2026-03-01T15:01:00"
}

// refunded names refunds as the order does: by id and amount.
func refunded(pairs ...string) edit {
	return func(o object) {
		all := []any{}
		for i := 0; i < len(pairs); i += 2 {
			all = append(all, object{"id": json.Number(pairs[i]), "reason": "", "total": "-" + pairs[i+1]})
		}
		o["refunds"] = all
	}
}

// The life of the order: placed, paid, two refunds, cancelled.
var (
	first  = []edit{paid, at("16:00:00"), refunded("930", "59.40")}
	second = []edit{paid, at("17:00:00"), refunded("931", "49.50", "930", "59.40")}
	ended  = []edit{paid, at("18:00:00"), refunded("931", "49.50", "930", "59.40"), status("cancelled")}
)

func sign(h http.Header, m conformance.Message, raw []byte, number int64, secret string, _ time.Time) {
	woocommercetest.Sign(h, m.Topic, raw, number, secret)
}

// orderID is that of a number's order.
func orderID(number int) string { return fmt.Sprint(1_000_000 + number) }

// told makes a message of a body about the order of a number.
func told(topic string, raw []byte) conformance.Message {
	return conformance.Message{Topic: topic, Body: func(number int, token string) []byte {
		out := bytes.Replace(raw, []byte(`"id":727`), []byte(`"id":`+orderID(number)), 1)
		return bytes.ReplaceAll(out, []byte(placeholder), []byte(token))
	}}
}

func subject() conformance.Subject {
	return conformance.Subject{
		Name: woocommerce.Name, Provider: woocommerce.New(), Sign: sign, Currency: "USD",
		Trial: func(raw []byte) []byte {
			return bytes.ReplaceAll(raw, []byte(`"key":"_wcpay_mode","value":"prod"`), []byte(`"key":"_wcpay_mode","value":"test"`))
		},
		Unsigned: func(h http.Header) { h.Del("X-WC-Webhook-Signature") },
	}
}

// By hand. Sold: 90.00, 54.00 and 36.00 before tax; with 10.00 shipping, 5.00 gift wrap
// and a tenth of tax 214.50. Commission of 10 percent: 9.00 + 5.40 + 3.60.
//
// Without keys nobody can be asked for the lines of refunds. Given back 59.40 of 214.50:
// 90.00 × 5940/21450 = 24.9231 → 24.92, 14.9538 → 14.95, 9.9692 → 9.97: 49.84. Taken
// back of the commission 2.492 → 2.49, 1.495 → 1.50, 0.997 → 1.00: 18.00 − 4.99 = 13.01.
//
// Given back 108.90: 45.6923 → 45.69, 27.4154 → 27.42, 18.2769 → 18.28: 91.39. Taken
// back 4.57 + 2.74 + 1.83: 18.00 − 9.14 = 8.86. The cancellation takes the rest.
const (
	waits = "PENDING WAITING base 18000 refunded 0 total 21450 USD lines [3600-0 5400-0 9000-0] net commission 0"
	sold  = "ACCEPTED RATED base 18000 refunded 0 total 21450 USD lines [3600-0 5400-0 9000-0] net commission 1800"
	once  = "PARTIALLY_REFUNDED RATED base 18000 refunded 4984 total 21450 USD lines [3600-997 5400-1495 9000-2492] net commission 1301"
	twice = "PARTIALLY_REFUNDED RATED base 18000 refunded 9139 total 21450 USD lines [3600-1828 5400-2742 9000-4569] net commission 886"
	gone  = "CANCELLED RATED base 18000 refunded 18000 total 21450 USD lines [3600-3600 5400-5400 9000-9000] net commission 0"
)

// What any provider of shops must do.
func TestConformance(t *testing.T) {
	t.Parallel()
	s := subject()
	s.Messages = []conformance.Message{
		told("order.created", edited(t)), told("order.updated", edited(t, status("on-hold"), at("15:00:01"))), told("order.updated", edited(t, paid)),
		told("order.updated", edited(t, first...)), told("order.updated", edited(t, second...)), told("order.updated", edited(t, ended...)),
	}
	s.After = []string{waits, waits, sold, once, twice, gone}
	conformance.Run(t, s, orderID)
}

func message(t testing.TB, topic string, raw []byte) connect.Message {
	t.Helper()
	msg, err := woocommerce.New().Message(topic, raw)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// Signatures that others have made: HMAC-SHA256 under "whsec_hush", by OpenSSL.
func TestASignatureMadeElsewherePasses(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	h.Set("X-WC-Webhook-Signature", "AhALIfbieOl3IW8ZFm1WH7Rnf4ygTFil/BcrEadjVZg=")
	verify := func(raw, secret string) error {
		return woocommerce.New().Verify(h, []byte(raw), [][]byte{[]byte(secret)}, time.Time{})
	}
	if err := verify(`{"id":727}`, "whsec_hush"); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "bm9uZQ==", strings.ToLower("AhALIfbieOl3IW8ZFm1WH7Rnf4ygTFil/BcrEadjVZg=")} {
		h.Set("X-WC-Webhook-Signature", bad)
		if verify(`{"id":727}`, "whsec_hush") == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

// What cannot be read is said without repeating any of it.
func TestAFaultRepeatsNothing(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"id":727,"line_items":"bob@mail.example"}`: "line_items has the wrong type", `{"id":727,"total":{"a":"bob@mail.example"}}`: "no JSON object",
		`{"id":7.5}`: "no JSON object", `bob@mail.example`: "no JSON at byte 1", `{"date_paid_gmt":"bob@mail.example"}`: "no JSON object",
	} {
		_, err := woocommerce.New().Message("order.updated", []byte(raw))
		if !errors.Is(err, connect.ErrMalformed) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "the body cannot be read: bob") {
			t.Errorf("%s: %v, want %s", raw, err, want)
		}
	}
}
