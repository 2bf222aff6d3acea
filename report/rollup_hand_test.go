package report_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/track/order"
)

// S6: an order of 80.00 at 12.5 % earns 10.00. It happened at 10:07, was approved
// at 10:37 and half of it given back at 11:07, all of it at 11:37: each number stays at
// the dates of what it belongs to, and no date is lost when nothing is left.
func TestS6_WhatIsGivenBackIsTakenFromItsOwnDates(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock() // 2 March, 10:00
	s := storetest.OpenAt(t, clock)
	w := newWalk(t, s, clock, report.New(report.Config{Store: s}), map[string]int{})
	clock.Advance(7 * time.Minute)
	o := order.Order{
		Source: "api", ExternalID: "1", Version: 1, Kind: order.KindSale, Status: order.StatusPaid, ProgramID: w.program,
		OccurredAt: clock.Now(), Currency: "USD", Total: money.Of(8000, "USD"), CouponCodes: []string{"CODE1"},
		Lines: []order.Line{{ExternalID: "a", Quantity: 1, Amount: money.Of(8000, "USD")}},
	}
	out := storetest.Must[earn.OrderOutcome](t)(w.earn.AcceptOrder(w.ctx, o))
	w.is("sold", "CLICK 10:00 1 80.00-0.00 10.00/0.00/0.00", "CONVERSION 10:00 1 80.00-0.00 10.00/0.00/0.00")

	clock.Advance(30 * time.Minute)
	storetest.Must[earn.CommissionApproveOutcome](t)(w.earn.CommissionApprove(w.ctx, earn.CommissionApproveInput{IDs: out.CommissionIDs}))
	w.is("approved", "APPROVAL 10:30 1 80.00-0.00 0.00/10.00/0.00", "CLICK 10:00 1 80.00-0.00 0.00/10.00/0.00", "CONVERSION 10:00 1 80.00-0.00 0.00/10.00/0.00")

	for n, back := range []string{"40.00", "80.00"} {
		clock.Advance(30 * time.Minute)
		_, err := w.earn.AcceptRefund(w.ctx, order.Refund{
			Source: "api", OrderExternalID: "1", ExternalID: "r" + back, OccurredAt: clock.Now(), Currency: "USD", Amount: money.Of(4000, "USD"),
		})
		if err != nil {
			t.Fatal(err)
		}
		left := []string{"0.00/5.00/5.00", "0.00/0.00/10.00"}[n]
		w.is("given back", "APPROVAL 10:30 1 80.00-"+back+" "+left, "CLICK 10:00 1 80.00-"+back+" "+left, "CONVERSION 10:00 1 80.00-"+back+" "+left)
	}

	o.Version, o.CouponCodes = 2, []string{"CODE1", "CODE2"} // the first code stays what it is
	o.SubIDs = map[string]string{"s1": "spring"}
	storetest.Must[earn.OrderOutcome](t)(w.earn.AcceptOrder(w.ctx, o))
	w.rollUp()
	if found := storetest.Must[[]store.Finding](t)(w.VerifyRollups(w.ctx, nil)); len(found) > 0 || !strings.Contains(w.buckets(), `{"s1":"spring"}`) {
		t.Errorf("labels told later: %v\n%s", found, w.buckets())
	}
}

// is compares the buckets of the day: basis, quarter of an hour, conversions, sales less refunded,
// commission pending, approved and reversed.
func (w *walk) is(when string, want ...string) {
	w.market.t.Helper()
	w.rollUp()
	var got []string
	for line := range strings.Lines(w.buckets()) {
		f := strings.Split(line, "|")
		if f[1][0] != 'Q' {
			continue
		}
		usd := func(minor string) string {
			return money.Of(storetest.Must[int64](w.market.t)(strconv.ParseInt(minor, 10, 64)), "USD").Decimal()
		}
		got = append(got, f[0]+" "+f[1][12:]+" "+f[15]+" "+usd(f[17])+"-"+usd(f[18])+" "+usd(f[19])+"/"+usd(f[20])+"/"+usd(f[22]))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		w.market.t.Errorf("%s: %q, want %q", when, got, want)
	}
}
