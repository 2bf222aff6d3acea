package pay_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/payoutbatch"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/pay"
)

// settled makes a batch and says that all of it arrived.
func (d *desk) settled(key string) (batch string, ids map[string]string) {
	d.t.Helper()
	batch = d.batch(key)
	d.approve(batch)
	_, ids = d.payouts(batch)
	for _, p := range ids {
		storetest.Must[pay.PayoutOutcome](d.t)(d.PayoutSettle(d.ctx, pay.PayoutSettleInput{ID: p, Reference: "SEPA 1"}))
	}
	return batch, ids
}

// day is the merchant's day, so many days from now.
func (d *desk) day(days int) string {
	return d.clock.Now().AddDate(0, 0, days).UTC().Format(time.DateOnly)
}

// returned sends a settled payout back today.
func (d *desk) returned(payoutID string) error {
	_, err := d.PayoutReturn(d.ctx, pay.PayoutReturnInput{ID: payoutID, Reason: "account closed", ReturnedOn: d.day(0)})
	return err
}

func (d *desk) batchIs(batch string, want payoutbatch.Status) {
	d.t.Helper()
	if got := d.store.Client().PayoutBatch.GetX(d.ctx, batch).Status; got != want {
		d.t.Errorf("the batch is %s, want %s", got, want)
	}
}

// 10.00 and 25.00 are sent. Ten days later the bank sends the 25.00 back; it told so two
// days after that. The next batch pays it again, with 5.00 that was earned since.
func TestQ65_ReturnedPayoutIsPayableAgainOnce(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a, b := d.affiliate(), d.affiliate()
	d.owe(a, 1000, "USD")
	d.owe(b, 2500, "USD")
	batch, ids := d.settled("2026-03")
	sent := d.clock.Now()
	d.clock.Advance(12 * 24 * time.Hour)
	out := storetest.Must[pay.PayoutOutcome](d.t)(d.PayoutReturn(d.ctx, pay.PayoutReturnInput{ID: ids[b], Reason: "account closed", ReturnedOn: d.day(-2)}))
	if out.PayoutID != ids[b] || out.BatchID != batch {
		t.Errorf("returned %+v", out)
	}
	d.stands(b, "2500 0 0")
	d.stands(a, "0 0 1000")
	d.refuses(d.returned(ids[b]), problem.State, "id") // once
	d.batchIs(batch, payoutbatch.StatusSETTLED)        // 10.00 of it arrived
	d.owe(b, 500, "USD")
	states, _ := d.payouts(d.batch("2026-04"))
	if len(states) != 1 || states[b] != "3000 RESERVED" {
		t.Errorf("April: %v", states)
	}
	if got := d.events("payout.returned"); !slices.Equal(got, []string{"payout.returned 2500"}) {
		t.Errorf("events: %v", got)
	}
	st := storetest.Must[pay.Statement](d.t)(d.Statement(d.as(b), pay.StatementInput{Currency: "USD", From: sent.Add(-time.Hour), To: d.clock.Now().Add(time.Hour)}))
	r := st.Rows[len(st.Rows)-3] // then 5.00 earned and 30.00 reserved
	got := fmt.Sprintf("%s %s %s %s paid %s", r.Kind, r.Payable.Decimal(), r.Memo, r.EventAt.Format(time.DateOnly), st.Paid.Decimal())
	if want := "RETURN 25.00 account closed " + d.day(-2) + " paid 0.00"; got != want {
		t.Errorf("the statement says %q, want %q", got, want)
	}
	if memo := st.Rows[2].Memo; memo != "SEPA 1" { // the payout keeps its own words
		t.Errorf("the payout's row says %q", memo)
	}
	d.balanced()
}

// A batch says what became of its money: one of which nothing arrived has failed.
func TestBatchOfWhichNothingArrivedHasFailed(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	d.owe(a, 1000, "USD")
	failed := d.batch("one")
	d.approve(failed)
	_, ids := d.payouts(failed)
	storetest.Must[pay.PayoutOutcome](d.t)(d.PayoutFail(d.ctx, pay.PayoutFailInput{ID: ids[a], Reason: "no such account"}))
	d.batchIs(failed, payoutbatch.StatusFAILED)
	returned, ids := d.settled("two")
	d.batchIs(returned, payoutbatch.StatusSETTLED)
	if err := d.returned(ids[a]); err != nil {
		t.Fatal(err)
	}
	d.batchIs(returned, payoutbatch.StatusFAILED)
	d.stands(a, "1000 0 0")
	if got := d.events("payout.batch_failed"); len(got) != 2 {
		t.Errorf("events: %v", got)
	}
	d.balanced()
}

func TestPayoutReturnRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	d.owe(a, 1000, "USD")
	_, ids := d.settled("one")
	d.clock.Advance(3 * 24 * time.Hour)
	try := func(id, reason, on string) error {
		_, err := d.PayoutReturn(d.ctx, pay.PayoutReturnInput{ID: id, Reason: reason, ReturnedOn: on})
		return err
	}
	d.refuses(try(ids[a], "", d.day(0)), problem.Invalid, "reason")
	d.refuses(try(ids[a], "r", "yesterday"), problem.Invalid, "returnedOn")
	d.refuses(try(ids[a], "r", d.day(1)), problem.Invalid, "returnedOn")
	d.refuses(try(ids[a], "r", d.day(-4)), problem.Invalid, "returnedOn")
	d.refuses(try("pay_none", "r", d.day(0)), problem.NotFound, "id")
	stranger := newDesk(t, d.store, d.clock)
	_, err := stranger.PayoutReturn(stranger.ctx, pay.PayoutReturnInput{ID: ids[a], Reason: "r", ReturnedOn: d.day(0)})
	d.refuses(err, problem.NotFound, "id")
	d.stands(a, "0 0 1000")
}

func TestQ65_PayoutReturnedByEightAtOnceComesBackOnce(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	d.owe(a, 1000, "USD")
	_, ids := d.settled("one")
	var all sync.WaitGroup
	var done atomic.Int32
	start := make(chan struct{})
	for range 8 {
		all.Go(func() {
			<-start
			if err := d.returned(ids[a]); err == nil {
				done.Add(1)
			} else {
				d.refuses(err, problem.State, "id")
			}
		})
	}
	close(start)
	all.Wait()
	if done.Load() != 1 {
		t.Errorf("%d returned it", done.Load())
	}
	d.stands(a, "1000 0 0")
	d.balanced()
}
