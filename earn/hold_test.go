package earn_test

import (
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
)

const aDay = 24 * time.Hour

// due runs the schedule, at the merchant's clock of now.
func (m *market) due() {
	m.t.Helper()
	_, err := m.ApproveDue(m.ctx, 100)
	m.must(err)
}

// Counted from approval, a hold begins when a person approves, and what is approved
// becomes payable when it ends.
func TestC29_Q63_AHoldCountedFromApproval(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, HoldDays: 10, HoldFrom: plan.FromApproval})
	out := m.accept(m.sale("a", m.clicked(who), "USD", 5000))
	m.clock.Advance(20 * aDay)
	m.due()
	m.books("nobody has approved", who, "USD", 500, 0)
	m.approve(out.CommissionIDs...)
	m.books("approved, on hold", who, "USD", 500, 0)
	_, err := m.CommissionApprove(m.ctx, earn.CommissionApproveInput{IDs: out.CommissionIDs})
	m.refuses(err, "WRONG_STATE", "ids.0")
	m.clock.Advance(10*aDay - time.Microsecond)
	m.due()
	m.books("a microsecond before its end", who, "USD", 500, 0)
	m.clock.Advance(time.Microsecond)
	m.due()
	m.books("at its end", who, "USD", 0, 500)
	o := m.sale("b", m.clicked(who), "USD", 5000)
	out = m.accept(o)
	m.approve(out.CommissionIDs...)
	m.refund(o, "r1", 2500)
	m.clock.Advance(10 * aDay)
	m.due()
	m.books("what is left of it becomes payable", who, "USD", 0, 750)
}

// Terms that approve by themselves begin the hold when the commission is accrued,
// however long ago the event was; without days of hold nothing waits.
func TestC29_Q63_ApprovedAtOnce(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, HoldDays: 10, HoldFrom: plan.FromApproval, AutoApprove: true})
	o := m.sale("a", m.clicked(who), "USD", 5000)
	m.clock.Advance(8 * aDay)
	m.accept(o)
	m.clock.Advance(9 * aDay)
	m.due()
	m.books("9 days after it was told", who, "USD", 500, 0)
	m.clock.Advance(aDay)
	m.due()
	m.books("10 days after", who, "USD", 0, 500)
	m, who = planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, HoldFrom: plan.FromApproval})
	out := m.accept(m.sale("a", m.clicked(who), "USD", 5000))
	m.approve(out.CommissionIDs...)
	m.books("no days of hold", who, "USD", 0, 500)
}

// What is approved and on hold goes on so when it is computed again under other terms.
func TestC29_Q63_N12_AnApprovalOnHoldOutlivesOtherTerms(t *testing.T) {
	t.Parallel()
	terms := earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, HoldDays: 10, HoldFrom: plan.FromApproval}
	m, who := planned(t, terms)
	out := m.accept(m.sale("a", m.clicked(who), "USD", 5000))
	m.approve(out.CommissionIDs...)
	terms.PlanID, terms.Rules = m.plan(), []plan.Rule{percent("20")}
	m.apply(m.simulate(earn.PlanSimulateInput{Terms: &terms}))
	m.books("approved, on hold", who, "USD", 1000, 0)
	m.clock.Advance(10 * aDay)
	m.due()
	m.books("at its end", who, "USD", 0, 1000)
}
