package earn_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
	"github.com/tributary/tributary/trust"
)

// drain pays the affiliate everything that is payable.
func (m *market) drain(affiliateID string, c money.Currency) {
	m.t.Helper()
	_, payable := m.balance(affiliateID, c)
	m.run(func(ctx context.Context, tx *store.Tx) error {
		payout := tx.ID(id.Payout)
		if err := m.ledger.ReserveIn(ctx, tx, payout, affiliateID, money.Of(payable, c)); err != nil {
			return err
		}
		return m.ledger.SettleIn(ctx, tx, payout, affiliateID, money.Of(payable, c))
	})
}

func TestQ01_Q02_RefundBeforeAndAfterApprovalAndPayout(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	o := m.sale("1001", m.clicked(who), "USD", 1999) // 199.9 → 200
	out := m.accept(o)
	m.refund(o, "r1", 500) // 200 × 500/1999 = 50.03 → 50
	m.books("before approval", who, "USD", 150, 0)
	m.approve(out.CommissionIDs...)
	m.books("approved", who, "USD", 0, 150)
	m.refund(o, "r2", 500) // 200 × 1000/1999 = 100.05 → 100, less 50
	m.books("after approval", who, "USD", 0, 100)
	m.drain(who, "USD")
	m.books("paid", who, "USD", 0, 0)
	last := m.refund(o, "r3", 999) // the rest: 200 − 100
	m.books("after payout", who, "USD", 0, -100)
	c := m.commissions(out.ConversionID)[0]
	if c.AmountMinor != 200 || c.ReversedMinor != 200 || c.Status != "REVERSED" || last.Status != "REFUNDED" {
		t.Errorf("commission %+v, order %s", c, last.Status)
	}
	next := m.accept(m.sale("1002", m.clicked(who), "USD", 3000))
	m.approve(next.CommissionIDs...)
	m.books("the debt is paid off by the next commission", who, "USD", 0, 200)
}

func TestQ05_ARefundTakesEffectOnce(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	o := m.sale("1001", m.clicked(who), "USD", 2000)
	out := m.accept(o)
	outs := make([]earn.RefundOutcome, 20)
	errs := make([]error, len(outs))
	var all sync.WaitGroup
	for i := range outs {
		all.Go(func() { outs[i], errs[i] = m.AcceptRefund(m.ctx, refundOf(o, "r1", 500)) })
	}
	all.Wait()
	created := 0
	for i := range outs {
		m.must(errs[i])
		if outs[i].Created {
			created++
		}
		if outs[i].RefundID != outs[0].RefundID || outs[i].RefundID == "" {
			t.Errorf("%+v", outs[i])
		}
	}
	if created != 1 {
		t.Errorf("the refund was made %d times", created)
	}
	m.books("once", who, "USD", 150, 0)
	want := []string{"commission.accrued", "commission.reversed"}
	if got := m.said(out.CommissionIDs[0]); !slices.Equal(got, want) {
		t.Errorf("events %v", got)
	}
}

func TestRefundsThatAreRefused(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	o := m.sale("1001", m.clicked(who), "USD", 2000)
	m.accept(o)
	unknown := refundOf(o, "r1", 1)
	unknown.OrderExternalID = "999"
	_, err := m.AcceptRefund(m.ctx, unknown)
	if problem.CodeOf(err) != problem.NotFound {
		t.Errorf("unknown order: %v", err)
	}
	_, err = m.AcceptRefund(m.ctx, refundOf(o, "r1", 2001))
	m.refuses(err, problem.RefundExceeds, "amount")
	_, err = m.AcceptRefund(m.ctx, order.Refund{Source: "api"})
	if len(earn.Faults(err)) < 3 {
		t.Errorf("faults %v", earn.Faults(err))
	}
	m.books("unchanged", who, "USD", 200, 0)
}

func TestQ01_TwoRefundsAtOnceOnOneBalance(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	var orders []order.Order
	for _, ext := range []string{"1001", "1002", "1003"} {
		o := m.sale(ext, m.clicked(who), "USD", 2000)
		m.approve(m.accept(o).CommissionIDs...)
		orders = append(orders, o)
	}
	m.books("approved", who, "USD", 0, 600)
	errs := make([]error, 40)
	var all sync.WaitGroup
	for i := range errs {
		// two orders, twenty refunds of 50 each: half of either order
		all.Go(func() { _, errs[i] = m.AcceptRefund(m.ctx, refundOf(orders[i%2], id.New("rfn", m.clock.Now()), 50)) })
	}
	all.Wait()
	for _, err := range errs {
		m.must(err)
	}
	m.books("600 − 100 − 100", who, "USD", 0, 400)
}

// Any order and any split of the same refunds ends in the same place, and what
// completes the order lands on zero.
func TestQ03_EveryOrderOfPartialRefundsEndsEqual(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("7.5"))
	click := m.clicked(who)
	seed := draws.Seed(t, 0)
	r := rand.New(rand.NewPCG(seed, 0))
	seen := map[string]int{}
	for n := range 12 {
		a, b := 1+r.Int64N(5000), 1+r.Int64N(5000)
		wholly := n%2 == 0
		part := map[string]int64{"a": a, "b": b}
		if !wholly {
			part = map[string]int64{"a": r.Int64N(a + 1), "b": r.Int64N(b + 1)}
		}
		// each line's commission and reversal rounded half away: (2·x·75 + 1000) / 2000
		pct := func(x int64) int64 { return (2*x*75 + 1000) / 2000 }
		share := func(c, part, of int64) int64 { return (2*c*part + of) / (2 * of) }
		want := pct(a) - share(pct(a), part["a"], a) + pct(b) - share(pct(b), part["b"], b)
		var left int64
		for variant := range 3 {
			o := m.sale(id.New("cnv", m.clock.Now()), click, "USD", a, b)
			out := m.accept(o)
			for _, step := range split(r, part) {
				seen[step.LineExternalID]++
				_, err := m.AcceptRefund(m.ctx, order.Refund{
					Source: "api", OrderExternalID: o.ExternalID, ExternalID: id.New("rfn", m.clock.Now()), OccurredAt: o.OccurredAt,
					Currency: "USD", Lines: []order.RefundLine{step},
				})
				m.must(err)
			}
			var got int64
			for _, c := range m.commissions(out.ConversionID) {
				got += c.AmountMinor - c.ReversedMinor
			}
			if got != want || wholly && got != 0 {
				t.Errorf("round %d, variant %d: %d is left of %d+%d after %v, want %d", n, variant, got, a, b, part, want)
			}
			left += got
		}
		seen[map[bool]string{true: "wholly", false: "partly"}[wholly]]++
	}
	m.trial("after all")
	for _, kind := range []string{"a", "b", "wholly", "partly"} {
		if seen[kind] == 0 {
			t.Errorf("never %q: %v", kind, seen)
		}
	}
}

// split cuts what is given back of each line into pieces, in any order.
func split(r *rand.Rand, part map[string]int64) []order.RefundLine {
	var steps []order.RefundLine
	for _, line := range []string{"a", "b"} {
		for rest := part[line]; rest > 0; {
			piece := 1 + r.Int64N(rest)
			steps = append(steps, order.RefundLine{LineExternalID: line, Quantity: 0, Amount: money.Of(piece, "USD")})
			rest -= piece
			if len(steps) > 4 {
				steps[len(steps)-1].Amount.Minor += rest
				rest = 0
			}
		}
	}
	r.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
	return steps
}

func TestCancellingTakesEverythingBack(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	o := m.sale("1001", m.clicked(who), "USD", 1000, 2000)
	out := m.accept(o)
	m.refund(o, "r1", 300)
	m.books("a part is back", who, "USD", 270, 0)
	in := earn.OrderCancelInput{ProgramID: m.program, OrderExternalID: "1001", OccurredAt: o.OccurredAt}
	for _, again := range []string{"cancelled", "cancelled again"} {
		done, err := m.CancelOrder(m.ctx, in)
		m.must(err)
		if done.ConversionID != out.ConversionID || done.Status != "CANCELLED" {
			t.Errorf("%s: %+v", again, done)
		}
		m.books(again, who, "USD", 0, 0)
	}
	want := []string{"conversion.recorded", "conversion.accepted", "refund.recorded", "conversion.cancelled"}
	if got := m.said(out.ConversionID); !slices.Equal(got, want) {
		t.Errorf("events %v", got)
	}
	in.OrderExternalID = "999"
	_, err := m.CancelOrder(m.ctx, in)
	m.refuses(err, problem.NotFound, "orderExternalId")
}

func TestACancelledMessageCancels(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	o := m.sale("1001", m.clicked(who), "USD", 1000)
	m.accept(o)
	o.Status, o.Version = order.StatusCancelled, 5
	if out := m.accept(o); out.Status != "CANCELLED" {
		t.Errorf("%+v", out)
	}
	m.books("cancelled", who, "USD", 0, 0)
	unheard := m.sale("1002", m.clicked(who), "USD", 1000)
	unheard.Status = order.StatusCancelled
	if out := m.accept(unheard); out.Status != "CANCELLED" || !out.Created || len(out.CommissionIDs) != 0 {
		t.Errorf("first heard of as cancelled: %+v", out)
	}
	m.books("nothing earned", who, "USD", 0, 0)
}

func TestARefundBeforePaymentIsSettledWithIt(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	o := m.sale("1001", m.clicked(who), "USD", 1000)
	o.Status, o.Version = order.StatusPending, 1
	m.accept(o)
	m.refund(o, "r1", 400)
	o.Status, o.Version = order.StatusPaid, 2
	m.accept(o)
	m.books("100 accrued, 40 taken back", who, "USD", 60, 0)
}

// Without the conversion's lock the approval would have read the commission
// before the refund committed, and try to move more than is left of it.
func TestQ01_AnApprovalWaitsForTheRefundUnderWay(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	out := m.accept(m.sale("1001", m.clicked(who), "USD", 2000))
	approved := make(chan error, 1)
	m.run(func(ctx context.Context, tx *store.Tx) error { // takes back 50, as a refund does
		if err := tx.Lock(ctx, "conversions", out.ConversionID); err != nil {
			return err
		}
		err := m.ledger.ReverseIn(ctx, tx, "test", out.CommissionIDs[0], who, money.Of(50, "USD"), true)
		if err != nil {
			return err
		}
		go func() {
			_, err := m.CommissionApprove(m.ctx, earn.CommissionApproveInput{IDs: out.CommissionIDs})
			approved <- err
		}()
		m.awaitWaiter()
		return tx.Ent().Commission.UpdateOneID(out.CommissionIDs[0]).SetReversedMinor(50).Exec(ctx)
	})
	m.must(<-approved)
	m.books("200 − 50", who, "USD", 0, 150)
}

// awaitWaiter returns once a command waits for a lock. SQLite has one writer: the
// other command cannot even begin.
func (m *market) awaitWaiter() {
	m.t.Helper()
	for waiting := 0; m.store.Postgres() && waiting == 0; {
		rows, err := m.store.Read(trust.With(m.ctx, trust.System("")), `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`)
		m.must(err)
		for rows.Next() {
			m.must(rows.Scan(&waiting))
		}
		m.must(rows.Close())
	}
}

// Without the comparison in RefundIn the second refund answers with the first.
func TestQ05_ARefundWithAUsedIDAndOtherMoneyIsRefused(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	o := m.sale("1001", m.clicked(who), "USD", 2000)
	m.accept(o)
	first := m.refund(o, "r1", 500)
	later := refundOf(o, "r1", 500)
	later.OccurredAt, later.Reason, later.Source = later.OccurredAt.Add(time.Minute), "damaged", "import"
	again, err := m.AcceptRefund(m.ctx, later)
	m.must(err)
	if again.Created || again.RefundID != first.RefundID {
		t.Errorf("the same again: %+v", again)
	}
	_, err = m.AcceptRefund(m.ctx, refundOf(o, "r1", 501))
	m.refuses(err, problem.Conflict, "externalId")
	byLine := refundOf(o, "r1", 0)
	byLine.Lines = []order.RefundLine{{LineExternalID: "a", Quantity: 1, Amount: money.Of(500, "USD")}}
	_, err = m.AcceptRefund(m.ctx, byLine)
	m.refuses(err, problem.Conflict, "externalId")
	m.books("once", who, "USD", 150, 0)
}
