package report_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
)

// walk is a market in which everything happens that numbers are made of.
type walk struct {
	*market
	earn       *earn.Service
	ledger     *ledger.Service
	program    string
	affiliates []string
	orders     []order.Order
	charged    []string         // orders that a bank has taken back
	sales      []string         // conversions
	pending    []string         // commissions
	payouts    map[string]int64 // reserved, by affiliate and currency
	sent       map[string]int64 // settled, in the same way
	seen       map[string]int
	n          int
}

func newWalk(t testing.TB, s *store.Store, clock *storetest.Clock, r *report.Service, seen map[string]int) *walk {
	t.Helper()
	w := &walk{market: newMarket(t, s, clock, r), ledger: ledger.New(ledger.Config{Store: s}), seen: seen, payouts: map[string]int64{}, sent: map[string]int64{}}
	tracks, err := track.New(track.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	w.earn = earn.New(earn.Config{Store: s, Track: tracks, Ledger: w.ledger})
	w.program = w.market.program("Shoes", "America/New_York")
	p := storetest.Must[earn.PlanOutcome](w.market.t)(w.earn.PlanCreate(w.ctx, earn.PlanCreateInput{ProgramID: w.program, Name: "Standard"}))
	ten, err := money.ParseRate("12.5")
	if err != nil {
		t.Fatal(err)
	}
	storetest.Must[earn.PlanActivateOutcome](w.market.t)(w.earn.PlanActivate(w.ctx, earn.PlanActivateInput{
		PlanID: p.PlanID, Rules: []plan.Rule{{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: ten}},
	}))
	for i := range 3 {
		a := w.affiliate(w.program)
		w.affiliates = append(w.affiliates, a)
		w.run(func(ctx context.Context, tx *store.Tx) error {
			return tx.Ent().Coupon.Create().SetProgramID(w.program).SetAffiliateID(a).
				SetCode(fmt.Sprint("CODE", i)).SetCodeKey(attribution.CouponKey(fmt.Sprint("CODE", i))).Exec(ctx)
		})
	}
	return w
}

func (w *walk) step(rt *rapid.T) {
	op := rapid.SampledFrom([]string{
		"sale", "sale", "sale", "unpaid", "paid", "edit", "edit", "refund", "refund", "refund", "cancel",
		"approve", "approve", "approve", "reject", "adjust", "reserve", "reserve", "settle", "settle", "return", "clicks", "move", "move", "charge", "charge", "won", "merge",
	}).Draw(rt, "op")
	who := rapid.IntRange(0, len(w.affiliates)-1).Draw(rt, "who")
	if len(w.orders) == 0 && slices.Contains([]string{"paid", "edit", "refund", "cancel"}, op) {
		op = "sale"
	}
	var err error
	switch op {
	case "sale", "unpaid":
		err = w.sell(rt, op, who)
	case "paid", "edit", "refund", "cancel":
		last := rapid.IntRange(0, len(w.orders)-1).Draw(rt, "order not after") // early orders are the ones approved by now
		which := rapid.IntRange(0, last).Draw(rt, "order")
		nobodys := slices.IndexFunc(w.orders, func(o order.Order) bool { return len(o.CouponCodes) == 0 })
		if op == "edit" && nobodys >= 0 && rapid.Bool().Draw(rt, "credit late") {
			which = nobodys
		}
		err = w.change(rt, op, which)
	case "approve", "reject":
		err = w.decide(op)
	case "move":
		if len(w.sales) > 0 {
			_, err = w.earn.Reattribute(w.ctx, earn.ReattributeInput{ConversionID: w.sales[rapid.IntRange(0, len(w.sales)-1).Draw(rt, "sale")], AffiliateID: w.affiliates[who], Reason: "r"})
		}
	case "adjust":
		amount := money.Of(rapid.Int64Range(-500, 2000).Filter(func(v int64) bool { return v != 0 }).Draw(rt, "amount"), "USD")
		_, err = w.earn.CommissionAdjust(w.ctx, earn.CommissionAdjustInput{AffiliateID: w.affiliates[who], ProgramID: w.program, Amount: amount, Reason: "r"})
	case "reserve", "settle", "return":
		err = w.pay(op)
	case "charge", "won":
		err = w.charge(rt, op)
	case "merge": // of others than the first, whose own numbers are looked at
		from, into := w.affiliates[1+who%2], w.affiliates[2-who%2]
		_, err = w.earn.AffiliateMerge(w.ctx, earn.AffiliateMergeInput{FromID: from, IntoID: into, Reason: "one person"})
	case "clicks":
		w.clicks(w.program, w.affiliates[who], w.clock.Now().Add(-time.Minute), w.clock.Now(), w.clock.Now())
	}
	if err != nil && !problem.CodeOf(err).User() {
		rt.Fatal(op, err)
	}
	w.clock.Advance(17 * time.Minute)
}

// tell counts which events there were.
func (w *walk) tell() {
	for _, e := range storetest.Must[[]store.Event](w.market.t)(w.store.Events(w.ctx, w.merchant, 0, 10_000)) {
		if kind := e.Type; kind == "commission.reversed" {
			w.seen[kind+" from "+e.Facts["from"]]++
		} else {
			w.seen[kind]++
		}
	}
}

// sell takes in an order; every other one in yen, every third of nobody.
func (w *walk) sell(rt *rapid.T, op string, who int) error {
	w.n++
	c := []money.Currency{"USD", "JPY"}[w.n%2]
	amount := rapid.Int64Range(1, 30_000).Draw(rt, "price")
	o := order.Order{
		Source: "api", ExternalID: fmt.Sprint(w.n), Version: 1, Kind: order.KindSale, Status: order.StatusPaid, ProgramID: w.program,
		OccurredAt: w.clock.Now(), Currency: c, Total: money.Of(amount, c),
		Lines: []order.Line{{ExternalID: "a", Quantity: 1, Amount: money.Of(amount, c)}},
	}
	if w.n%3 != 0 {
		o.CouponCodes = []string{fmt.Sprint("CODE", who)}
	}
	if op == "unpaid" {
		o.Status = order.StatusPending
	}
	w.orders = append(w.orders, o)
	return w.accept(o)
}

func (w *walk) accept(o order.Order) error {
	out, err := w.earn.AcceptOrder(w.ctx, o)
	if out.Created {
		w.sales = append(w.sales, out.ConversionID)
	}
	for _, c := range out.CommissionIDs {
		if !slices.Contains(w.pending, c) {
			w.pending = append(w.pending, c)
		}
	}
	return err
}

func (w *walk) change(rt *rapid.T, op string, i int) error {
	o := &w.orders[i]
	o.Version++
	switch op {
	case "paid":
		o.Status = order.StatusPaid
	case "edit":
		w.reprice(rt, o)
		if len(o.CouponCodes) == 0 { // somebody gets credit late
			o.CouponCodes = []string{"CODE0"}
		}
	case "cancel":
		o.Status = order.StatusCancelled
		if rapid.Bool().Draw(rt, "edited too") {
			w.reprice(rt, o)
		}
	case "refund":
		w.n++
		_, err := w.earn.AcceptRefund(w.ctx, order.Refund{
			Source: "api", OrderExternalID: o.ExternalID, ExternalID: fmt.Sprint("r", w.n), OccurredAt: w.clock.Now(),
			Currency: o.Currency, Amount: money.Of(rapid.Int64Range(1, o.Total.Minor).Draw(rt, "back"), o.Currency),
		})
		return err
	}
	return w.accept(*o)
}

func (w *walk) reprice(rt *rapid.T, o *order.Order) {
	amount := rapid.Int64Range(1, 30_000).Draw(rt, "new price")
	o.Lines = []order.Line{{ExternalID: "a", Quantity: 1, Amount: money.Of(amount, o.Currency)}}
	o.Total = o.Lines[0].Amount
}

// charge has a bank take back the rest of an order, or give it again.
func (w *walk) charge(rt *rapid.T, op string) error {
	of := w.charged
	if op != "won" {
		of = nil
		for _, o := range w.orders {
			of = append(of, o.ExternalID)
		}
	}
	if len(of) == 0 {
		return problem.New(problem.State, "nothing is there to charge back, or to win again")
	}
	id := of[rapid.IntRange(0, len(of)-1).Draw(rt, "charged")]
	if op == "won" {
		_, err := w.earn.ChargebackEnd(w.ctx, track.Ending{OrderExternalID: id, ExternalID: "cb", OccurredAt: w.clock.Now(), Won: true})
		return err
	}
	out, err := w.earn.ChargebackOpen(w.ctx, earn.ChargebackInput{Refund: order.Refund{
		Source: "api", OrderExternalID: id, ExternalID: "cb", OccurredAt: w.clock.Now(), Full: true, Currency: w.currency(id),
	}})
	if out.Created {
		w.charged = append(w.charged, id)
	}
	return err
}

func (w *walk) currency(orderID string) money.Currency {
	i := slices.IndexFunc(w.orders, func(o order.Order) bool { return o.ExternalID == orderID })
	return w.orders[i].Currency
}

// decide approves or rejects the commission that waits longest.
func (w *walk) decide(op string) error {
	if len(w.pending) == 0 {
		return problem.New(problem.State, "nothing waits")
	}
	c := w.pending[0]
	w.pending = w.pending[1:]
	if op == "approve" {
		_, err := w.earn.CommissionApprove(w.ctx, earn.CommissionApproveInput{IDs: []string{c}})
		return err
	}
	_, err := w.earn.CommissionReject(w.ctx, earn.CommissionRejectInput{ID: c, Reason: "r"})
	return err
}

// pay reserves everything payable, or settles all that is reserved, by the
// ledger's steps and with the events that payouts have.
func (w *walk) pay(op string) error {
	done := 0
	w.run(func(ctx context.Context, tx *store.Tx) error {
		for _, c := range []money.Currency{"USD", "JPY"} {
			due, err := w.ledger.Payables(ctx, tx, c)
			if err != nil {
				return err
			}
			for _, p := range due {
				if op != "reserve" {
					continue
				}
				payout := tx.ID(id.Payout)
				if err := w.ledger.ReserveIn(ctx, tx, payout, p.AffiliateID, p.Amount); err != nil {
					return err
				}
				w.payouts[payout+" "+p.AffiliateID+" "+string(c)] = p.Amount.Minor
				done++
			}
		}
		if op == "reserve" {
			return nil
		}
		n, err := w.move(ctx, tx, op)
		done += n
		return err
	})
	if done == 0 {
		return problem.New(problem.State, "nothing to pay")
	}
	return nil
}

// move settles what is reserved, or has the bank send back what was settled.
func (w *walk) move(ctx context.Context, tx *store.Tx, op string) (done int, err error) {
	from, to, by, told := w.payouts, w.sent, w.ledger.SettleIn, "payout.settled"
	if op == "return" {
		from, to, by, told = w.sent, map[string]int64{}, w.ledger.ReturnIn, "payout.returned"
	}
	for key, minor := range from {
		var payout, who, c string
		if _, err := fmt.Sscan(key, &payout, &who, &c); err != nil {
			return done, err
		}
		if err := by(ctx, tx, payout, who, money.Of(minor, money.Currency(c))); err != nil {
			return done, err
		}
		if who, err = w.ledger.HolderIn(ctx, tx, payout); err != nil {
			return done, err
		}
		e := fact(told, "", who, "amount", strconv.FormatInt(minor, 10), "currency", c, "day", tx.Now().Format(time.DateOnly))
		e.Subject = payout
		tx.Emit(e)
		to[key] = minor
		delete(from, key)
		done++
	}
	return done, nil
}
