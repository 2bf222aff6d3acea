package report_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/track/order"
)

// stages spells a funnel as "clicks+unpayable unique leads+purchases=conversions approved", and
// "currency sales commission approved paid" of each currency.
func stages(f report.Funnel) string {
	out := fmt.Sprintf("%d+%d %d %d+%d=%d %d", f.Clicks, f.ClicksUnpayable, f.ClicksUnique, f.Leads, f.Purchases(), f.Conversions, f.Approved)
	for _, a := range f.Amounts {
		out += fmt.Sprintf(" %s %s %s %s %s", a.Currency, a.Sales(), a.Commission(), a.Approved(), text(a.Paid()))
	}
	return out
}

func lead(o *order.Order) { o.Kind = order.KindLead }

// flow is a market on 2 March, when affiliate 0 has six clicks, two of them unpayable, and
// sells for 80.00, and affiliate 1 has a lead worth 20.00; and on 4 March, when their
// commission, 10.00 and 2.50, is approved and paid, and affiliate 0 sells for 10.00.
func (w *walk) flow() {
	at := w.clock.Now()
	w.clicks(w.program, w.affiliates[0], at, at, at, at, at, at)
	owed := append(w.sale("1", 8000, 0).CommissionIDs, w.sale("2", 2000, 1, lead).CommissionIDs...)
	w.clock.Advance(48 * time.Hour)
	if _, err := w.earn.CommissionApprove(w.ctx, earn.CommissionApproveInput{IDs: owed}); err != nil {
		w.market.t.Fatal(err)
	}
	for _, op := range []string{"reserve", "settle"} {
		if err := w.pay(op); err != nil {
			w.market.t.Fatal(op, err)
		}
	}
	w.sale("3", 1000, 0)
}

func on(from, to string) report.FunnelInput {
	return report.FunnelInput{BoardDays: report.BoardDays{From: "2026-03-" + from, To: "2026-03-" + to}}
}

// S81: a funnel typed by hand. Each stage is of its own date: what was approved and paid on
// 4 March was sold on the 2nd.
func TestS81_AFunnelTypedByHand(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	w.flow()
	w.rollUp()
	at := func(zone, day string) report.FunnelInput {
		in := on(day, day)
		in.TimeZone = zone
		return in
	}
	of := func(f report.Filter) report.FunnelInput {
		in := on("02", "04")
		in.Filter = f
		return in
	}
	for _, row := range []struct {
		what string
		ctx  context.Context
		in   report.FunnelInput
		want string
	}{
		{"both days", w.ctx, on("02", "04"), "4+2 6 1+2=3 2 USD 110.00 13.75 12.50 12.50"},
		{"this month", w.ctx, report.FunnelInput{BoardDays: report.BoardDays{Period: report.ThisMonth}}, "4+2 6 1+2=3 2 USD 110.00 13.75 12.50 12.50"},
		{"the 2nd", w.ctx, on("02", "02"), "4+2 6 1+1=2 0 USD 100.00 12.50 0.00 0.00"},
		{"the 4th", w.ctx, on("04", "04"), "0+0 0 0+1=1 2 USD 10.00 1.25 12.50 12.50"},
		{"the 2nd, which is the 3rd in Kiritimati", w.ctx, at("Pacific/Kiritimati", "03"), "4+2 6 1+1=2 0 USD 100.00 12.50 0.00 0.00"},
		{"a program, to which no payout belongs", w.ctx, of(report.Filter{ProgramID: w.program}), "4+2 6 1+2=3 2 USD 110.00 13.75 12.50 ?"},
		{"an affiliate", w.ctx, of(report.Filter{AffiliateID: w.affiliates[0]}), "4+2 6 0+2=2 1 USD 90.00 11.25 10.00 10.00"},
		{"its own, by itself", w.as(w.affiliates[1]), on("02", "04"), "0+0 0 1+0=1 1 USD 20.00 2.50 2.50 2.50"},
		{"of who has nothing", w.as(w.affiliates[2]), on("02", "04"), "0+0 0 0+0=0 0"},
	} {
		if got := stages(storetest.Must[report.Funnel](t)(w.Funnel(row.ctx, row.in))); got != row.want {
			t.Errorf("%s: %s, want %s", row.what, got, row.want)
		}
	}
}

// S81: a funnel moves by itself, and an affiliate's with what is its own.
func TestS81_OrdersMoveTheFunnel(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	w.background(func(ctx context.Context) error { return w.store.Follow(ctx, w.RollupFollower()) })
	ctx, leave := context.WithCancel(w.ctx)
	defer leave()
	own, end := context.WithCancel(w.as(w.affiliates[1]))
	defer end()
	in := report.FunnelInput{BoardDays: report.BoardDays{Period: report.ThisMonth}}
	all := storetest.Must[<-chan report.Funnel](t)(w.FunnelLive(ctx, in))
	ofSecond := storetest.Must[<-chan report.Funnel](t)(w.FunnelLive(own, in))
	reach := func(c <-chan report.Funnel, want string) {
		t.Helper()
		for {
			f := next(t, c)
			if c == ofSecond && f.Conversions > 1 {
				t.Fatalf("an affiliate was told of another's sale: %s", stages(f))
			}
			if stages(f) == want {
				return
			}
		}
	}
	reach(all, "0+0 0 0+0=0 0")
	w.flow()
	reach(all, "4+2 6 1+2=3 2 USD 110.00 13.75 12.50 12.50")
	reach(ofSecond, "0+0 0 1+0=1 1 USD 20.00 2.50 2.50 2.50")
	leave()
	closed(t, all)
}

func TestS81_FunnelsThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	other := newMarket(t, w.store, w.clock, w.Service)
	theirs := other.program("Hats", "UTC")
	for _, row := range []struct {
		ctx   context.Context
		field string
		code  problem.Code
		spoil func(*report.FunnelInput)
	}{
		{w.ctx, "period", problem.Invalid, func(in *report.FunnelInput) { in.From, in.To = "", "" }},
		{w.ctx, "to", problem.Invalid, func(in *report.FunnelInput) { in.To = "2026-02-28" }},
		{w.ctx, "timeZone", problem.Invalid, func(in *report.FunnelInput) { in.TimeZone = "Nowhere/At all" }},
		{w.ctx, "programId", problem.NotFound, func(in *report.FunnelInput) { in.ProgramID = theirs }},
		{w.ctx, "affiliateId", problem.NotFound, func(in *report.FunnelInput) { in.AffiliateID = other.affiliate(theirs) }},
		{w.as(w.affiliates[0]), "affiliateId", problem.NotFound, func(in *report.FunnelInput) { in.AffiliateID = w.affiliates[1] }},
	} {
		in := on("02", "04")
		row.spoil(&in)
		_, err := w.Funnel(row.ctx, in)
		w.refuses(err, row.code, row.field)
		_, err = w.FunnelLive(row.ctx, in)
		w.refuses(err, row.code, row.field)
	}
}
