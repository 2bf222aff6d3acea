package track

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/conversionline"
	"github.com/tributary/tributary/ent/refund"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/track/order"
)

// tryRefund fills in what every refund of these tests shares.
func (b *bundle) tryRefund(r order.Refund) (Refunded, error) {
	b.t.Helper()
	r.Source, r.OccurredAt = "api", b.clock.Now()
	r.OrderExternalID, r.Currency = orDefault(r.OrderExternalID, "1001"), orDefault(r.Currency, "USD")
	return in(b, func(ctx context.Context, tx *store.Tx) (Refunded, error) { return b.RefundIn(ctx, tx, r) })
}

func (b *bundle) refund(r order.Refund) Refunded {
	b.t.Helper()
	done, err := b.tryRefund(r)
	b.must(err)
	return done
}

func (b *bundle) cancel(rec Recorded, externalID string) Refunded {
	b.t.Helper()
	done, err := in(b, func(ctx context.Context, tx *store.Tx) (Refunded, error) {
		return b.CancelIn(ctx, tx, rec.Conversion, externalID, b.clock.Now())
	})
	b.must(err)
	return done
}

func lines(amounts ...any) (out []order.RefundLine) {
	for i := 0; i < len(amounts); i += 2 {
		out = append(out, order.RefundLine{LineExternalID: amounts[i].(string), Quantity: 1, Amount: usd(int64(amounts[i+1].(int)))})
	}
	return out
}

// TestRefundGolden walks one order of 60.00 (a), 40.00 (b) and a gift card of
// 25.00 (g); its total with shipping of 5.00 and tax of 5.00 is 135.00.
func TestRefundGolden(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := b.sale("1001")
	o.Total = usd(13500)
	o.Lines = append(o.Lines, order.Line{ExternalID: "g", Quantity: 1, Amount: usd(2500), GiftCard: true})
	rec := b.record(o)
	names := map[string]string{}
	for _, l := range rec.Lines {
		names[l.ID] = l.ExternalID
	}
	for _, c := range []struct {
		give       order.Refund
		amount     int64 // of the base, by this refund
		cumulative int64
		byLine     map[string]int64
		status     conversion.Status
	}{
		// Q08: shipping alone names no line and takes nothing from the base.
		{order.Refund{ExternalID: "shipping"}, 0, 0, nil, conversion.StatusACCEPTED},
		// Q06: a third of line a.
		{order.Refund{ExternalID: "line", Lines: lines("a", 2000)}, 2000, 2000, map[string]int64{"a": 2000}, conversion.StatusPARTIALLY_REFUNDED},
		// The gift card was no part of the base, and is none now.
		{order.Refund{ExternalID: "gift", Lines: lines("g", 2500)}, 0, 2000, nil, conversion.StatusPARTIALLY_REFUNDED},
		// 40.00 over what is left, 40.00 of a and 40.00 of b: half each.
		{order.Refund{ExternalID: "spread", Amount: usd(4000)}, 4000, 6000, map[string]int64{"a": 2000, "b": 2000}, conversion.StatusPARTIALLY_REFUNDED},
		// Q05: the same again has the first result and no effect.
		{order.Refund{ExternalID: "line", Lines: lines("a", 2000)}, 2000, 6000, map[string]int64{"a": 2000}, conversion.StatusPARTIALLY_REFUNDED},
		// Everything that remains: 20.00 of each.
		{order.Refund{ExternalID: "rest", Full: true}, 4000, 10000, map[string]int64{"a": 2000, "b": 2000}, conversion.StatusREFUNDED},
	} {
		got := b.refund(c.give)
		byLine := map[string]int64{}
		for id, amount := range got.ByLine {
			byLine[names[id]] = amount
		}
		repeated := c.give.ExternalID == "line" && got.Cumulative.Minor > 2000
		if got.Amount != usd(c.amount) || got.Cumulative != usd(c.cumulative) || got.Base != usd(10000) || !maps.Equal(byLine, c.byLine) ||
			got.Conversion.Status != c.status || got.Created == repeated {
			t.Errorf("%s: %v of %v, by line %v, %s, created %t", c.give.ExternalID, got.Amount, got.Cumulative, byLine, got.Conversion.Status, got.Created)
		}
	}
	b.refused(problem.RefundExceeds, "lines", func() error {
		_, err := b.tryRefund(order.Refund{ExternalID: "more", Lines: lines("b", 1)})
		return err
	})
}

func TestRefundRefusesBadInput(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rec := b.record(b.sale("1001"))
	b.refund(order.Refund{ExternalID: "r1", Amount: usd(3000)})
	for name, c := range map[string]struct {
		give  order.Refund
		code  problem.Code
		field string
	}{
		"Q12 unknown order":    {order.Refund{ExternalID: "x", OrderExternalID: "none", Full: true}, problem.NotFound, "orderExternalId"},
		"Q06 unknown line":     {order.Refund{ExternalID: "x", Lines: lines("zz", 1)}, problem.NotFound, "lines"},
		"above the line":       {order.Refund{ExternalID: "x", Lines: lines("b", 4001)}, problem.RefundExceeds, "lines"},
		"above the line twice": {order.Refund{ExternalID: "x", Lines: lines("b", 2000, "b", 2001)}, problem.RefundExceeds, "lines"},
		"above the total":      {order.Refund{ExternalID: "x", Amount: usd(8001)}, problem.RefundExceeds, "amount"}, // 110.00 − 30.00
		"other currency":       {order.Refund{ExternalID: "x", Currency: "EUR"}, problem.CurrencyMismatch, "currency"},
		"negative":             {order.Refund{ExternalID: "x", Amount: usd(-1)}, problem.AmountRange, "amount"},
		"no id":                {order.Refund{Full: true}, problem.Invalid, "externalId"},
	} {
		t.Run(name, func(*testing.T) {
			b.refused(c.code, c.field, func() error { _, err := b.tryRefund(c.give); return err })
		})
	}
	if got := b.conversion(rec.Conversion.ID); got.RefundedMinor != 3000 {
		t.Fatalf("refunded %d", got.RefundedMinor)
	}
}

func TestQ07_RefundOfAnAmbiguousOrderIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(b.sale("1001"))
	b.program = b.addProgram()
	b.record(b.sale("1001"))
	b.refused(problem.Invalid, "orderExternalId", func() error {
		_, err := b.tryRefund(order.Refund{ExternalID: "x", Full: true})
		return err
	})
}

func TestCancellation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rec := b.record(b.sale("1001"))
	b.refund(order.Refund{ExternalID: "r1", Lines: lines("a", 2500)})
	done := b.cancel(rec, "cancellation")
	if !done.Created || done.Amount != usd(7500) || done.Cumulative != usd(10000) || done.Conversion.Status != conversion.StatusCANCELLED || done.Row.Kind != refund.KindCANCELLATION {
		t.Fatalf("%+v", done)
	}
	for _, name := range []string{"cancellation", "another name"} {
		if again := b.cancel(rec, name); again.Created || again.Row.ID != done.Row.ID || again.Amount != usd(7500) {
			t.Errorf("%s: %+v", name, again)
		}
	}
	// The refund that the shop sends along finds everything given back.
	late := b.refund(order.Refund{ExternalID: "r2", Lines: lines("b", 4000)})
	if !late.Created || late.Amount != usd(0) || late.Cumulative != usd(10000) || late.Conversion.Status != conversion.StatusCANCELLED {
		t.Fatalf("%+v", late)
	}
}

func TestPendingOrderThatWasRefundedIsAcceptedWhenPaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := b.sale("1001")
	o.Status = order.StatusPending
	b.record(o)
	if got := b.refund(order.Refund{ExternalID: "r1", Lines: lines("a", 2500)}); got.Conversion.Status != conversion.StatusPENDING {
		t.Fatalf("%s", got.Conversion.Status)
	}
	if rec := b.record(b.sale("1001")); rec.Conversion.Status != conversion.StatusPARTIALLY_REFUNDED || !rec.Changed || rec.Conversion.RefundedMinor != 2500 {
		t.Fatalf("%+v", rec.Conversion)
	}
}

// 0.20 in twenty parts is 0.12 of the line of 60.00 and 0.08 of that of 40.00, as it is in
// one; and what is given back by amount makes room for a refund that names a line.
func TestQ03_AmountsAreSpreadTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rec := b.record(b.sale("1001"))
	for i := range 20 {
		b.refund(order.Refund{ExternalID: fmt.Sprint("cent", i), Amount: usd(1)})
	}
	left := func(want ...int64) {
		t.Helper()
		var got []int64
		for _, l := range storetest.Must[[]*ent.ConversionLine](t)(b.store.Client().ConversionLine.Query().
			Where(conversionline.ConversionID(rec.Conversion.ID)).Order(ent.Asc(conversionline.FieldExternalID)).All(b.ctx)) {
			got = append(got, l.AmountMinor-l.RefundedMinor)
		}
		if !slices.Equal(got, want) {
			t.Errorf("left of the lines %v, want %v", got, want)
		}
	}
	left(5988, 3992)
	b.refund(order.Refund{ExternalID: "half", Amount: usd(4980)}) // 50.00 in all
	left(3000, 2000)
	done := b.refund(order.Refund{ExternalID: "b", Lines: lines("b", 4000)})
	left(1000, 0) // all of b, and the 50.00 of a
	if done.Amount != usd(4000) || done.Cumulative != usd(9000) {
		t.Errorf("%v given back, %v in all", done.Amount, done.Cumulative)
	}
	b.refused(problem.RefundExceeds, "lines.0.amount", func() error {
		_, err := b.tryRefund(order.Refund{ExternalID: "b again", Lines: lines("b", 1)})
		return err
	})
}

// TestQ05_ParallelRefundsNeverExceedTheOrder gives ten refunds of 15.00 back at
// once on a line of 60.00.
func TestQ05_ParallelRefundsNeverExceedTheOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rec := b.record(b.sale("1001"))
	var mu sync.Mutex
	var accepted int
	var senders sync.WaitGroup
	for i := range 10 {
		senders.Go(func() {
			_, err := b.tryRefund(order.Refund{ExternalID: fmt.Sprint("r", i), Lines: lines("a", 1500)})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				accepted++
			} else if problem.CodeOf(err) != problem.RefundExceeds {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	if got := b.conversion(rec.Conversion.ID); accepted != 4 || got.RefundedMinor != 6000 { // 4 × 15.00 = the line's 60.00
		t.Fatalf("%d accepted, %d refunded", accepted, got.RefundedMinor)
	}
}

// TestRefundsInAnyOrderEndAlike gives one set of refunds back in two orders,
// with repeats, and a cancellation somewhere: the end is the same.
func TestRefundsInAnyOrderEndAlike(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := map[string]int{}
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		parts := rapid.SliceOfN(rapid.Int64Range(1, 2000), 1, 3).Draw(rt, "parts of line a")
		cancelled := rapid.Bool().Draw(rt, "cancelled")
		walk := rapid.Permutation(walkOf(parts, cancelled)).Draw(rt, "order")
		if cancelled {
			seen["cancelled"]++
		} else {
			seen["kept"]++
		}
		seen[fmt.Sprint(len(parts), " parts")]++
		var ends [2]string
		for i, steps := range [2][]step{walkOf(parts, cancelled), walk} {
			ends[i] = b.endOf(fmt.Sprint(round, "-", i), steps)
		}
		if ends[0] != ends[1] {
			rt.Fatalf("%v ends as %s, %v as %s", walkOf(parts, cancelled), ends[0], walk, ends[1])
		}
	})
	t.Log(seen)
	if len(seen) != 5 {
		t.Fatalf("the generator left something out: %v", seen)
	}
}

// step is a refund of line a by its id, or the cancellation.
type step struct {
	id     string
	amount int64
}

// walkOf sends each refund twice.
func walkOf(parts []int64, cancelled bool) (steps []step) {
	for i, p := range parts {
		s := step{fmt.Sprint("r", i), p}
		steps = append(steps, s, s)
	}
	if cancelled {
		steps = append(steps, step{id: "cancel"})
	}
	return steps
}

func (b *bundle) endOf(id string, steps []step) string {
	rec := b.record(b.sale(id))
	sum := money.Zero("USD")
	for _, s := range steps {
		var done Refunded
		if s.id == "cancel" {
			done = b.cancel(rec, s.id)
		} else {
			done = b.refund(order.Refund{OrderExternalID: id, ExternalID: s.id, Lines: lines("a", int(s.amount))})
		}
		if done.Created {
			sum.Minor += done.Amount.Minor
		}
	}
	c := b.conversion(rec.Conversion.ID)
	return fmt.Sprint(c.Status, c.RefundedMinor, sum.Minor == c.RefundedMinor)
}
