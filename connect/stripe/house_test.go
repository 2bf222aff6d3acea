package stripe_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/conformance"
	"github.com/tributary/tributary/connect/stripe"
)

// event gives the event of a file about the order of a number.
func event(t testing.TB, file string) func(number int, token string) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return func(number int, token string) []byte {
		out := bytes.ReplaceAll(raw, []byte("NUMBER"), fmt.Appendf(nil, "%07d", number))
		return bytes.ReplaceAll(out, []byte("TOKEN"), []byte(token))
	}
}

type object = map[string]any

// edited changes the object of an event; the event has another id then.
func edited(t testing.TB, file string, change func(o object)) func(int, string) []byte {
	t.Helper()
	body := event(t, file)
	return func(number int, token string) []byte {
		var e object
		d := json.NewDecoder(bytes.NewReader(body(number, token)))
		d.UseNumber()
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		change(e["data"].(object)["object"].(object))
		sum := sha256.Sum256(fmt.Append(nil, e))
		e["id"] = "evt_" + hex.EncodeToString(sum[:8])
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
}

func messages(t testing.TB, files ...string) (all []conformance.Message) {
	for _, f := range files {
		all = append(all, conformance.Message{Topic: f, Body: event(t, f)})
	}
	return all
}

func sign(h http.Header, _ conformance.Message, raw []byte, _ int64, secret string, at time.Time) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	h.Set("Stripe-Signature", "t="+stamp+",v1="+hex.EncodeToString(stripe.Sign([]byte(secret), stamp, raw)))
}

// subject is Stripe with what it tells about an order.
func subject(all []conformance.Message, after []string) conformance.Subject {
	return conformance.Subject{
		Name: stripe.Name, Provider: stripe.New(), Sign: sign, Messages: all, After: after, Currency: "USD",
		Trial: func(raw []byte) []byte {
			return bytes.ReplaceAll(raw, []byte(`"livemode": true`), []byte(`"livemode": false`))
		},
		Unsigned: func(h http.Header) { h.Del("Stripe-Signature") },
	}
}

func invoiceID(number int) string { return fmt.Sprintf("in_%07d", number) }

// By hand. Sold: 100.00 and 50.00 − 10.00 = 40.00 before tax; a fifth of tax, 28.00:
// 168.00. Commission of 10 percent: 10.00 + 4.00.
//
// Given back 40.01 of 168.00: 100.00 × 4001/16800 = 23.8155 → 23.82 and 40.00 × 4001/16800
// = 9.5262 → 9.53, 33.35. Left: 76.18 and 30.47 → 7.62 + 3.05 = 10.67.
//
// Given back 73.36: 43.6667 → 43.67 and 17.4667 → 17.47, 61.14. Left: 56.33 and 22.53 →
// 5.63 + 2.25 = 7.88. The bank takes the rest, and gives it back.
const (
	sold    = "ACCEPTED RATED base 14000 refunded 0 total 16800 USD lines [10000-0 4000-0] net commission 1400"
	once    = "PARTIALLY_REFUNDED RATED base 14000 refunded 3335 total 16800 USD lines [10000-2382 4000-953] net commission 1067"
	twice   = "PARTIALLY_REFUNDED RATED base 14000 refunded 6114 total 16800 USD lines [10000-4367 4000-1747] net commission 788"
	charged = "CHARGED_BACK RATED base 14000 refunded 14000 total 16800 USD lines [10000-10000 4000-4000] net commission 0"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	s := subject(
		messages(t, "session", "invoice", "invoice_payment", "refund_first", "refund_second", "dispute_opened", "dispute_won", "renewal"),
		[]string{"unknown", sold, sold, once, twice, charged, twice, twice},
	)
	s.Pending = 788 + 1400
	conformance.Run(t, s, invoiceID)
}

func TestQ13_ConformanceOfADisputeThatIsLost(t *testing.T) {
	t.Parallel()
	s := subject(
		messages(t, "session", "invoice", "invoice_payment", "dispute_opened_whole", "dispute_lost"),
		[]string{"unknown", sold, sold, charged, charged},
	)
	conformance.Run(t, s, invoiceID)
}

func message(t testing.TB, raw []byte) connect.Message {
	t.Helper()
	msg, err := stripe.New().Message("", raw)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}
