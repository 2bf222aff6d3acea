package earn_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/simulation"
	"github.com/tributary/tributary/internal/money"
)

// wholeMonth pays 10 %, and 20 % for all of a month in which 150.00 are sold; 5.00 are for
// 170.00.
func wholeMonth() earn.PlanActivateInput {
	whole, b := tiered(plan.Retroactive), goal()
	whole.Tiers.Steps[0].Amount, b.Goal = money.Of(15_000, "USD"), money.Of(17_000, "USD")
	return earn.PlanActivateInput{Rules: []plan.Rule{whole}, Bonuses: []plan.Bonus{b}}
}

// month sells 60.00 on the third, the tenth and the twentieth of a month, and gives the
// instants.
func (m *market) month(who string) (at []time.Time) {
	m.t.Helper()
	now := m.clock.Now()
	m.clock.Advance(time.Date(now.Year(), now.Month()+1, 3, 12, 0, 0, 0, time.UTC).Sub(now))
	for i, days := range []int{0, 7, 10} {
		m.clock.Advance(time.Duration(days) * 24 * time.Hour)
		o := m.sale(fmt.Sprint("o", i), m.clicked(who), "USD", 6000)
		m.accept(o)
		at = append(at, o.OccurredAt)
	}
	return at
}

// Sales before and after the simulated days count for the periods that these are in, and
// stay as they are.
func TestN12_Q25_WhatLiesAroundTheSimulatedDaysCounts(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	at := m.month(who)
	in := wholeMonth()
	in.PlanID = m.plan()
	sim := m.simulate(earn.PlanSimulateInput{Terms: &in, From: at[1].Add(-time.Hour), Until: at[1].Add(time.Hour)})
	m.spells(sim, "BEGINS 0/0 → 600/600", "BEGINS 0/0 → 500/500")
	if got := m.apply(sim); got.Status != simulation.StatusAPPLIED || got.Done != 2 {
		t.Fatalf("%s, %d done", got.Status, got.Done)
	}
	m.books("three times 6.00, 6.00 more of the second, and 5.00", who, "USD", 3*600+600+500, 0)
	rows := m.bonuses(who)
	if len(rows) != 1 || !rows[0].EarnedAt.Equal(at[2]) {
		t.Errorf("%v", rows)
	}
	m.refund(m.sale("o2", "", "USD", 6000), "r", 3500)
	m.books("25.00 of the third, which is under other terms: looked at with the next change of a sale under these", who, "USD", 2*600+250+600+500, 0)
	m.refund(m.sale("o1", "", "USD", 6000), "s", 1000)
	m.books("50.00 of the second, whose terms these are: 135.00, no tier and no bonus", who, "USD", 600+500+250, 0)
}

// What tiers and goals gave ends with terms that know none, but for bonuses, which are
// left alone and listed; what was paid out of it is a debt.
func TestN12_TiersEndWithTermsThatKnowNone(t *testing.T) {
	t.Parallel()
	m, who := planned(t, wholeMonth())
	m.month(who)
	m.books("20 % of 180.00, and 5.00", who, "USD", 3600+500, 0)
	ids, err := m.store.Client().Commission.Query().Where(commission.KindEQ(commission.KindTIER)).IDs(m.ctx)
	m.must(err)
	m.approve(ids[0])
	in := earn.PlanActivateInput{PlanID: m.plan(), Rules: []plan.Rule{percent("10")}}
	sim := m.simulate(earn.PlanSimulateInput{Terms: &in})
	m.spells(sim, slices.Repeat([]string{"ENDS 600/600 → 0/0"}, 3)...)
	if got := m.differences(sim, "PINNED"); len(got) != 1 || got[0] != "TIED 500/500 → 500/500" {
		t.Errorf("%q", got)
	}
	if got := m.apply(sim); got.Status != simulation.StatusAPPLIED {
		t.Fatal(got.Status, got.Reason)
	}
	m.books("10 % and 5.00, and nothing is left where it was payable", who, "USD", 1800+500, 0)
}
