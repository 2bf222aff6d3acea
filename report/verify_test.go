package report_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
	"github.com/tributary/tributary/track/token"
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

// A sale that is shared is counted once, as the sale of whoever has the most
// credit, and what each earns is counted as its own.
func TestN04_ASharedSaleIsCountedOnce(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	w := newWalk(t, s, clock, report.New(report.Config{Store: s}), map[string]int{})
	trk, err := track.New(track.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Must[track.PolicyOutcome](t)(trk.PolicyActivate(w.ctx, track.PolicyActivateInput{ProgramID: w.program, WindowDays: 30, Model: attribution.ModelLinear}))
	var o order.Order
	for i, a := range w.affiliates[:2] {
		w.run(func(ctx context.Context, tx *store.Tx) error {
			return tx.Ent().Link.Create().SetProgramID(w.program).SetAffiliateID(a).SetNumber(uint64(i + 1)).
				SetSlug(fmt.Sprint("shared", i)).SetDestination("https://shop.example/").Exec(ctx)
		})
		click := id.NewUUID(clock.Now().Add(time.Duration(i-2) * time.Hour))
		click[15] |= 1 // may earn
		o = order.Order{
			Source: "api", ExternalID: fmt.Sprint("shared", i), Kind: order.KindSale, Status: order.StatusPending, ProgramID: w.program,
			Lines:      []order.Line{{ExternalID: "a", Quantity: 1, Amount: money.Of(1000, "USD")}},
			OccurredAt: clock.Now(), Currency: "USD", Total: money.Of(1000, "USD"), Customer: order.Customer{Email: "buyer@elsewhere.example"},
			ClickToken: token.Token{Click: click, Link: uint64(i + 1)}.Encode(s.Keys()),
		}
		if i == 1 {
			o.Status = order.StatusPaid
		}
		storetest.Must[earn.OrderOutcome](t)(w.earn.AcceptOrder(w.ctx, o))
	}
	storetest.Must[earn.RefundOutcome](t)(w.earn.AcceptRefund(w.ctx, order.Refund{
		Source: "api", OrderExternalID: o.ExternalID, ExternalID: "r1", OccurredAt: o.OccurredAt, Currency: "USD", Amount: money.Of(400, "USD"),
	}))
	w.place()
	if found := storetest.Must[[]store.Finding](t)(w.VerifyTallies(w.ctx, nil)); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	// 12.5 % of 10.00 are 1.25: 0.63 and 0.62, of which 40 %, 0.25 each, go back.
	for i, want := range []string{"0 0.00 0.00 0.38", "1 10.00 4.00 0.37"} {
		total := w.stats(w.ctx, report.Filter{AffiliateID: w.affiliates[i]}).Totals[0]
		if got := fmt.Sprint(total.Conversions, " ", total.Sales(), " ", total.Refunded(), " ", total.Accrued()); got != want {
			t.Errorf("affiliate %d: %s, want %s", i, got, want)
		}
	}
}
