package pay_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tributary/tributary/ent/payoutbatch"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/pay"
)

func TestQ65_PayoutIsReservedSentAndSettledOrPayableAgain(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a, b := d.affiliate(), d.affiliate()
	d.owe(a, 1000, "USD")
	d.owe(b, 2500, "USD")
	batch := d.batch("2026-03")
	d.stands(a, "0 1000 0")
	d.approve(batch)
	_, ids := d.payouts(batch)
	out := storetest.Must[pay.PayoutOutcome](d.t)(d.PayoutSettle(d.ctx, pay.PayoutSettleInput{ID: ids[a], Reference: "SEPA 1"}))
	if out.BatchSettled {
		t.Error("the batch ended with a payout open")
	}
	d.stands(a, "0 0 1000")
	out = storetest.Must[pay.PayoutOutcome](d.t)(d.PayoutFail(d.ctx, pay.PayoutFailInput{ID: ids[b], Reason: "account closed"}))
	if !out.BatchSettled {
		t.Error("the batch did not end with its last payout")
	}
	d.stands(b, "2500 0 0")
	states, _ := d.payouts(d.batch("2026-04")) // what failed is in the next one
	if len(states) != 1 || states[b] != "2500 RESERVED" {
		t.Errorf("April: %v", states)
	}
	d.balanced()
	want := []string{
		"payout.batch_created ", "payout.reserved 1000", "payout.reserved 2500", "payout.batch_approved ",
		"payout.settled 1000", "payout.failed 2500", "payout.batch_settled ", "payout.batch_created ", "payout.reserved 2500",
	}
	if got := d.events("payout."); !slices.Equal(got, want) {
		t.Errorf("events\n%v, want\n%v", got, want)
	}
}

func TestQ64_LaterDebitMeetsTheNextBatch(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	d.owe(a, 10_000, "USD")
	batch := d.batch("2026-03")
	d.owe(a, -3000, "USD") // a refund while the payout is under way
	d.stands(a, "-3000 10000 0")
	d.approve(batch)
	_, ids := d.payouts(batch)
	storetest.Must[pay.PayoutOutcome](d.t)(d.PayoutSettle(d.ctx, pay.PayoutSettleInput{ID: ids[a]}))
	d.stands(a, "-3000 0 10000") // frozen: the whole 100.00 was sent
	d.owe(a, 5000, "USD")
	states, _ := d.payouts(d.batch("2026-04"))
	if states[a] != "2000 RESERVED" { // 50.00 − 30.00
		t.Errorf("April: %v", states)
	}
}

func TestQ02_CancelledBatchIsPayableAgainExceptWhatWasSettled(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a, b := d.affiliate(), d.affiliate()
	d.owe(a, 1000, "USD")
	d.owe(b, 2000, "USD")
	batch := d.batch("2026-03")
	d.approve(batch)
	_, ids := d.payouts(batch)
	storetest.Must[pay.PayoutOutcome](d.t)(d.PayoutSettle(d.ctx, pay.PayoutSettleInput{ID: ids[a]}))
	storetest.Must[pay.BatchOutcome](d.t)(d.BatchCancel(d.ctx, pay.BatchCancelInput{ID: batch, Reason: "wrong bank"}))
	states, _ := d.payouts(batch)
	if states[a] != "1000 SETTLED" || states[b] != "2000 CANCELLED" {
		t.Errorf("after the cancellation: %v", states)
	}
	d.stands(a, "0 0 1000")
	d.stands(b, "2000 0 0")
	d.balanced()
}

// Every verb on a batch in every state: the ones not named here are refused, and
// change nothing.
func TestBatchStatesAreATable(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	allowed := map[string]bool{
		"RESERVED approve": true, "RESERVED cancel": true, "APPROVED cancel": true, "APPROVED settle": true, "APPROVED fail": true, "SETTLED return": true,
	}
	verbs := map[string]func(batch, payout string) error{
		"approve": func(b, _ string) error { _, err := d.BatchApprove(d.ctx, pay.BatchApproveInput{ID: b}); return err },
		"cancel": func(b, _ string) error {
			_, err := d.BatchCancel(d.ctx, pay.BatchCancelInput{ID: b, Reason: "r"})
			return err
		},
		"settle": func(_, p string) error { _, err := d.PayoutSettle(d.ctx, pay.PayoutSettleInput{ID: p}); return err },
		"fail": func(_, p string) error {
			_, err := d.PayoutFail(d.ctx, pay.PayoutFailInput{ID: p, Reason: "r"})
			return err
		},
	}
	verbs["return"] = func(_, p string) error { return d.returned(p) }
	roads := map[string][]string{"RESERVED": nil, "APPROVED": {"approve"}, "SETTLED": {"approve", "settle"}, "FAILED": {"approve", "fail"}, "CANCELLED": {"cancel"}, "RETURNED": {"approve", "settle", "return"}}
	for state, road := range roads {
		for verb, do := range verbs {
			a := d.affiliate()
			d.owe(a, 1000, "USD")
			batch := storetest.Must[pay.BatchOutcome](d.t)(d.BatchCreate(d.ctx, pay.BatchCreateInput{BatchKey: a, Currency: "USD", AffiliateIDs: []string{a}})).BatchID
			_, ids := d.payouts(batch)
			for _, step := range road {
				if err := verbs[step](batch, ids[a]); err != nil {
					t.Fatal(err)
				}
			}
			before, _ := d.payouts(batch)
			err := do(batch, ids[a])
			if allowed[state+" "+verb] {
				if err != nil {
					t.Errorf("%s %s: %v", state, verb, err)
				}
				continue
			}
			d.refuses(err, problem.State, "id")
			if after, _ := d.payouts(batch); after[a] != before[a] {
				t.Errorf("%s %s: %s became %s", state, verb, before[a], after[a])
			}
		}
	}
	d.balanced()
}

func TestPayoutsSettledAtOnceSettleTheBatchOnce(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	for round := range 6 {
		for range 4 {
			d.owe(d.affiliate(), 1000, "USD")
		}
		batch := d.batch(fmt.Sprint("run ", round))
		d.approve(batch)
		_, ids := d.payouts(batch)
		var all sync.WaitGroup
		var ended atomic.Int32
		start := make(chan struct{})
		for _, p := range ids {
			all.Go(func() {
				<-start
				out, err := d.PayoutSettle(d.ctx, pay.PayoutSettleInput{ID: p})
				if err != nil {
					t.Error(err)
				}
				if out.BatchSettled {
					ended.Add(1)
				}
			})
		}
		close(start)
		all.Wait()
		row := d.store.Client().PayoutBatch.GetX(d.ctx, batch)
		if ended.Load() != 1 || row.Status != payoutbatch.StatusSETTLED || row.SettledAt == nil {
			t.Errorf("%d ended the batch, it is %s", ended.Load(), row.Status)
		}
	}
}

func TestApprovalIsSignedAndRefusesAnOlderVersion(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.owe(d.affiliate(), 1000, "USD")
	batch := d.batch("2026-03")
	version := d.store.Client().PayoutBatch.GetX(d.ctx, batch).Version
	other := version + 1
	_, err := d.BatchApprove(d.ctx, pay.BatchApproveInput{ID: batch, ExpectedVersion: &other})
	d.refuses(err, problem.Conflict, "expectedVersion")
	storetest.Must[pay.BatchOutcome](d.t)(d.BatchApprove(d.ctx, pay.BatchApproveInput{ID: batch, ExpectedVersion: &version}))
	row := d.store.Client().PayoutBatch.GetX(d.ctx, batch)
	if row.ApprovedBy != "usr_owner" || row.ApprovedAt == nil || row.Version != version+1 {
		t.Errorf("approved by %q at %v, version %d", row.ApprovedBy, row.ApprovedAt, row.Version)
	}
}

func TestPayVerbsRefuseBadInputAndForeignRows(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	d.owe(a, 1000, "USD")
	batch := d.batch("2026-03")
	_, ids := d.payouts(batch)
	long := string(make([]byte, 501))
	stranger := newDesk(t, d.store, d.clock)
	_, err := d.PayoutSettle(d.ctx, pay.PayoutSettleInput{ID: ids[a], Reference: long})
	d.refuses(err, problem.Invalid, "reference")
	_, err = d.PayoutFail(d.ctx, pay.PayoutFailInput{ID: ids[a]})
	d.refuses(err, problem.Invalid, "reason")
	_, err = d.PayoutFail(d.ctx, pay.PayoutFailInput{ID: ids[a], Reason: long})
	d.refuses(err, problem.Invalid, "reason")
	_, err = d.BatchCancel(d.ctx, pay.BatchCancelInput{ID: batch})
	d.refuses(err, problem.Invalid, "reason")
	_, err = stranger.BatchApprove(stranger.ctx, pay.BatchApproveInput{ID: batch})
	d.refuses(err, problem.NotFound, "id")
	_, err = stranger.PayoutSettle(stranger.ctx, pay.PayoutSettleInput{ID: ids[a]})
	d.refuses(err, problem.NotFound, "id")
	_, err = stranger.BatchCSV(stranger.ctx, batch)
	d.refuses(err, problem.NotFound, "id")
	_, err = d.BatchCSV(d.as(a), batch) // an affiliate never sees a batch
	d.refuses(err, problem.NotFound, "id")
	d.stands(a, "0 1000 0")
}
