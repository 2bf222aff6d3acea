package earn_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/track/order"
)

// stages reads what tiers of a whole period have added, oldest first, and checks that
// each explains itself.
func (m *market) stages(affiliateID string) []*ent.Commission {
	m.t.Helper()
	rows, err := m.store.Client().Commission.Query().Where(commission.AffiliateID(affiliateID), commission.KindEQ(commission.KindTIER)).Order(ent.Asc(commission.FieldID)).All(m.ctx)
	m.must(err)
	for _, c := range rows {
		e, err := m.ExplainCommission(m.ctx, c.ID)
		if m.must(err); e.Amount != c.Amount() || e.Steps[len(e.Steps)-1].After != c.AmountMinor {
			m.t.Errorf("%s is explained as %s: %+v", c.Amount(), e.Amount, e.Steps)
		}
	}
	return rows
}

// What was sold before a threshold was reached is restated, and restated back when
// refunds take the period below it.
func TestC14_N17_N18_Q26_TiersThatCountForTheWholePeriod(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{tiered(plan.Retroactive)}})
	first := m.sells(who, "a", 6000)[0]
	m.books("60.00 × 10 %", who, "USD", 600, 0)
	last := m.sells(who, "b", 6000)[0]
	m.books("120.00 × 20 %", who, "USD", 2400, 0)
	if n := len(m.stages(who)); n != 2 {
		t.Errorf("%d restated", n)
	}
	m.refund(last, "r1", 3000)
	m.books("90.00 × 10 %", who, "USD", 900, 0)
	m.sells(who, "c", 2000)
	m.books("110.00 × 20 %", who, "USD", 2200, 0)
	m.refund(first, "r2", 500)
	m.books("105.00 × 20 %", who, "USD", 2100, 0)
	other := m.affiliate("bob")
	m.sells(other, "d", 9999)
	m.books("of another affiliate", other, "USD", 1000, 0)
	m.books("nothing of this", who, "USD", 2100, 0)
	m.clock.Advance(40 * 24 * 60 * 60 * 1e9)
	m.sells(who, "e", 1000)
	m.books("the next month begins below", who, "USD", 2100+100, 0)
}

// An edit moves the period like a sale, and is restated like one.
func TestC14_Q49_AnEditRestates(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{tiered(plan.Retroactive)}})
	o := m.sale("1001", m.clicked(who), "USD", 8000)
	o.Version = 1
	m.accept(o)
	o = m.sale("1001", "", "USD", 8000, 4000)
	o.Version = 2
	m.accept(o)
	m.books("120.00 × 20 %", who, "USD", 2400, 0)
	m.stages(who)
	m.refund(o, "r1", 2001)
	m.books("99.99 × 10 %, by line: 8.00 and 2.00", who, "USD", 1000, 0)
	m.refund(o, "r2", 9999)
	m.books("all back", who, "USD", 0, 0)
}

// Approved and rejected sales: a rejection takes its sale out of the sum, and what
// is approved already is restated by commissions that wait for approval themselves.
func TestC14_Q27_ApprovalsAndRejections(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{tiered(plan.Retroactive)}})
	a := m.accept(m.sale("a", m.clicked(who), "USD", 6000))
	m.approve(a.CommissionIDs...)
	b := m.accept(m.sale("b", m.clicked(who), "USD", 6000))
	m.books("6.00 are approved, 18.00 wait", who, "USD", 1800, 600)
	for _, c := range m.stages(who) {
		m.approve(c.ID)
	}
	m.books("what was added is approved", who, "USD", 600, 1800)
	_, err := m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: b.CommissionIDs[0], Reason: "fraud"})
	m.must(err)
	m.books("60.00 are left: 10 %", who, "USD", 0, 600)
	m.sells(who, "c", 4000)
	m.books("100.00 again: 6.00 of 12.00 given again, 8.00", who, "USD", 800, 1200)
}

// Tiers may count approved sales alone.
func TestC14_Q27_TiersOfApprovedSales(t *testing.T) {
	t.Parallel()
	for mode, want := range map[plan.TierMode]int64{plan.Retroactive: 2200, plan.Prospective: 1200} {
		r := tiered(mode)
		r.Tiers.Counts = plan.CountsApproved
		m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{r}})
		a := m.accept(m.sale("a", m.clicked(who), "USD", 10_000))
		m.books("nothing is approved", who, "USD", 1000, 0)
		m.approve(a.CommissionIDs...)
		m.sells(who, "b", 1000)
		pending, payable := m.balance(who, "USD")
		if pending+payable != want {
			t.Errorf("%s: %d and %d, want %d", mode, pending, payable, want)
		}
	}
}

// However orders, edits and refunds follow each other, the period ends in the same
// place; and everything given back leaves nothing.
func TestC14_N17_Q30_AnyOrderOfEventsEndsInTheSamePlace(t *testing.T) {
	t.Parallel()
	amounts, back := []int64{3333, 4501, 2777, 99}, []int64{1111, 1, 2777, 0}
	// 33.33 + 45.01 + 27.77 + 0.99 = 107.10, less 38.89 = 68.21: below 100.00.
	// 22.22 × 10 % = 2.22; 45.00 → 4.50; 0; 0.99 → 0.10: 6.82. Refunds round what they
	// take: 3.33 − 1.11 = 2.22; 4.50 − 0.00 = 4.50; 0; 0.10.
	const want = 222 + 450 + 0 + 10
	for seed := range uint64(4) {
		m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{tiered(plan.Retroactive)}})
		token := m.clicked(who)
		orders := make([]order.Order, len(amounts))
		for i := range orders {
			orders[i] = m.sale(fmt.Sprint("o", i), token, "USD", amounts[i])
		}
		todo := []int{0, 1, 2, 3, 0, 1, 2}
		rand.New(rand.NewPCG(seed, 14)).Shuffle(len(todo), func(i, j int) { todo[i], todo[j] = todo[j], todo[i] })
		seen := map[int]bool{}
		for _, i := range todo {
			if !seen[i] {
				m.accept(orders[i])
			} else {
				m.refund(orders[i], "r", back[i])
			}
			seen[i] = true
		}
		m.books(fmt.Sprint("in the order ", todo), who, "USD", want, 0)
		for i := range orders {
			if left := amounts[i] - back[i]; left > 0 {
				m.refund(orders[i], "all", left)
			}
		}
		m.books("everything back", who, "USD", 0, 0)
	}
}

// Orders at once come to what they come to one after the other. Without the lock that
// restate takes, some are left at the tier that the period has passed (PostgreSQL).
func TestC14_Q30_OrdersAtOnceRestateEachOther(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{tiered(plan.Retroactive)}})
	m.atOnce(who, 40, 500)
	m.books("40 × 5.00 × 20 %", who, "USD", 4000, 0)
}

// A person's decision takes the sale out of one affiliate's period and into another's.
func TestC14_D21_AMovedSaleMovesBothPeriods(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{tiered(plan.Retroactive)}})
	bob := m.affiliate("bob")
	m.sells(who, "a", 6000)
	b := m.accept(m.sale("b", m.clicked(who), "USD", 6000))
	m.sells(bob, "c", 5000)
	m.books("ada at 20 %", who, "USD", 2400, 0)
	_, err := m.Reattribute(m.ctx, earn.ReattributeInput{ConversionID: b.ConversionID, AffiliateID: bob, Reason: "his"})
	m.must(err)
	m.books("60.00 are left: 10 %", who, "USD", 600, 0)
	m.books("110.00 × 20 %", bob, "USD", 2200, 0)
}
