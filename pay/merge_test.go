package pay_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/pay"
	"github.com/tributary/tributary/roster"
)

// merge makes one of two, as earn does it.
func (d *desk) merge(from, into string) {
	d.t.Helper()
	_, err := store.Run(d.ctx, d.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (string, error) {
		m, err := roster.MergeIn(ctx, tx, from, into, "one person")
		if err == nil {
			err = d.ledger.MergeIn(ctx, tx, m.ID, from, into)
		}
		if err == nil {
			err = roster.MergedIn(ctx, tx, m)
		}
		return tx.ID(id.Event), err
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// A payout under way when its affiliate is merged is the survivor's when it ends, and when
// it comes back; one that was sent before stays whose it was, also when it comes back
// after. So says the book, and so do the events by which reports count.
func TestQ80_PayoutsEndWhereTheBookHasThem(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a, b := d.affiliate(), d.affiliate()
	d.owe(a, 1000, "USD")
	_, sent := d.settled("2026-03")
	d.owe(a, 2500, "USD")
	batch := d.batch("2026-04")
	_, under := d.payouts(batch)
	d.approve(batch)
	d.merge(a, b)
	storetest.Must[pay.PayoutOutcome](t)(d.PayoutSettle(d.ctx, pay.PayoutSettleInput{ID: under[a]}))
	d.stands(a, "0 0 1000")
	d.stands(b, "0 0 2500")
	for _, p := range []string{sent[a], under[a]} {
		if err := d.returned(p); err != nil {
			t.Fatal(err)
		}
	}
	d.stands(a, "0 0 0")
	d.stands(b, "3500 0 0")
	names := map[string]string{a: "the merged", b: "the survivor"}
	var got []string
	for _, e := range d.journal() {
		if e.Type == "payout.settled" || e.Type == "payout.returned" {
			got = append(got, e.Type+" "+e.Facts["amount"]+" "+names[e.AffiliateID])
		}
	}
	want := []string{
		"payout.settled 1000 the merged", "payout.settled 2500 the survivor",
		"payout.returned 1000 the merged", "payout.returned 2500 the survivor",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the events say %q", got)
	}
}
