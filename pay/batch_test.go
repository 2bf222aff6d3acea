package pay_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/pay"
	"github.com/tributary/tributary/roster"
)

func TestQ66_SameKeyIsTheSameBatch(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	d.owe(a, 1000, "USD")
	first := d.batch("2026-03")
	d.owe(a, 700, "USD")
	again := storetest.Must[pay.BatchOutcome](d.t)(d.BatchCreate(d.ctx, pay.BatchCreateInput{BatchKey: "2026-03", Currency: "USD"}))
	if again.BatchID != first || again.Created {
		t.Errorf("the second run made %+v, want the batch %s", again, first)
	}
	d.stands(a, "700 1000 0") // the later 7.00 is in no batch
	_, err := d.BatchCreate(d.ctx, pay.BatchCreateInput{BatchKey: "2026-03", Currency: "EUR"})
	d.refuses(err, problem.Taken, "batchKey")
	_, err = d.BatchCreate(d.ctx, pay.BatchCreateInput{BatchKey: "2026-03", Currency: "USD", Rail: "CSV"})
	d.refuses(err, problem.Taken, "batchKey")
}

func TestQ66_RunsAtOnceMakeOneBatch(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	affiliates := []string{d.affiliate(), d.affiliate(), d.affiliate()}
	for _, a := range affiliates {
		d.owe(a, 1000, "USD")
	}
	var all sync.WaitGroup
	out, errs := make([]pay.BatchOutcome, 16), make([]error, 16)
	for i := range out {
		all.Go(func() {
			out[i], errs[i] = d.BatchCreate(d.ctx, pay.BatchCreateInput{BatchKey: "2026-03", Currency: "USD"})
		})
	}
	all.Wait()
	made := 0
	for i, o := range out {
		if errs[i] != nil || o.BatchID != out[0].BatchID {
			t.Errorf("run %d: %+v, %v", i, o, errs[i])
		}
		if o.Created {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d runs made a batch", made)
	}
	for _, a := range affiliates {
		d.stands(a, "0 1000 0")
	}
	d.balanced()
}

func TestQ67_DebtIsNettedBeforeTheThresholdAndNeverPaid(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.program("USD", 5000)
	debtor, netted, owed := d.affiliate(p), d.affiliate(p), d.affiliate(p)
	d.owe(debtor, -100, "USD")  // owes the merchant 1.00: carried forward
	d.owe(netted, 5999, "USD")  // 59.99 earned …
	d.owe(netted, -1000, "USD") // … less 10.00 taken back = 49.99, below 50.00
	d.owe(owed, 6000, "USD")
	d.owe(owed, -1000, "USD") // 60.00 − 10.00 = 50.00, exactly the threshold
	states, _ := d.payouts(d.batch("2026-03"))
	if len(states) != 1 || states[owed] != "5000 RESERVED" {
		t.Errorf("paid: %v", states)
	}
	d.stands(debtor, "-100 0 0")
	d.stands(netted, "4999 0 0")
}

func TestQ68_OnlyActiveAffiliatesArePaidAndLeftoversRollForward(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	active, suspended := d.affiliate(), d.affiliate()
	d.owe(active, 1000, "USD")
	d.owe(suspended, 2000, "USD")
	storetest.Must[roster.AffiliateOutcome](d.t)(d.roster.AffiliateSuspend(d.ctx, roster.StandingInput{ID: suspended, Reason: "checks"}))
	states, _ := d.payouts(d.batch("2026-03"))
	if len(states) != 1 || states[active] != "1000 RESERVED" {
		t.Errorf("March: %v", states)
	}
	d.stands(suspended, "2000 0 0")
	storetest.Must[roster.AffiliateOutcome](d.t)(d.roster.AffiliateReinstate(d.ctx, roster.StandingInput{ID: suspended}))
	states, _ = d.payouts(d.batch("2026-04"))
	if len(states) != 1 || states[suspended] != "2000 RESERVED" {
		t.Errorf("April: %v", states)
	}
}

// The threshold is that of the payout's currency: by default the largest among
// the affiliate's programs in it.
func TestQ21_ThresholdIsTestedInThePayoutsCurrency(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	low, high, euro := d.program("USD", 1000), d.program("USD", 3000), d.program("EUR", 9000)
	for _, c := range []struct {
		programs []string
		minor    int64
		paid     bool
	}{
		{[]string{low}, 1000, true},
		{[]string{low}, 999, false},
		{[]string{low, high}, 2999, false}, // the larger of 10.00 and 30.00
		{[]string{low, high}, 3000, true},
		{[]string{low, euro}, 1000, true}, // 90.00 EUR says nothing about dollars
		{[]string{euro}, 1, true},         // no program in dollars: no threshold
		{nil, 1, true},
	} {
		a := d.affiliate(c.programs...)
		d.owe(a, c.minor, "USD")
		_, err := d.BatchCreate(d.ctx, pay.BatchCreateInput{BatchKey: a, Currency: "USD", AffiliateIDs: []string{a}})
		if c.paid && err != nil {
			t.Errorf("%d cents in %d programs: %v", c.minor, len(c.programs), err)
		}
		if !c.paid {
			d.refuses(err, problem.BelowThreshold, "")
		}
	}
}

func TestThresholdOfTheRunReplacesThePrograms(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.program("USD", 5000)
	a, b := d.affiliate(p), d.affiliate(p)
	d.owe(a, 200, "USD")
	d.owe(b, 199, "USD")
	least := money.Of(200, "USD")
	out := storetest.Must[pay.BatchOutcome](d.t)(d.BatchCreate(d.ctx, pay.BatchCreateInput{BatchKey: "now", Currency: "USD", Threshold: &least}))
	if states, _ := d.payouts(out.BatchID); len(states) != 1 || states[a] != "200 RESERVED" {
		t.Errorf("paid: %v", states)
	}
}

func TestNothingToPayWritesNothing(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.owe(d.affiliate(), -100, "USD")
	_, err := d.BatchCreate(d.ctx, pay.BatchCreateInput{BatchKey: "2026-03", Currency: "USD"})
	d.refuses(err, problem.BelowThreshold, "")
	if n := d.store.Client().PayoutBatch.Query().CountX(d.ctx); n != 0 {
		t.Errorf("%d batches", n)
	}
	if events := d.events("payout."); len(events) > 0 {
		t.Errorf("events: %v", events)
	}
}

func TestBatchCreateRefusesBadInput(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	d.owe(a, 1000, "USD")
	stranger := newDesk(t, d.store, d.clock).affiliate()
	euros, negative := money.Of(1, "EUR"), money.Of(-1, "USD")
	for _, c := range []struct {
		in    pay.BatchCreateInput
		code  problem.Code
		field string
	}{
		{pay.BatchCreateInput{Currency: "USD"}, problem.Invalid, "batchKey"},
		{pay.BatchCreateInput{BatchKey: string(make([]byte, 101)), Currency: "USD"}, problem.Invalid, "batchKey"},
		{pay.BatchCreateInput{BatchKey: "k", Currency: "XXQ"}, problem.CurrencyUnknown, "currency"},
		{pay.BatchCreateInput{BatchKey: "k", Currency: "USD", Rail: "PIGEON"}, problem.Invalid, "rail"},
		{pay.BatchCreateInput{BatchKey: "k", Currency: "USD", Threshold: &euros}, problem.CurrencyMismatch, "threshold"},
		{pay.BatchCreateInput{BatchKey: "k", Currency: "USD", Threshold: &negative}, problem.AmountRange, "threshold"},
		{pay.BatchCreateInput{BatchKey: "k", Currency: "USD", AffiliateIDs: make([]string, 1001)}, problem.TooLarge, "affiliateIds"},
		{pay.BatchCreateInput{BatchKey: "k", Currency: "USD", AffiliateIDs: []string{a, "aff_none"}}, problem.NotFound, "affiliateIds.1"},
		{pay.BatchCreateInput{BatchKey: "k", Currency: "USD", AffiliateIDs: []string{stranger}}, problem.NotFound, "affiliateIds.0"},
	} {
		_, err := d.BatchCreate(d.ctx, c.in)
		d.refuses(err, c.code, c.field)
	}
	d.stands(a, "1000 0 0")
}

// Runs in two currencies meet no common lock: the key itself decides.
func TestQ66_KeyIsTakenByOneOfTwoCurrencies(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	for round := range 8 {
		d.owe(a, 1000, "USD")
		d.owe(a, 1000, "EUR")
		key := fmt.Sprint("run ", round)
		var both sync.WaitGroup
		var errs [2]error
		for i, c := range []money.Currency{"USD", "EUR"} {
			both.Go(func() { _, errs[i] = d.BatchCreate(d.ctx, pay.BatchCreateInput{BatchKey: key, Currency: c}) })
		}
		both.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("round %d: %v", round, errs)
		}
		d.refuses(errors.Join(errs[0], errs[1]), problem.Taken, "batchKey")
	}
	d.balanced()
}
