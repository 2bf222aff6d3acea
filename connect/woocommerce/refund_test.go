package woocommerce_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/woocommerce"
	"github.com/tributary/tributary/connect/woocommerce/woocommercetest"
)

// given are the refunds of testdata from one on: the latest comes first.
func given(t testing.TB, from int, edits ...func(all []any)) []byte {
	t.Helper()
	all := parse[[]any](t, file(t, "refunds.json"))[from:]
	for _, e := range edits {
		e(all)
	}
	return write(t, all)
}

// By hand, where the shop can be asked for lines. Given back the boots, 54.00: their
// 5.40 of commission. Then one of two hoodies, 45.00: 4.50.
const (
	onceByLines  = "PARTIALLY_REFUNDED RATED base 18000 refunded 5400 total 21450 USD lines [3600-0 5400-5400 9000-0] net commission 1260"
	twiceByLines = "PARTIALLY_REFUNDED RATED base 18000 refunded 9900 total 21450 USD lines [3600-0 5400-5400 9000-4500] net commission 810"
	goneByLines  = "CANCELLED RATED base 18000 refunded 18000 total 21450 USD lines [3600-3600 5400-5400 9000-9000] net commission 0"
)

func TestS46_ARefundsLinesAreAskedFor(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.has(1, edited(t, first...), given(t, 1))
	s.hears(1, "order.updated", edited(t, first...))
	s.stands(1, onceByLines)
	s.has(1, edited(t, second...), given(t, 0))
	s.hears(1, "order.updated", edited(t, second...))
	s.stands(1, twiceByLines)
	s.Books("USD", 810)
	s.hears(1, "order.updated", edited(t, first...)) // late, and again
	s.stands(1, twiceByLines)
	s.hears(1, "order.updated", edited(t, ended...))
	s.stands(1, goneByLines)
	s.Books("USD", 0)
}

// How a refund is read: by lines when they add up to what was given back, else by what
// was given back of all that was paid.
func TestS46_ARefundIsReadByLinesOrByAmount(t *testing.T) {
	t.Parallel()
	one := func(all []any) object { return all[0].(object) }
	line := func(all []any) object { return one(all)["line_items"].([]any)[0].(object) }
	for name, row := range map[string]struct {
		edit func(all []any)
		want string
	}{
		"lines": {func([]any) {}, "316×1 54.00 USD"},
		"with shipping": {func(all []any) {
			one(all)["amount"], one(all)["shipping_lines"] = "70.40", []any{object{"total": "-10.00", "total_tax": "-1.00"}}
		}, "316×1 54.00 USD"},
		"nothing but shipping": {func(all []any) {
			one(all)["amount"], one(all)["line_items"] = "11.00", []any{}
			one(all)["shipping_lines"] = []any{object{"total": "-10.00", "total_tax": "-1.00"}}
		}, ""},
		"nothing but a fee": {func(all []any) {
			one(all)["amount"], one(all)["line_items"] = "5.50", []any{}
			one(all)["fee_lines"] = []any{object{"total": "-5.00", "total_tax": "-0.50"}}
		}, ""},
		"money and no unit": {func(all []any) {
			line(all)["quantity"], line(all)["total"], line(all)["total_tax"], one(all)["amount"] = 0, "-10.00", "-1.00", "11.00"
		}, "316×0 10.00 USD"},
		"a unit and no money": {func(all []any) {
			line(all)["total"], line(all)["total_tax"], one(all)["amount"] = "0", "0", "0.00"
		}, "316×1 0.00 USD"},
		"another amount than the lines'": {func(all []any) { one(all)["amount"] = "50.00" }, "paid 50.00 USD"},
		"an amount alone":                {func(all []any) { one(all)["line_items"] = []any{} }, "paid 59.40 USD"},
		"a line of no order's":           {func(all []any) { line(all)["meta_data"] = []any{} }, "paid 59.40 USD"},
	} {
		raw := edited(t, append(first[:2:2], func(o object) { o["refunds"] = json.RawMessage(given(t, 1, row.edit)) })...)
		msg := message(t, "order.updated", raw)
		got := ""
		for _, l := range msg.Refunds[0].Lines {
			got += fmt.Sprintf("%s×%d %s", l.LineExternalID, l.Quantity, l.Amount)
		}
		if p := msg.Refunds[0].Paid; !p.IsZero() {
			got += "paid " + p.String()
		}
		at := msg.Refunds[0].OccurredAt.Format(time.RFC3339)
		if got != row.want || at != "2026-03-01T16:00:00Z" || msg.Partial || msg.Refunds[0].ExternalID != "930" {
			t.Errorf("%s: %q at %s, want %q", name, got, at, row.want)
		}
	}
}

// A fee below zero took half of each line: half of each refund is of what counts.
func TestS46_ARefundIsMeasuredAsItsOrderWas(t *testing.T) {
	t.Parallel()
	raw := edited(t, append(first[:2:2], func(o object) {
		o["refunds"] = json.RawMessage(given(t, 1))
		o["fee_lines"] = []any{object{"id": 330, "total": "-90.00", "total_tax": "0.00"}}
	})...)
	msg := message(t, "order.updated", raw)
	if l := msg.Refunds[0].Lines[0]; l.Amount.String() != "27.00 USD" || msg.Order.Lines[1].Amount.String() != "27.00 USD" {
		t.Errorf("%s of %s", l.Amount, msg.Order.Lines[1].Amount)
	}
}

// An order that is refunded whole, by an amount alone, leaves nothing: that is what
// setting its state to refunded does.
func TestS46_AFullRefundLeavesNothing(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	whole := edited(t, paid, at("16:00:00"), status("refunded"), refunded("940", "214.50"))
	s.has(1, whole, given(t, 1, func(all []any) {
		one := all[0].(object)
		one["id"], one["amount"], one["line_items"], one["reason"] = 940, "214.50", []any{}, "Order fully refunded."
	}))
	s.hears(1, "order.updated", whole)
	s.stands(1, "REFUNDED RATED base 18000 refunded 18000 total 21450 USD lines [3600-3600 5400-5400 9000-9000] net commission 0")
	s.Books("USD", 0)
}

// refusals are answers that stand before the shop or are its own, as they were seen.
func refusals() map[string]woocommercetest.Answer {
	json := http.Header{"Content-Type": {"application/json; charset=UTF-8"}}
	html := http.Header{"Content-Type": {"text/html; charset=UTF-8"}}
	return map[string]woocommercetest.Answer{
		"a firewall's 403":     {Status: 403, Header: html, Body: "<html><head><title>403 Forbidden</title></head></html>"},
		"a challenge":          {Status: 403, Header: html, Body: "<!DOCTYPE html><title>Just a moment...</title>"},
		"too many, in seconds": {Status: 429, Header: http.Header{"Retry-After": {"7"}}, Body: ""},
		"too many, by a plugin": {Status: 429, Header: json,
			Body: `{"code":"woocommerce_rest_too_many_requests","message":"Too many requests.","data":{"status":429}}`},
		"maintenance":        {Status: 503, Header: http.Header{"Retry-After": {"600"}}, Body: "<h1>Briefly unavailable for scheduled maintenance.</h1>"},
		"a gateway":          {Status: 502, Header: html, Body: "<html>502 Bad Gateway</html>"},
		"too slow":           {Status: 504, Header: html, Body: "<html>504 Gateway Time-out</html>"},
		"a host's own":       {Status: 520, Body: ""},
		"a critical error":   {Status: 500, Header: json, Body: `{"code":"internal_server_error","message":"<p>There has been a critical error on this website.</p>","data":{"status":500}}`},
		"a page with 200":    {Status: 200, Header: html, Body: "<!DOCTYPE html><html><body>Coming soon</body></html>"},
		"a warning before":   {Status: 200, Header: json, Body: "<br />\n<b>Warning</b>: Undefined array key<br />\n[]"},
		"an answer cut off":  {Status: 200, Header: json, Body: `[{"id":930,"amount":"59.40"`},
		"an object":          {Status: 200, Header: json, Body: `{"success":false}`},
		"nothing":            {Status: 200, Header: json, Body: ""},
		"not implemented":    {Status: 501, Header: html, Body: "<html>Method Not Implemented</html>"},
		"moved":              {Status: 301, Header: http.Header{"Location": {"https://www.shoes.example/wp-json/"}}},
		"a forbidden REST":   {Status: 401, Header: json, Body: `{"code":"rest_not_logged_in","message":"You are not currently logged in.","data":{"status":401}}`},
		"a bad parameter":    {Status: 400, Header: json, Body: `{"code":"rest_invalid_param","message":"Invalid parameter(s): orderby","data":{"status":400}}`},
		"no route, for once": {Status: 405, Header: json, Body: `{"code":"rest_no_route","message":"No route was found.","data":{"status":405}}`},
	}
}

// Whatever the shop answers instead of a refund's lines, the message is tried again and
// ends as if it had answered at once.
func TestS53_ARefusedQuestionAboutARefundIsAskedAgain(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	number := 0
	for name, one := range refusals() {
		number++
		s.has(number, edited(t, first...), given(t, 1))
		s.fake.Do(func() { s.fake.Instead = []woocommercetest.Answer{one, one} })
		s.hears(number, "order.updated", edited(t, first...))
		if got := s.State(s.Ctx, orderID(number)); got != "unknown" {
			t.Errorf("%s: taken at once: %s", name, got)
		}
		for range 2 {
			s.Clock.Advance(time.Minute)
			s.works()
		}
		if s.stands(number, onceByLines); t.Failed() {
			t.Fatal(name)
		}
	}
	s.Books("USD", int64(1260*number))
}

// Where nothing more can be asked, because the keys are gone or the order is, a refund is
// taken by its amount, as without keys.
func TestS46_ARefundWhoseLinesNobodyTellsIsTakenByItsAmount(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.hears(1, "order.updated", edited(t, first...)) // of an order that the shop has no more
	s.stands(1, once)
	s.fake.Do(func() { s.fake.WriteKey = true })
	s.hears(2, "order.updated", edited(t, first...))
	s.stands(2, once)
}

// A shop that never answers does not keep a refund from being taken for ever: at the last
// of ten tries, within half a day, it is taken by its amount.
func TestS53_ARefundIsTakenByItsAmountAtTheLastTry(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.has(1, edited(t, first...), given(t, 1))
	blocked := woocommercetest.Answer{Status: 403, Body: "<html>blocked</html>"}
	s.fake.Do(func() { s.fake.Instead = slices.Repeat([]woocommercetest.Answer{blocked}, 100) })
	s.hears(1, "order.updated", edited(t, first...))
	for range 8 {
		s.Clock.Advance(5 * time.Hour)
		s.works()
		s.stands(1, "unknown")
	}
	s.Clock.Advance(5 * time.Hour)
	s.works()
	s.stands(1, once)
	s.Books("USD", 1301)
	if counts := s.Statuses(); counts["APPLIED"] != 1 || len(counts) != 1 {
		t.Errorf("receipts %v", counts)
	}
}

// An order has more refunds than the shop tells at once.
func TestS46_ManyRefundsAreAskedForByPages(t *testing.T) {
	t.Parallel()
	fake := played(t)
	named, all := []string{}, []any{}
	for i := range 60 {
		id := fmt.Sprint(5000 + i)
		named = append(named, id, "1.00")
		all = append(all, object{"id": json.Number(id), "amount": "1.00", "date_created_gmt": "2026-03-01T16:00:00", "line_items": []any{}})
	}
	raw := edited(t, paid, at("16:00:00"), refunded(named...))
	fake.Put(raw)
	fake.Give("727", write(t, all))
	for _, fake.NoCounts = range []bool{false, true} {
		fake.Asked = 0
		whole, err := woocommerce.At(fake.Base).Complete(context.Background(), caller(), "shoes.example", connect.Credentials{Keys: keys()}, "order.updated", raw)
		if err != nil {
			t.Fatal(err, fake.Refused)
		}
		if msg := message(t, "order.updated", whole); len(msg.Refunds) != 60 || msg.Partial || fake.Asked != 3 {
			t.Errorf("%d refunds in %d questions", len(msg.Refunds), fake.Asked)
		}
	}
	if strings.Join(fake.Refused, "") != "" {
		t.Errorf("refused %v", fake.Refused)
	}
}
