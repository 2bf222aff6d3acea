package report_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/report"
)

// Random orders, refunds, decisions and payouts while somebody watches. At the
// quiet moment after them live totals, stats and the ledger say the same.
func TestN04_LiveTotalsAreTheLedgers(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	r := report.New(report.Config{Store: s})
	server := newMarket(t, s, clock, r)
	server.serve()
	seen := map[string]int{}
	draws.Explore(t, seen, func(rt *rapid.T) {
		w := newWalk(t, s, clock, r, seen)
		ctx, leave := context.WithCancel(w.ctx)
		defer leave()
		live := storetest.Must[<-chan report.LiveStats](w.market.t)(w.Live(ctx, report.Filter{}))
		own := storetest.Must[<-chan report.LiveStats](w.market.t)(w.Live(w.as(w.affiliates[0]), report.Filter{}))
		for range rapid.IntRange(50, 80).Draw(rt, "steps") {
			w.step(rt)
		}
		w.agrees(rt, live, "")
		w.agrees(rt, own, w.affiliates[0])
		w.tell()
		if found := storetest.Must[[]store.Finding](w.market.t)(w.VerifyTallies(w.ctx, nil)); len(found) > 0 {
			rt.Errorf("verify: %v", found)
		}
	},
		"clicks.recorded", "conversion.accepted", "conversion.credited", "conversion.uncredited", "conversion.amended", "conversion.cancelled", "refund.recorded", "chargeback.opened", "chargeback.won",
		"commission.accrued", "commission.approved", "commission.rejected", "commission.adjusted",
		"commission.reversed from PENDING", "commission.reversed from APPROVED", "payout.settled", "payout.returned", "affiliate.merged")
}

// agrees compares what a watcher was told last with the stats and the ledger.
func (w *walk) agrees(rt *rapid.T, live <-chan report.LiveStats, affiliate string) {
	for w.uncounted() {
		time.Sleep(2 * time.Millisecond) // followers have no signal for those who wait for them
	}
	stats := w.stats(w.ctx, report.Filter{AffiliateID: affiliate})
	until(w.t, live, spellAll(stats.Totals)...)
	want, got := map[string][3]string{}, map[string][3]string{} // accrued, approved, paid; currencies with nothing in them left out
	for c, s := range w.owed(affiliate) {
		approved := s.Payable.Minor + s.Reserved.Minor + s.Paid.Minor
		want[string(c)] = [3]string{money.Of(approved+s.Pending.Minor, c).Decimal(), money.Of(approved, c).Decimal(), s.Paid.Decimal()}
	}
	for _, r := range stats.Totals {
		got[r.Currency] = [3]string{r.Accrued(), r.Approved(), r.Paid()}
	}
	nothing := func(_ string, v [3]string) bool { return strings.Trim(v[0]+v[1]+v[2], "0.") == "" }
	maps.DeleteFunc(want, nothing)
	maps.DeleteFunc(got, nothing)
	if !maps.Equal(got, want) {
		rt.Errorf("of %q: tallies say %v, the ledger %v", affiliate, got, want)
	}
}

// uncounted reports whether the follower has events to count. Placing is asked
// for first: an event placed after the head was read would be overlooked.
func (w *walk) uncounted() bool {
	if storetest.Must[int64](w.market.t)(w.store.Lag(w.ctx)) > 0 {
		return true
	}
	head := storetest.Must[int64](w.market.t)(w.store.HeadOf(w.ctx, w.merchant))
	return storetest.Must[int64](w.market.t)(w.store.Cursor(w.ctx, w.Follower().Name)) < head
}

// owed is the ledger's word, of one affiliate or of all.
func (w *walk) owed(affiliate string) map[money.Currency]ledger.Standing {
	out := map[money.Currency]ledger.Standing{}
	for _, b := range storetest.Must[[]ledger.Balance](w.market.t)(w.ledger.Balances(w.ctx, affiliate)) {
		s := out[b.Currency]
		s.Pending.Minor += b.Pending.Minor
		s.Payable.Minor += b.Payable.Minor
		s.Reserved.Minor += b.Reserved.Minor
		s.Paid = money.Of(s.Paid.Minor+b.Paid.Minor, b.Currency)
		out[b.Currency] = s
	}
	return out
}
