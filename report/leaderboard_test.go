package report_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/track/order"
)

// best asks for this month's leaderboard of the walk's program.
func (w *walk) best(by report.BoardMetric, change ...func(*report.LeaderboardInput)) report.LeaderboardInput {
	in := report.LeaderboardInput{ProgramID: w.program, BoardDays: report.BoardDays{Period: report.ThisMonth}, By: by, Top: 10}
	if by == report.BoardRevenue || by == report.BoardCommission {
		in.Currency = "USD"
	}
	for _, c := range change {
		c(&in)
	}
	return in
}

// places spells a board as "place affiliate clicks conversions revenue commission", and who else there is.
func (w *walk) places(l report.Leaderboard) string {
	var out []string
	for _, r := range l.Rows {
		out = append(out, fmt.Sprintf("%d a%d %d %d %s %s", r.Place, slices.Index(w.affiliates, r.AffiliateID), r.Clicks, r.Conversions, text(r.Revenue()), text(r.Commission())))
	}
	if l.Further == nil {
		return strings.Join(append(out, "alone"), ", ")
	}
	return strings.Join(append(out, fmt.Sprintf("%d more", *l.Further)), ", ")
}

// J04: places typed by hand. Affiliate 0 has six clicks, two of them unpayable, and sells for
// 80.00, half of it given back, and for 30.01: 70.01 of revenue, 5.00 + 3.75 of commission.
// Affiliate 1 has three clicks, one of them unpayable, and sells for 20.00: 2.50. So does
// affiliate 2, without a click. Somebody without credit sells for 1.00 and has no place.
func TestJ04_PlacesTypedByHand(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	at := w.clock.Now()
	w.clicks(w.program, w.affiliates[0], at, at, at, at, at, at)
	w.clicks(w.program, w.affiliates[1], at, at, at)
	w.sale("1", 8000, 0)
	w.sale("2", 3001, 0)
	w.sale("3", 2000, 1)
	w.sale("4", 2000, 2)
	w.sale("5", 100, -1)
	_, err := w.earn.AcceptRefund(w.ctx, order.Refund{Source: "api", OrderExternalID: "1", ExternalID: "r", OccurredAt: at, Currency: "USD", Amount: money.Of(4000, "USD")})
	if err != nil {
		t.Fatal(err)
	}
	w.rollUp()
	top := func(n int) func(*report.LeaderboardInput) {
		return func(in *report.LeaderboardInput) { in.Top = n }
	}
	// Who has the same is told in the order of ids, which is the order they came in.
	for _, row := range []struct {
		ctx  context.Context
		in   report.LeaderboardInput
		want string
	}{
		{w.ctx, w.best(report.BoardClicks), "1 a0 4 2 ? ?, 2 a1 2 1 ? ?, 0 more"},
		{w.ctx, w.best(report.BoardConversions), "1 a0 4 2 ? ?, 2 a1 2 1 ? ?, 2 a2 0 1 ? ?, 0 more"},
		{w.ctx, w.best(report.BoardRevenue), "1 a0 4 2 70.01 8.75, 2 a1 2 1 20.00 2.50, 2 a2 0 1 20.00 2.50, 0 more"},
		{w.ctx, w.best(report.BoardCommission, top(1)), "1 a0 4 2 70.01 8.75, 2 more"},
		{w.ctx, w.best(report.BoardRevenue, func(in *report.LeaderboardInput) { in.Currency = "EUR" }), "0 more"},
		{w.as(w.affiliates[2]), w.best(report.BoardRevenue, top(1)), "2 a2 0 1 20.00 2.50, alone"},
		{w.as(w.affiliates[2]), w.best(report.BoardClicks), "alone"},
	} {
		if got := w.places(storetest.Must[report.Leaderboard](t)(w.Leaderboard(row.ctx, row.in))); got != row.want {
			t.Errorf("by %s: %s, want %s", row.in.By, got, row.want)
		}
	}
	w.sale("6", 100, 1)
	w.rollUp()
	const shared = "1 a0 4 2 ? ?, 1 a1 2 2 ? ?, 3 a2 0 1 ? ?, 0 more"
	if got := w.places(storetest.Must[report.Leaderboard](t)(w.Leaderboard(w.ctx, w.best(report.BoardConversions)))); got != shared {
		t.Errorf("after one more sale: %s, want %s", got, shared)
	}
}

// J04: a board moves by itself, everybody's with each order, and an affiliate is never
// told of another's row, though its own place moves with theirs.
func TestJ04_AnOrderMovesTheBoard(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	w.background(func(ctx context.Context) error { return w.store.Follow(ctx, w.RollupFollower()) })
	ctx, leave := context.WithCancel(w.ctx)
	defer leave()
	own, end := context.WithCancel(w.as(w.affiliates[0]))
	defer end()
	in := w.best(report.BoardRevenue)
	all := storetest.Must[<-chan report.Leaderboard](t)(w.LeaderboardLive(ctx, in))
	ofFirst := storetest.Must[<-chan report.Leaderboard](t)(w.LeaderboardLive(own, in))
	reach := func(c <-chan report.Leaderboard, want string) {
		t.Helper()
		for {
			l := next(t, c)
			for _, r := range l.Rows {
				if c == ofFirst && r.AffiliateID != w.affiliates[0] {
					t.Fatalf("an affiliate was told of another's row: %s", w.places(l))
				}
			}
			if w.places(l) == want {
				return
			}
		}
	}
	reach(all, "0 more")
	w.sale("1", 1000, 0)
	reach(all, "1 a0 0 1 10.00 1.25, 0 more")
	reach(ofFirst, "1 a0 0 1 10.00 1.25, alone")
	w.sale("2", 3000, 1)
	reach(all, "1 a1 0 1 30.00 3.75, 2 a0 0 1 10.00 1.25, 0 more")
	reach(ofFirst, "2 a0 0 1 10.00 1.25, alone")
	leave()
	closed(t, all)
}

// J04, Q69: days are the merchant's. In Kathmandu, 5:45 before Greenwich, it is 15:45 on 2 March.
func TestJ04_DaysAreTheMerchants(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	w.at("Asia/Kathmandu")
	for _, row := range []struct{ period, from, to, wantFrom, wantTo string }{
		{"TODAY", "", "", "2026-03-01T18:15:00Z", "2026-03-02T18:15:00Z"},
		{"LAST_7_DAYS", "", "", "2026-02-23T18:15:00Z", "2026-03-02T18:15:00Z"},
		{"LAST_30_DAYS", "", "", "2026-01-31T18:15:00Z", "2026-03-02T18:15:00Z"},
		{"THIS_MONTH", "", "", "2026-02-28T18:15:00Z", "2026-03-02T18:15:00Z"},
		{"THIS_YEAR", "", "", "2025-12-31T18:15:00Z", "2026-03-02T18:15:00Z"},
		{"", "2026-02-03", "2026-02-04", "2026-02-02T18:15:00Z", "2026-02-04T18:15:00Z"},
	} {
		l := storetest.Must[report.Leaderboard](t)(w.Leaderboard(w.ctx, w.best(report.BoardClicks, func(in *report.LeaderboardInput) {
			in.BoardDays = report.BoardDays{Period: report.Period(row.period), From: row.from, To: row.to}
		})))
		if from, to := l.From.UTC().Format(time.RFC3339), l.To.UTC().Format(time.RFC3339); from != row.wantFrom || to != row.wantTo || l.TimeZone != "Asia/Kathmandu" {
			t.Errorf("%s%s: %s to %s in %s", row.period, row.from, from, to, l.TimeZone)
		}
	}
}

func TestJ04_BoardsThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	other := newMarket(t, w.store, w.clock, w.Service)
	theirs := other.program("Hats", "UTC")
	for _, row := range []struct {
		field string
		code  problem.Code
		spoil func(*report.LeaderboardInput)
	}{
		{"top", problem.Invalid, func(in *report.LeaderboardInput) { in.Top = 0 }},
		{"top", problem.Invalid, func(in *report.LeaderboardInput) { in.Top = 101 }},
		{"currency", problem.Invalid, func(in *report.LeaderboardInput) { in.By = report.BoardRevenue }},
		{"currency", problem.Invalid, func(in *report.LeaderboardInput) { in.By = report.BoardCommission }},
		{"period", problem.Invalid, func(in *report.LeaderboardInput) { in.Period = "" }},
		{"period", problem.Invalid, func(in *report.LeaderboardInput) { in.From, in.To = "2026-03-01", "2026-03-02" }},
		{"to", problem.Invalid, func(in *report.LeaderboardInput) { in.Period, in.From = "", "2026-03-01" }},
		{"programId", problem.NotFound, func(in *report.LeaderboardInput) { in.ProgramID = theirs }},
	} {
		in := w.best(report.BoardClicks, row.spoil)
		_, err := w.Leaderboard(w.ctx, in)
		w.refuses(err, row.code, row.field)
		_, err = w.LeaderboardLive(w.ctx, in)
		w.refuses(err, row.code, row.field)
	}
}
