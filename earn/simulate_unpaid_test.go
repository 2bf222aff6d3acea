package earn_test

import (
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// capped are 10 % under a cap of the affiliate's month and one of everybody's, which pay
// nothing of what would pass them.
func capped(own, all int64) earn.PlanActivateInput {
	return earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, Caps: []plan.Cap{
		{Scope: plan.CapAffiliate, Period: plan.Month, Amount: money.Of(own, "USD"), Over: plan.OverNothing},
		{Scope: plan.CapProgram, Period: plan.Month, Amount: money.Of(all, "USD"), Over: plan.OverNothing},
	}}
}

// 10 % of 80.00 are 8.00 of 10.00; 5.00 do not fit, and nothing of them is paid, though
// the budget of 100.00 is far from used up. With 50.00 for the affiliate 5.00 are paid;
// with 12.00 for everybody they do not fit that.
func TestN12_C24_WhichCapWasUsedUpIsKept(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.affiliate("ann")
	in := capped(1000, 10_000)
	p, err := m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Standard"})
	m.must(err)
	in.PlanID = p.PlanID
	_, err = m.PlanActivate(m.ctx, in)
	m.must(err)
	m.accept(m.sale("1001", m.clicked(who), "USD", 8_000))
	o := m.sale("1002", m.clicked(who), "USD", 5_000)
	if out := m.accept(o); out.Rating != "NO_CREDIT" {
		t.Fatal(out.Rating)
	}
	m.refund(o, "r1", 1_000)
	tight, wide := capped(5000, 1200), capped(5000, 10_000)
	tight.PlanID, wide.PlanID = p.PlanID, p.PlanID
	m.spells(m.simulate(earn.PlanSimulateInput{Terms: &in}))
	m.spells(m.simulate(earn.PlanSimulateInput{Terms: &tight}))
	sim := m.simulate(earn.PlanSimulateInput{Terms: &wide})
	m.spells(sim, "BEGINS 0/0 → 500/400")
	m.apply(sim)
	m.books("8.00 and 4.00", who, "USD", 1200, 0)
	back := m.simulate(earn.PlanSimulateInput{Terms: &in})
	m.spells(back, "ENDS 500/400 → 0/0")
	m.apply(back)
	m.books("8.00", who, "USD", 800, 0)
	m.spells(m.simulate(earn.PlanSimulateInput{Terms: &wide}), "BEGINS 0/0 → 500/400")
}
