package earn_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
)

// served gives the market's room the desk that a server's has.
func (m *market) served() {
	m.t.Helper()
	m.must(queue.Migrate(m.ctx, m.store))
	desk, err := queue.NewDesk(m.store)
	m.must(err)
	m.Service = earn.New(earn.Config{Store: m.store, Track: m.track, Ledger: m.ledger, Desk: desk})
}

// Sixty sales of 10.00 at 10 %; the sixtieth takes the period to 600.00, where 20 % are
// paid for all of it. Its request restates itself and 25 others; the task the rest.
func TestC14_Q30_ALargePeriodIsRestatedByATask(t *testing.T) {
	t.Parallel()
	rule := tiered(plan.Retroactive)
	rule.Tiers.Steps[0].Amount = money.Of(60_000, "USD")
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{rule}})
	m.served()
	for i := range 59 {
		m.accept(m.sale(fmt.Sprint("o", i), m.clicked(who), "USD", 1000))
	}
	m.books("59 × 1.00", who, "USD", 5900, 0)
	m.accept(m.sale("last", m.clicked(who), "USD", 1000))
	m.books("60 × 1.00 and 26 × 1.00 more", who, "USD", 8600, 0)

	ctx, cancel := context.WithCancel(m.ctx)
	q, err := queue.New(queue.Config{Store: m.store, Tasks: m.Tasks()})
	m.must(err)
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	for deadline := time.Now().Add(time.Minute); len(m.stages(who)) < 60; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of 60 were restated", len(m.stages(who)))
		}
	}
	cancel()
	m.must(<-ended)
	m.books("60 × 2.00", who, "USD", 12_000, 0)
	m.trial("after the task")
}

// What a task was killed over is done by whatever restates the period next; a batch
// that is done twice changes nothing.
func TestC14_ARestatementGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	rule := tiered(plan.Retroactive)
	rule.Tiers.Steps[0].Amount = money.Of(40_000, "USD")
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{rule}})
	m.served()
	var first earn.OrderOutcome
	var last order.Order
	for i := range 40 {
		last = m.sale(fmt.Sprint("o", i), m.clicked(who), "USD", 1000)
		if out := m.accept(last); i == 0 {
			first = out
		}
	}
	m.books("40 × 1.00 and 26 × 1.00 more", who, "USD", 6600, 0)
	m.sells(who, "next", 1000)
	m.books("41 × 2.00", who, "USD", 8200, 0)
	m.must(m.Restate(m.ctx, first.CommissionIDs[0]))
	m.must(m.Restate(m.ctx, first.CommissionIDs[0]))
	m.books("again", who, "USD", 8200, 0)
	m.refund(last, "r1", 1000)
	m.refund(m.sale("o3", "", "USD", 1000), "r2", 1000)
	m.books("39 sales: 24 at 10 % again, with the one refunded of the 25, and 15 at 20 %", who, "USD", 24*100+15*200, 0)
	m.must(m.Restate(m.ctx, first.CommissionIDs[0]))
	m.books("39 × 1.00", who, "USD", 3900, 0)
	m.trial("after refunds")
}

// N32, C14: of a sale that two share under terms of their own, whoever is under those
// with a tier for the whole period is restated, also where the other is listed first.
// Six tenths of 100.00 at 10 % for the first; four at 5 %, then at 20 %, and 20 % of
// 120.00 for the last.
func TestN32_C14_WhoSharesIsRestatedByItsOwnTerms(t *testing.T) {
	t.Parallel()
	rule := percent("5")
	rule.Tiers = &plan.Tiers{Metric: plan.MetricRevenue, Mode: plan.Retroactive, Period: plan.Month, Steps: []plan.Tier{{Amount: money.Of(15_000, "USD"), Rate: percent("20").Rate}}}
	m, planID, ann, bob := changed(t, 7)
	m.clock.Advance(24 * time.Hour)
	m.protecting(planID, 7, rule)
	_, err := m.track.PolicyActivate(m.ctx, track.PolicyActivateInput{ProgramID: m.program, WindowDays: 30, Model: attribution.ModelPosition, First: 60, Last: 40})
	m.must(err)
	m.clock.Advance(time.Hour)
	buy := func(id, token string, amount int64) earn.OrderOutcome {
		o := m.sale(id, token, "USD", amount)
		o.Customer = order.Customer{ExternalID: "c1"}
		return m.accept(o)
	}
	buy("a", m.at(ann, 26*time.Hour), 1)
	out := buy("b", m.at(bob, time.Minute), 10_000)
	m.paid("before the threshold", out, map[string]int64{ann: 600, bob: 200})
	m.accept(m.sale("c", m.at(bob, time.Minute), "USD", 12_000))
	m.books("under terms without tiers", ann, "USD", 600, 0)
	m.books("20 % of four tenths of 100.00, and of 120.00", bob, "USD", 800+2400, 0)
}
