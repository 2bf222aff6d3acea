package woocommerce_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/woocommerce"
	"github.com/tributary/tributary/connect/woocommerce/woocommercetest"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/reconciliation"
)

// after is so many seconds after three o'clock.
func after(seconds int) edit {
	return at(time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second).Format("15:04:05"))
}

var window = connect.PullAsk{Since: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}

// pulled reads all pages of a time, and gives the ids in the order in which they came.
func pulled(t testing.TB, fake *woocommercetest.Shop, between func(page int)) (ids []string, pages []connect.Pulled) {
	t.Helper()
	ask := window
	for n := range 100 {
		page, err := woocommerce.At(fake.Base).Pull(context.Background(), caller(), "shoes.example", connect.Credentials{Keys: keys()}, ask)
		if err != nil {
			t.Fatalf("%v, refused %v", err, fake.Refused)
		}
		pages = append(pages, page)
		for _, one := range page.Orders {
			ids = append(ids, message(t, one.Topic, one.Raw).OrderID)
		}
		if page.Cursor == "" && !page.Again {
			return ids, pages
		}
		if !page.Again {
			ask.Cursor = page.Cursor
		}
		between(n)
	}
	t.Fatal("it does not end")
	return nil, nil
}

func nothing(int) {}

// The same order by webhook and by question is the same, byte for byte, in every state
// and currency: by webhook once its refunds have been asked for.
func TestS22_TheSameOrderByWebhookAndByQuestion(t *testing.T) {
	t.Parallel()
	for name, edits := range map[string][]edit{
		"placed": nil, "paid": {paid}, "refunded": first, "twice": second, "cancelled": ended, "trash": {paid, status("completed")},
		"yen": {paid, in("JPY", 0, "")}, "dinars": {paid, in("KWD", 3, "")},
	} {
		fake, raw := played(t), edited(t, edits...)
		fake.Put(raw)
		fake.Give("727", given(t, 0))
		_, pages := pulled(t, fake, nothing)
		if len(pages) != 1 || len(pages[0].Orders) != 1 || pages[0].Orders[0].Unread != nil {
			t.Fatalf("%s: %+v, refused %v", name, pages, fake.Refused)
		}
		asked, said := message(t, pages[0].Orders[0].Topic, pages[0].Orders[0].Raw), message(t, "order.updated", raw)
		if said.Partial {
			whole, err := woocommerce.At(fake.Base).Complete(context.Background(), caller(), "shoes.example", connect.Credentials{Keys: keys()}, "order.updated", raw)
			if err != nil {
				t.Fatal(err)
			}
			said = message(t, "order.updated", whole)
		}
		asked.Key, said.Key = "", "" // a mark of the bytes of one message
		if a, b := string(write(t, asked)), string(write(t, said)); a != b || asked.Order.Digest() != said.Order.Digest() {
			t.Errorf("%s: by question\n%s\nby webhook\n%s", name, a, b)
		}
	}
}

// Pages are read to the end, each order once, also where many changed in one second,
// and where the host takes the headers away that count them.
func TestS4_EveryOrderOfATimeIsReadOnce(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]func(i int) int{
		"each its own second": func(i int) int { return i },
		"three a second":      func(i int) int { return i / 3 },
		"all in one second":   func(int) int { return 0 },
		"most in one second":  func(i int) int { return max(0, i-60) },
		"the last together":   func(i int) int { return min(i, 10) },
	} {
		for _, bare := range []bool{false, true} {
			fake := played(t)
			fake.NoCounts = bare
			want := []string{}
			for i := range 80 {
				fake.Put(told("", edited(t, paid, after(when(i)))).Body(i, "t"))
				want = append(want, orderID(i))
			}
			ids, _ := pulled(t, fake, nothing)
			if slices.Sort(ids); !slices.Equal(ids, want) {
				t.Errorf("%s: %d orders, want 80: %v; refused %v", name, len(ids), ids, fake.Refused)
			}
		}
	}
}

// What changes while the shop is asked leaves its place, and nothing that comes after it
// is passed over. Asked page after page by number, the order after the page would be.
func TestS4_WhatChangesMeanwhileHidesNothing(t *testing.T) {
	t.Parallel()
	fake := played(t)
	for i := range 80 {
		fake.Put(told("", edited(t, paid, after(i))).Body(i, "t"))
	}
	ids, _ := pulled(t, fake, func(page int) {
		fake.Put(told("", edited(t, paid, func(o object) { o["date_modified_gmt"] = "2026-05-01T00:00:00" })).Body(page, "t"))
	})
	for i := range 80 {
		if !slices.Contains(ids, orderID(i)) {
			t.Errorf("%s was passed over", orderID(i))
		}
	}
	if len(ids) != 80 {
		t.Errorf("%d orders", len(ids))
	}
}

// A shop that wants to be left alone in the middle of a page is asked later for the rest
// of it: what was read is kept.
func TestS4_AShopIsLeftAloneWhenItAsks(t *testing.T) {
	t.Parallel()
	fake := played(t)
	for i := range 10 {
		fake.Put(told("", edited(t, append(first[:2:2], after(i), refunded("930", "59.40"))...)).Body(i, "t"))
		fake.Give(orderID(i), given(t, 1))
	}
	busy := woocommercetest.Answer{Status: 429, Header: http.Header{"Retry-After": {"7"}}}
	questions := 0
	fake.Asking = func() { // a page, then the refunds of four orders
		if questions++; questions == 5 {
			fake.Instead = []woocommercetest.Answer{busy}
		}
	}
	ids, pages := pulled(t, fake, nothing)
	if len(ids) != 10 || len(pages) != 2 || len(pages[0].Orders) != 4 || pages[0].Again || pages[0].Wait != 7*time.Second {
		t.Errorf("%d orders in %d pages, first %+v", len(ids), len(pages), pages[0])
	}
	fake.Instead = []woocommercetest.Answer{busy}
	if _, pages = pulled(t, fake, nothing); !pages[0].Again || pages[0].Wait != 7*time.Second {
		t.Errorf("first %+v", pages[0])
	}
}

// Refunds of more orders than can be asked about at once make a page end earlier, not
// where all of it is of one second: then there is no earlier end.
func TestS4_ManyRefundsShortenAPage(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ apart, first int }{{1, 10}, {0, 20}} {
		fake := played(t)
		for i := range 20 {
			fake.Put(told("", edited(t, append(first[:2:2], after(i*row.apart), refunded("930", "59.40"))...)).Body(i, "t"))
			fake.Give(orderID(i), given(t, 1))
		}
		start := window
		start.Since = time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC)
		page, err := woocommerce.At(fake.Base).Pull(context.Background(), caller(), "shoes.example", connect.Credentials{Keys: keys()}, start)
		if err != nil || len(page.Orders) != row.first || page.Wait != 0 {
			t.Errorf("%d orders at first, want %d, %v", len(page.Orders), row.first, err)
		}
		if ids, _ := pulled(t, fake, nothing); len(ids) != 20 {
			t.Errorf("%d orders", len(ids))
		}
	}
}

// Of 60 webhooks six never come; of these five orders are made and one is a later refund
// of an order that is known. After the reconciliation all are there, and a second one
// finds nothing: the money is that of 60 orders, 18.00 each, one of which has given back
// its boots, 5.40.
func TestR3_S4_WhatWebhooksLostIsFound(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	var lost []string
	for i := range 60 {
		raw := edited(t, paid, after(i))
		s.has(i, raw, nil)
		if i%12 == 11 {
			lost = append(lost, orderID(i))
			continue
		}
		s.hears(i, "order.updated", raw)
		if i%7 == 0 {
			s.hears(i, "order.created", raw)
		}
	}
	s.has(0, edited(t, first...), given(t, 1))
	s.reports(s.reconciled(), fmt.Sprintf("DONE seen 60 missing 5 %v differing 1 [1000000]", lost))
	if n, err := s.Store.Client().Conversion.Query().Count(s.Ctx); n != 60 || err != nil {
		t.Errorf("%d orders, %v", n, err)
	}
	s.stands(0, onceByLines)
	s.Books("USD", 60*1800-540)
	s.Clock.Advance(11 * time.Minute)
	s.reports(s.reconciled(), "DONE seen 0 missing 0 [] differing 0 []")
	s.again()
	s.reports(s.reconciled(), "DONE seen 60 missing 0 [] differing 0 []")
	s.Books("USD", 60*1800-540)
	if s.hears(11, "order.updated", edited(t, paid, after(11))); len(s.fake.Refused) > 0 { // its webhook comes at last
		t.Errorf("refused %v", s.fake.Refused)
	}
	s.stands(11, sold)
	s.Books("USD", 60*1800-540)
	r, err := s.Connect.ReconciliationReport(s.Ctx, connect.ReconcileInput{ID: s.Shop, From: time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)})
	s.Must(err)
	if got := fmt.Sprint(r.Asked, r.Running, r.Seen, r.Missing, r.Differing); got != "3 0 120 5 1" {
		t.Errorf("the report counts %s", got)
	}
}

// Whoever is killed while a page is read loses nothing and doubles nothing: another
// server goes on from the last page.
func TestR3_AReconciliationOutlivesItsServer(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	for i := range 60 {
		s.has(i, edited(t, paid, after(i)), nil)
	}
	questions, kills := 0, 0
	ctx, kill := context.WithCancel(context.Background())
	s.fake.Asking = func() {
		if questions++; questions == 2 || questions == 4 {
			kills++
			kill()
		}
	}
	for range 20 {
		_, err := s.server().ReconcileDue(ctx)
		if ctx.Err() != nil {
			ctx, kill = context.WithCancel(context.Background())
			s.Clock.Advance(3 * time.Minute) // the lease of the one that is lost
		} else if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	kill()
	one := s.Store.Client().Reconciliation.Query().Order(ent.Asc(reconciliation.FieldID)).FirstX(s.Ctx)
	s.reports(one, fmt.Sprintf("DONE seen 60 missing 60 %v differing 0 []", one.MissingIds))
	s.works()
	if counts := s.Statuses(); counts["APPLIED"] != 60 || len(counts) != 1 || kills != 2 {
		t.Errorf("receipts %v after %d kills", counts, kills)
	}
	s.Books("USD", 60*1800)
}

// Whatever stands before the shop, a reconciliation waits and ends: nothing is missed.
func TestS53_AReconciliationOutlivesWhatStandsBeforeTheShop(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.has(1, edited(t, first...), given(t, 1))
	for name, one := range refusals() {
		s.again()
		s.fake.Do(func() { s.fake.Instead = []woocommercetest.Answer{one, one} })
		r := s.reconciled()
		if r.Status != "DONE" || r.Problem != "" {
			t.Errorf("%s: %s %s", name, r.Status, r.Problem)
		}
		s.fake.Do(func() { s.fake.Instead = nil })
	}
	s.stands(1, onceByLines)
	s.Books("USD", 1260)
}

// An order that cannot be read does not keep the others from being found.
func TestS4_AnOrderThatCannotBeReadHidesNoOther(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.has(1, edited(t, paid, after(1)), nil)
	s.has(2, edited(t, paid, after(2), func(o object) { o["refunds"] = []any{object{"id": json.Number("7.5")}} }), nil)
	s.has(3, edited(t, paid, after(3)), nil)
	s.reports(s.reconciled(), "DONE seen 3 missing 2 [1000001 1000003] differing 1 []")
}

// Questions that the shop that is played refuses: what the real one leaves unread is
// refused here, so that nobody counts on it.
func TestTheShopThatIsPlayedRefuses(t *testing.T) {
	t.Parallel()
	fake := played(t)
	fake.Put(edited(t, paid))
	for _, row := range []struct{ path, user, want string }{
		{"orders?per_page=101", woocommercetest.Key, "400 rest_invalid_param"}, {"orders?page=0", woocommercetest.Key, "400 rest_invalid_param"},
		{"orders?updated_after=2026-03-01", woocommercetest.Key, "400 rest_invalid_param"}, {"orders?orderby=total", woocommercetest.Key, "400 rest_invalid_param"},
		{"orders?modified_after=2026-03-01T00:00:00", woocommercetest.Key, "400 rest_invalid_param"}, {"orders?modified_after=yesterday&dates_are_gmt=true", woocommercetest.Key, "400 rest_invalid_param"},
		{"orders/728", woocommercetest.Key, "404 woocommerce_rest_shop_order_invalid_id"}, {"orders/728/refunds", woocommercetest.Key, "404 woocommerce_rest_invalid_order_id"},
		{"orders", "ck_other", "401 woocommerce_rest_authentication_error"}, {"orders", "", "401 woocommerce_rest_cannot_view"}, {"invoices", woocommercetest.Key, "404 rest_no_route"},
		{"orders/727", woocommercetest.Key, "200 "},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fake.URL+"/wp-json/wc/v3/"+row.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if row.user != "" {
			r.SetBasicAuth(row.user, woocommercetest.Secret)
		}
		answer, err := caller()(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		body := parse[struct {
			Code string
			Data struct{ Status int }
		}](t, answer.Body)
		if got := fmt.Sprint(answer.Status, " ", body.Code); got != row.want || body.Code != "" && body.Data.Status != answer.Status {
			t.Errorf("%s: %s, want %s", row.path, got, row.want)
		}
	}
}
