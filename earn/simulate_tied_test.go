package earn_test

import (
	"strings"
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/problem"
)

// What an upline earned depends on what the seller earned: such a sale is left alone and
// listed, and terms that tie commissions so are not simulated.
func TestN12_WhatOthersDependOnIsLeftAlone(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(2)
	tying := m.leveled(of("5 sale"), percent("10"))
	m.accept(m.sale("1001", m.clicked(who[0]), "USD", 10_000))
	m.books("the seller's", who[0], "USD", 1000, 0)
	m.books("its recruiter's", who[1], "USD", 500, 0)
	p, err := m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Other"})
	m.must(err)
	other := earn.PlanActivateInput{PlanID: p.PlanID, Rules: []plan.Rule{percent("20")}}
	sim := m.simulate(earn.PlanSimulateInput{Terms: &other})
	if found := m.differences(sim, "PINNED"); sim.Changed != 0 || len(found) != 1 || !strings.Contains(found[0], "TIED") {
		t.Errorf("%d differ, pinned %q", sim.Changed, found)
	}
	from, until := m.clock.Now().AddDate(0, -1, 0), m.clock.Now()
	other.Levels = of("5 sale")
	_, err = m.PlanSimulate(m.ctx, earn.PlanSimulateInput{ProgramID: m.program, Terms: &other, From: from, Until: until})
	m.refuses(err, problem.Invalid, "terms")
	_, err = m.PlanSimulate(m.ctx, earn.PlanSimulateInput{ProgramID: m.program, PlanVersionID: tying.PlanVersionID, From: from, Until: until})
	m.refuses(err, problem.Invalid, "planVersionId")
}
