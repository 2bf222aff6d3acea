package shopify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/shopify/shoptest"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/reconciliation"
	"github.com/tributary/tributary/internal/problem"
)

// at gives a body about another order, changed at so many seconds after three o'clock.
func (s *street) at(file string, orderID, second int) []byte {
	s.t.Helper()
	return edited(s.t, file, func(o object) {
		o["id"] = orderID
		o["updated_at"] = time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC).Add(time.Duration(second) * time.Second).Format(time.RFC3339)
		for _, r := range o["refunds"].([]any) {
			r.(object)["order_id"] = orderID
		}
	})
}

// reconciled runs reconciliations until none is under way, and gives the last.
func (s *street) reconciled(c *connect.Service) *ent.Reconciliation {
	s.t.Helper()
	for range 100 {
		if _, err := c.ReconcileDue(context.Background()); err != nil {
			s.t.Fatal(err)
		}
		_, err := c.WorkOff(context.Background())
		s.must(err)
		if n, err := s.store.Client().Reconciliation.Query().Where(reconciliation.StatusEQ(reconciliation.StatusRUNNING)).Count(s.ctx); err == nil && n == 0 {
			return s.store.Client().Reconciliation.Query().Order(ent.Desc(reconciliation.FieldID)).FirstX(s.ctx)
		}
		s.clock.Advance(3 * time.Second)
	}
	s.t.Fatal("it does not end")
	return nil
}

func (s *street) told(r *ent.Reconciliation, want string) {
	s.t.Helper()
	got := fmt.Sprintf("%s seen %d missing %d %v differing %d %v %s", r.Status, r.Seen, r.Missing, r.MissingIds, r.Differing, r.DifferingIds, r.Problem)
	if got != want {
		s.t.Errorf("%s, want %s", got, want)
	}
}

// Of 200 webhooks 10 never come; of these, nine orders are made and one is a later
// refund of an order that is known. After the reconciliation all are there, and a second
// one finds nothing: the money is that of 200 orders, 58.71 each, of which one has given
// back its first line, 19.57.
func TestR3_S4_WhatWebhooksLostIsFound(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.shop = s.byKeys()
	const orders = 199
	var lost []string
	for i := range orders {
		id := 1_000_000 + i
		raw := bytes.ReplaceAll(s.at("paid.json", id, i), []byte(placeholder), []byte(s.token))
		s.fake.Put(raw)
		if i%22 == 21 {
			lost = append(lost, fmt.Sprint(id))
			continue
		}
		if got := s.send("orders/paid", raw); got.Status != "APPLIED" {
			t.Fatalf("%d: %s", id, got)
		}
	}
	s.fake.Put(bytes.ReplaceAll(s.at("partially_refunded.json", 1_000_000, 900), []byte(placeholder), []byte(s.token)))
	s.told(s.reconciled(s.connect), fmt.Sprintf("DONE seen 199 missing 9 %v differing 1 [1000000] ", lost))
	if n, err := s.store.Client().Conversion.Query().Count(s.ctx); n != orders || err != nil {
		t.Errorf("%d orders, %v", n, err)
	}
	s.books("USD", orders*5871-1957)
	s.clock.Advance(11 * time.Minute)
	s.told(s.reconciled(s.connect), "DONE seen 0 missing 0 [] differing 0 [] ")
	// All of it once more finds what is here, and changes nothing.
	s.again()
	s.told(s.reconciled(s.connect), "DONE seen 199 missing 0 [] differing 0 [] ")
	s.books("USD", orders*5871-1957)
	s.reported()
}

// reported: 199 orders were named twice, and nine of them, and the later refund, were
// news the first time. Nobody has asked about the day before, nor about what is to come.
func (s *street) reported() {
	s.t.Helper()
	day := func(n int) time.Time { return time.Date(2026, 2, 28+n, 0, 0, 0, 0, time.UTC) }
	r, err := s.connect.ReconciliationReport(s.ctx, connect.ReconcileInput{ID: s.shop, From: day(0), To: day(30)})
	s.must(err)
	if got := fmt.Sprint(r.Asked, r.Running, r.Seen, r.Missing, r.Differing); got != "3 0 398 9 1" || len(r.Reconciliations) != 3 {
		s.t.Errorf("the report counts %s in %d", got, len(r.Reconciliations))
	}
	last := r.Reconciliations[1].UntilAt // of those that nobody asked for
	want := []connect.TimeGap{{From: day(0), To: day(1)}, {From: last, To: day(30)}}
	if !slices.EqualFunc(r.Gaps, want, func(a, b connect.TimeGap) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) }) {
		s.t.Errorf("gaps %v, want %v", r.Gaps, want)
	}
	if _, err := s.connect.ReconciliationReport(s.ctx, connect.ReconcileInput{ID: s.shop, From: day(1), To: day(1)}); problem.CodeOf(err) != problem.Invalid {
		s.t.Errorf("of no time: %v", err)
	}
}

// again lets all that the shop has be compared.
func (s *street) again() {
	s.t.Helper()
	_, err := s.connect.Reconcile(s.ctx, connect.ReconcileInput{
		ID: s.shop, From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
	})
	s.must(err)
}

// Whoever is killed while a page is read, or before its place is written down, loses
// nothing and doubles nothing: another server goes on from the last page.
func TestR3_AReconciliationOutlivesItsServer(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.shop = s.byKeys()
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 90 {
		s.fake.Put(bytes.ReplaceAll(s.at("paid.json", 1_000_000+i, i), []byte(placeholder), []byte(s.token)))
	}
	var kills int
	ctx, kill := context.WithCancel(context.Background())
	s.fake.Asking = func() {
		if r.IntN(2) == 0 && kills < 5 {
			kills++
			kill()
		}
	}
	for range 60 {
		_, err := s.server().ReconcileDue(ctx)
		if ctx.Err() != nil {
			ctx, kill = context.WithCancel(context.Background())
			s.clock.Advance(3 * time.Minute) // the lease of the one that is lost
		} else if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	kill()
	if kills == 0 {
		t.Error("nobody was killed")
	}
	one := s.store.Client().Reconciliation.Query().Order(ent.Asc(reconciliation.FieldID)).FirstX(s.ctx)
	if one.Status != reconciliation.StatusDONE || one.Seen != 90 || one.Missing != 90 {
		t.Errorf("%s seen %d missing %d after %d kills", one.Status, one.Seen, one.Missing, kills)
	}
	_, err := s.connect.WorkOff(context.Background())
	s.must(err)
	if n, err := s.store.Client().Conversion.Query().Count(s.ctx); n != 90 || err != nil {
		t.Errorf("%d orders, %v", n, err)
	}
	if counts := s.statuses(); counts["APPLIED"] != 90 || len(counts) != 1 {
		t.Errorf("receipts %v", counts)
	}
	s.books("USD", 90*5871)
}

// A shop that lets little be asked is asked as its bucket fills: a question that costs
// too much is put off and not lost.
func TestAShopIsAskedAsItsBucketFills(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.shop = s.byKeys()
	s.fake.Bucket = shoptest.Bucket{Max: 150, Left: 50, Restore: 2000}
	for i := range 60 {
		s.fake.Put(bytes.ReplaceAll(s.at("paid.json", 1_000_000+i, i), []byte(placeholder), []byte(s.token)))
	}
	s.told(s.reconciled(s.connect), fmt.Sprintf("DONE seen 60 missing 60 %v differing 0 [] ", ids(60)))
	if len(s.fake.Refused) == 0 || s.fake.Asked != 3 {
		t.Errorf("refused %v, answered %d", s.fake.Refused, s.fake.Asked)
	}
}

func ids(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint(1_000_000+i))
	}
	return all
}

// A shop that is down is asked again later; credentials that are taken away are told.
func TestS53_AShopThatIsDownIsAskedAgain(t *testing.T) {
	t.Parallel()
	s := openStreet(t)
	s.shop = s.byKeys()
	s.fake.Put(bytes.ReplaceAll(s.at("paid.json", 1_000_000, 1), []byte(placeholder), []byte(s.token)))
	s.fake.Do(func() { s.fake.Down = 503 })
	_, err := s.connect.ReconcileDue(context.Background())
	s.must(err)
	r := s.store.Client().Reconciliation.Query().OnlyX(s.ctx)
	s.told(r, "RUNNING seen 0 missing 0 [] differing 0 [] the account answered Service Unavailable")
	s.fake.Do(func() { s.fake.Down = 0 })
	s.clock.Advance(time.Minute)
	s.told(s.reconciled(s.connect), "DONE seen 1 missing 1 [1000000] differing 0 [] ")
}
