package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
)

// A tally that somebody changed, and one that lacks what a row says, are found
// by name; sound ones are not.
func TestVerifyFindsWhatTalliesLack(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	w := newWalk(t, s, clock, report.New(report.Config{Store: s}), map[string]int{})
	a := w.affiliates[0]
	w.clicks(w.program, a, clock.Now(), clock.Now(), clock.Now())
	w.count()
	var heard []string
	progress := func(check string, _ int64) { heard = append(heard, check) }
	if found := storetest.Must[[]store.Finding](w.market.t)(w.VerifyTallies(w.ctx, progress)); len(found) > 0 {
		t.Errorf("sound tallies: %v", found)
	}
	if want := []string{"clicks", "conversions", "commissions", "payouts"}; !slices.Equal(heard, want) {
		t.Errorf("progress: %v", heard)
	}
	w.say(commission("accrued", w.program, a, 5)) // the ledger knows nothing of it
	w.place()
	found := storetest.Must[[]store.Finding](w.market.t)(w.VerifyTallies(w.ctx, nil))
	if len(found) != 1 || !strings.Contains(found[0].Subject, a) || found[0].Detail != "accrued_minor: tallies come to 5, the rows to 0" {
		t.Errorf("found %v", found)
	}
	_, err := w.VerifyTallies(w.as(a), nil)
	w.refuses(err, problem.Forbidden, "")
}
