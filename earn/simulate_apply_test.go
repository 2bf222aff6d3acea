package earn_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/simulation"
	"github.com/tributary/tributary/ent/simulationaffiliate"
	"github.com/tributary/tributary/ent/simulationdifference"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// agrees compares the ledger with what is left of the commissions.
func (b *bazaar) agrees(when string) {
	b.t.Helper()
	rows, err := b.store.Client().Commission.Query().All(b.ctx)
	b.must(err)
	type purse struct {
		who string
		in  money.Currency
	}
	pending, payable := map[purse]int64{}, map[purse]int64{}
	for _, c := range rows {
		to, left := purse{c.AffiliateID, c.Currency}, c.AmountMinor-c.ReversedMinor
		if c.RateSource != "" {
			back, err := money.MulDiv(c.PaidAmount, c.ReversedMinor, c.AmountMinor)
			b.must(err)
			to.in, left = *c.PaidCurrency, c.PaidAmount-back
		}
		if c.Status == commission.StatusPENDING {
			pending[to] += left
		} else if c.Status == commission.StatusAPPROVED {
			payable[to] += left
		}
	}
	everybody, err := b.store.Client().Affiliate.Query().IDs(b.ctx)
	b.must(err)
	for _, who := range everybody {
		for _, in := range []money.Currency{"USD", "KWD"} {
			b.books(when, who, in, pending[purse{who, in}], payable[purse{who, in}])
		}
	}
	findings, err := b.ledger.Verify(b.ctx, nil)
	if err != nil || len(findings) > 0 {
		b.t.Errorf("%s: findings %v, %v", when, findings, err)
	}
}

// sorts counts of which sort the commissions are that a simulation changed.
func (b *bazaar) sorts(sim *ent.Simulation, seen map[string]int) {
	b.t.Helper()
	rows, err := b.store.Client().SimulationDifference.Query().Where(simulationdifference.SimulationID(sim.ID), simulationdifference.KindEQ(simulationdifference.KindCHANGED)).All(b.ctx)
	b.must(err)
	for _, d := range rows {
		seen[string(d.CommissionKind)]++
		if d.NewCommissionID == nil {
			continue
		}
		c, err := b.store.Client().Commission.Get(b.ctx, *d.NewCommissionID)
		b.must(err)
		switch {
		case c.RateSource != "":
			seen["converted"]++
		case c.RateMissing:
			seen["waiting for a rate"]++
		}
	}
}

// foretold compares what was simulated for everybody with what they have now.
func (b *bazaar) foretold(sim *ent.Simulation) {
	b.t.Helper()
	rows, err := b.store.Client().SimulationAffiliate.Query().Where(simulationaffiliate.SimulationID(sim.ID)).All(b.ctx)
	b.must(err)
	for _, row := range rows {
		all, err := b.store.Client().Commission.Query().Where(commission.AffiliateID(row.AffiliateID), commission.StatusNEQ(commission.StatusREJECTED),
			commission.KindIn(commission.KindCONVERSION, commission.KindOVERRIDE, commission.KindTIER, commission.KindBONUS)).All(b.ctx)
		b.must(err)
		left := int64(0)
		for _, c := range all {
			left += c.AmountMinor - c.ReversedMinor
		}
		if left != row.AfterMinor {
			b.t.Errorf("seed %d: %s was to have %d and has %d", b.seed, row.AffiliateID, row.AfterMinor, left)
		}
	}
}

// explainAll asks every commission to explain itself.
func (b *bazaar) explainAll() {
	b.t.Helper()
	ids, err := b.store.Client().Commission.Query().IDs(b.ctx)
	b.must(err)
	for _, id := range ids {
		if _, err := b.ExplainCommission(b.ctx, id); err != nil {
			b.t.Errorf("%s: %v", id, err)
		}
	}
}

// What is applied is what was simulated: afterwards the same terms change nothing,
// the book says what the commissions say, and refunds and edits follow the new ones.
func TestN12_N13_C26_WhatIsAppliedIsWhatWasSimulated(t *testing.T) {
	t.Parallel()
	applied, carried, seen := 0, 0, map[string]int{}
	for i := range uint64(6) {
		seed := draws.Seed(t, i)&^1 + i%2
		if i == 0 {
			seed = 17577426130192612768 // leaves an upline nothing of a sale and something of an edit, and edits it again
		}
		b, _, _ := openBazaar(t, seed)
		b.trade(50)
		other := bazaarTerms(b.r, !b.edits)
		other.PlanID = b.plan()
		if i == 1 && len(other.Bonuses) == 0 {
			follow(b.r, &other)
		}
		if len(other.Bonuses) == 0 {
			other.Precedence = []plan.Precedence{plan.Sum, plan.Best, plan.FirstMatch}[b.r.IntN(3)]
		}
		sim := b.simulate(earn.PlanSimulateInput{Terms: &other})
		applied, carried = applied+len(b.differences(sim, "CHANGED")), carried+len(b.differences(sim, "CARRIED"))
		b.agrees("simulated")
		done := b.apply(sim)
		if done.Status != simulation.StatusAPPLIED || done.Skipped != 0 || done.Done != sim.Changed && done.Done < sim.Changed {
			t.Fatalf("seed %d: %s, %d of %d, %d skipped, %s", seed, done.Status, done.Done, sim.Changed, done.Skipped, done.Reason)
		}
		b.agrees(fmt.Sprint("seed ", seed, " applied"))
		b.foretold(sim)
		b.explainAll()
		if again := b.simulate(earn.PlanSimulateInput{PlanVersionID: *done.PlanVersionID}); len(b.differences(again, "CHANGED")) > 0 {
			t.Errorf("seed %d: again %q", seed, b.differences(again, "CHANGED"))
		}
		b.trade(25)
		b.agrees(fmt.Sprint("seed ", seed, " traded on"))
		b.sorts(sim, seen)
	}
	t.Log(applied, carried, seen)
	if applied == 0 || carried == 0 {
		t.Error("nothing was applied, or carried")
	}
	for _, must := range []string{"TIER", "BONUS", "converted", "waiting for a rate"} {
		if seen[must] == 0 {
			t.Errorf("nothing of the sort %s was changed", must)
		}
	}
}

// one is a market with one order of 100.00 at 10 %, and a simulation at 15 %.
func one(t *testing.T) (m *market, who, conversion string, sim *ent.Simulation) {
	t.Helper()
	m, who = hired(t, percent("10"))
	o := m.sale("1001", m.clicked(who), "USD", 10_000)
	conversion = m.accept(o).ConversionID
	in := earn.PlanActivateInput{PlanID: m.plan(), Rules: []plan.Rule{percent("15")}}
	return m, who, conversion, m.simulate(earn.PlanSimulateInput{Terms: &in})
}

func TestN12_NothingIsPostedWhenDataMoved(t *testing.T) {
	t.Parallel()
	changes := map[string]func(*market, string, string){
		"a refund":      func(m *market, _, _ string) { m.refund(m.sale("1001", "", "USD", 10_000), "r1", 1000) },
		"an order":      func(m *market, who, _ string) { m.accept(m.sale("1002", m.clicked(who), "USD", 500)) },
		"an adjustment": func(m *market, who, _ string) { m.adjusted(who, 100) },
		"a decision": func(m *market, _, conversion string) {
			_, err := m.Reattribute(m.ctx, earn.ReattributeInput{ConversionID: conversion, AffiliateID: m.affiliate("bob"), Reason: "asked"})
			m.must(err)
		},
		"a rejection": func(m *market, _, conversion string) {
			_, err := m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: m.commissions(conversion)[0].ID, Reason: "no"})
			m.must(err)
		},
		"terms": func(m *market, _, _ string) { m.terms(percent("11")) },
	}
	for name, change := range changes {
		m, who, conversion, sim := one(t)
		change(m, who, conversion)
		before, payable := m.balance(who, "USD")
		if got := m.apply(sim); got.Status != simulation.StatusREFUSED || got.Reason != "DATA_MOVED" {
			t.Errorf("after %s: %s %s", name, got.Status, got.Reason)
		}
		m.books("after "+name, who, "USD", before, payable)
	}
}

// plan gives the id of the market's plan.
func (m *market) plan() string {
	m.t.Helper()
	id, err := m.store.Client().CommissionPlan.Query().FirstID(m.ctx)
	m.must(err)
	return id
}

func (m *market) adjusted(who string, amount int64) {
	m.t.Helper()
	_, err := m.CommissionAdjust(m.ctx, earn.CommissionAdjustInput{AffiliateID: who, ProgramID: m.program, Amount: money.Of(amount, "USD"), Reason: "bonus"})
	m.must(err)
}

// An approval changes nothing of what is owed, and moves nothing.
func TestN12_AppliedOnceWhereTheCommissionIs(t *testing.T) {
	t.Parallel()
	m, who, conversion, sim := one(t)
	m.approve(m.commissions(conversion)[0].ID)
	if got := m.apply(sim); got.Status != simulation.StatusAPPLIED {
		t.Fatal(got.Status, got.Reason)
	}
	m.books("15 % of 100.00, payable as it was", who, "USD", 0, 1500)
	_, err := m.SimulationApply(m.ctx, earn.SimulationApplyInput{SimulationID: sim.ID, Reason: "again"})
	m.refuses(err, problem.State, "simulationId")
	m.must(m.WorkOn(m.ctx, sim.ID))
	m.books("a second time", who, "USD", 0, 1500)
	m.refund(m.sale("1001", "", "USD", 10_000), "r1", 4000)
	m.books("60.00 of it left", who, "USD", 0, 900)
	facts := m.facts("commission.recalculated")
	if len(facts) != 1 || facts[0]["before"] != "1000" || facts[0]["after"] != "1500" || facts[0]["affiliate"] != who {
		t.Errorf("%v", facts)
	}
}

// What changes while it is applied is skipped and said.
func TestN12_WhatChangesMeanwhileIsSkipped(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	const n = 120
	for i := range n { // far more than are done before it is stopped
		m.accept(m.sale(fmt.Sprint("o", i), m.clicked(who), "USD", 1000))
	}
	in := earn.PlanActivateInput{PlanID: m.plan(), Rules: []plan.Rule{percent("20")}}
	sim := m.simulate(earn.PlanSimulateInput{Terms: &in})
	_, err := m.SimulationApply(m.ctx, earn.SimulationApplyInput{SimulationID: sim.ID, Reason: "agreed"})
	m.must(err)
	m.stopAfter(sim.ID, 1)
	m.refund(m.sale(fmt.Sprint("o", n-1), "", "USD", 1000), "r1", 500)
	m.must(m.WorkOn(m.ctx, sim.ID))
	if got := m.simulation(sim.ID); got.Status != simulation.StatusAPPLIED || got.Skipped != 1 || got.Done != n {
		t.Errorf("%s, %d done, %d skipped", got.Status, got.Done, got.Skipped)
	}
	m.books("2.00 for all but one, and half of 1.00", who, "USD", (n-1)*200+50, 0)
}

// stopAfter works on a simulation that is to be applied, and is killed when so many
// conversions are done.
func (m *market) stopAfter(id string, n int64) {
	m.t.Helper()
	ctx, kill := context.WithCancel(m.ctx)
	defer kill()
	ended := make(chan error, 1)
	go func() { ended <- m.WorkOn(ctx, id) }()
	for {
		select {
		case err := <-ended:
			if m.simulation(id).Status == simulation.StatusAPPLIED || err == nil {
				m.t.Fatalf("it was not stopped: %v", err)
			}
			return
		case <-time.After(time.Millisecond):
			if m.simulation(id).Done >= n {
				kill()
			}
		}
	}
}

// Killed wherever it is, it goes on where it stopped: each conversion once.
func TestN12_KilledWhileApplyingEachOnce(t *testing.T) {
	t.Parallel()
	m, who, in := killedWhileApplying(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("20")}})
	m.books("2.00 each", who, "USD", in*200, 0)
	standing, err := m.store.Client().Commission.Query().Where(commission.SupersededAtIsNil()).All(m.ctx)
	m.must(err)
	if int64(len(standing)) != in || slices.ContainsFunc(standing, func(c *ent.Commission) bool { return c.AmountMinor != 200 }) {
		t.Errorf("%d stand", len(standing))
	}
}

// So does what follows a whole period: each sale has its tier, each goal its bonus, once.
func TestN12_KilledWhileApplyingEachTierAndBonusOnce(t *testing.T) {
	t.Parallel()
	whole := tiered(plan.Retroactive) // 10 %, and 20 % for all of a month with 100.00
	ten := plan.Bonus{Name: "ten", Kind: plan.BonusGoal, Amount: money.Of(500, "USD"), Metric: plan.MetricCount, Period: plan.Month, Count: 10, Every: true}
	m, who, in := killedWhileApplying(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("20"), whole}, Precedence: plan.Sum, Bonuses: []plan.Bonus{ten}})
	m.books("2.00, 1.00 and 1.00 each, and 5.00 for every ten", who, "USD", in*400+in/10*500, 0)
	standing, err := m.store.Client().Commission.Query().Where(commission.SupersededAtIsNil()).Count(m.ctx)
	if m.must(err); int64(standing) != 2*in+in/10 {
		t.Errorf("%d stand", standing)
	}
}

// killedWhileApplying sells so many orders of 10.00 at 10 %, and applies other terms to
// them by ever other hands.
func killedWhileApplying(t *testing.T, in earn.PlanActivateInput) (m *market, who string, sold int64) {
	t.Helper()
	m, who = hired(t, percent("10"))
	const n = 60
	for i := range n {
		m.accept(m.sale(fmt.Sprint("o", i), m.clicked(who), "USD", 1000))
	}
	in.PlanID = m.plan()
	sim := m.simulate(earn.PlanSimulateInput{Terms: &in})
	_, err := m.SimulationApply(m.ctx, earn.SimulationApplyInput{SimulationID: sim.ID, Reason: "agreed"})
	m.must(err)
	for done := int64(0); m.simulation(sim.ID).Status == simulation.StatusAPPLYING && done < n-30; {
		done += 1 + rand.Int64N(6)
		m.stopAfter(sim.ID, done)
		done = m.simulation(sim.ID).Done
	}
	// two at once
	errs := make(chan error, 2)
	for range 2 {
		go func() { errs <- m.WorkOn(m.ctx, sim.ID) }()
	}
	m.must(<-errs)
	m.must(<-errs)
	m.must(m.WorkOn(m.ctx, sim.ID))
	got := m.simulation(sim.ID)
	if got.Status != simulation.StatusAPPLIED || got.Done != sim.Changed || got.Skipped != 0 {
		t.Errorf("%s, %d of %d done, %d skipped", got.Status, got.Done, sim.Changed, got.Skipped)
	}
	if facts := m.facts("commission.recalculated"); len(facts) != n {
		t.Errorf("%d recalculated", len(facts))
	}
	return m, who, n
}
