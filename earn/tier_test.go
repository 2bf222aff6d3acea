package earn_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/order"
)

// tiered pays ten percent, and twenty from 100.00 of revenue in a month on.
func tiered(mode plan.TierMode) plan.Rule {
	r := percent("10")
	r.Tiers = &plan.Tiers{Metric: plan.MetricRevenue, Mode: mode, Period: plan.Month, Steps: []plan.Tier{{Amount: money.Of(10_000, "USD"), Rate: percent("20").Rate}}}
	return r
}

// sells reports orders of the affiliate, one after the other.
func (m *market) sells(who, id string, amounts ...int64) (all []order.Order) {
	m.t.Helper()
	for i, amount := range amounts {
		o := m.sale(fmt.Sprint(id, i), m.clicked(who), "USD", amount)
		m.explained(m.accept(o))
		all = append(all, o)
	}
	return all
}

// The threshold belongs to the upper tier, for what comes after it.
func TestC12_C13_Q25_Q26_ProspectiveTiers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		before, earned int64 // of an order of 10.00 after so much was sold
	}{{9_999, 1000 + 100}, {10_000, 1000 + 200}, {10_001, 1000 + 200}} {
		m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{tiered(plan.Prospective)}})
		m.sells(who, "a", c.before) // the order that reaches it: 10 % of 100.00, rounded
		m.sells(who, "b", 1000)
		m.books(fmt.Sprint("after ", c.before), who, "USD", c.earned, 0)
	}
}

func TestC15_N18_Q26_MarginalTiers(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{tiered(plan.Marginal)}})
	m.sells(who, "a", 6000)
	m.books("60.00 × 10 %", who, "USD", 600, 0)
	last := m.sells(who, "b", 6000)[0]
	m.books("40.00 × 10 % and 20.00 × 20 %", who, "USD", 600+400+400, 0)
	m.refund(last, "r1", 3000)
	m.books("half of that back", who, "USD", 600+400, 0)
	m.sells(who, "c", 2000)
	m.books("10.00 more until 100.00, and 10.00 above", who, "USD", 1000+100+200, 0)
}

// What an edit adds was sold after what was there.
func TestC15_Q49_AnEditAcrossATier(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{tiered(plan.Marginal)}})
	o := m.sale("1001", m.clicked(who), "USD", 8000)
	o.Version = 1
	m.accept(o)
	o = m.sale("1001", "", "USD", 8000, 4000)
	o.Version = 2
	m.explained(m.accept(o))
	m.books("80.00 and 20.00 × 10 %, 20.00 × 20 %", who, "USD", 800+200+400, 0)
	m.refund(o, "r1", 12_000)
	m.books("all back", who, "USD", 0, 0)
}

// Refunds, rejections and other months do not count; a late order counts in its own.
func TestQ11_Q27_Q28_Q29_WhatATierCounts(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{tiered(plan.Prospective)}})
	first := m.sells(who, "a", 9000, 1000)
	m.refund(first[1], "r1", 1)
	m.sells(who, "b", 1000)
	m.books("99.99 were left: 10 %", who, "USD", 900+100+100, 0)
	m.sells(who, "c", 1000)
	m.books("109.99 were: 20 %", who, "USD", 1100+200, 0)
	other := m.affiliate("bob")
	m.sells(other, "d", 1000)
	m.books("another affiliate begins below", other, "USD", 100, 0)
	late := m.sale("late", m.clicked(who), "USD", 1000)
	m.clock.Advance(40 * 24 * time.Hour)
	m.sells(who, "e", 1000)
	m.books("the next month begins below", who, "USD", 1300+100, 0)
	m.accept(late)
	m.books("a late order is under the tier of its own month", who, "USD", 1400+200, 0)
}

// Orders at once come to what they come to one after the other. Without the lock
// that count takes, several find the threshold not reached (PostgreSQL).
func TestQ30_OrdersAtOnceAcrossAThreshold(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{tiered(plan.Prospective)}})
	m.atOnce(who, 200, 100)
	// 100 orders of 1.00 reach 100.00 at 0.10 each, 100 more earn 0.20.
	m.books("200 orders at once", who, "USD", 100*10+100*20, 0)
}

// atOnce reports n orders of an amount at the same time.
func (m *market) atOnce(who string, n int, amount int64) {
	m.t.Helper()
	token := m.clicked(who)
	var all sync.WaitGroup
	gate := make(chan struct{}, 16)
	for i := range n {
		o := m.sale(fmt.Sprint("at once ", i), token, "USD", amount)
		o.Customer.Email = fmt.Sprintf("buyer%d@mail.example", i)
		all.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			if _, err := m.AcceptOrder(m.ctx, o); err != nil {
				m.t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestC24_Caps(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, Caps: []plan.Cap{
		{Scope: plan.CapProgram, Period: plan.Month, Amount: money.Of(1500, "USD"), Over: plan.OverNothing},
		{Scope: plan.CapAffiliate, Period: plan.Day, Amount: money.Of(1000, "USD"), Over: plan.OverCut},
	}})
	big := m.sells(who, "a", 6000, 3000)
	m.books("below the cap", who, "USD", 900, 0)
	m.sells(who, "b", 5000)
	m.books("1.00 of 5.00 still fits the day", who, "USD", 1000, 0)
	out := m.accept(m.sale("c", m.clicked(who), "USD", 1000))
	if m.books("nothing fits the day", who, "USD", 1000, 0); m.reason(out.ConversionID) != "OVER_CAP" {
		t.Errorf("rated %s", m.reason(out.ConversionID))
	}
	bob := m.affiliate("bob")
	m.sells(bob, "d", 6000)
	m.books("6.00 would pass the budget: none of it", bob, "USD", 0, 0)
	m.sells(bob, "e", 5000)
	m.books("5.00 fit", bob, "USD", 500, 0)
	m.refund(big[0], "r1", 6000)
	m.sells(bob, "f", 4000)
	m.books("what was taken back is there again", bob, "USD", 900, 0)
	m.clock.Advance(32 * 24 * time.Hour)
	m.sells(bob, "g", 5000)
	m.books("the next month has its own", bob, "USD", 1400, 0)
}

// A budget is never passed, however many orders come at once.
func TestC24_Q30_ABudgetAtOnce(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, Caps: []plan.Cap{
		{Scope: plan.CapProgram, Period: plan.Always, Amount: money.Of(255, "USD"), Over: plan.OverCut},
	}})
	m.atOnce(who, 60, 100)
	m.books("60 × 0.10, of which 2.55 fit", who, "USD", 255, 0)
}

// An edit adds nothing above a cap.
func TestC24_Q49_AnEditUnderACap(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, Caps: []plan.Cap{
		{Scope: plan.CapAffiliate, Period: plan.Month, Amount: money.Of(1000, "USD"), Over: plan.OverCut},
	}})
	o := m.sale("1001", m.clicked(who), "USD", 8000)
	o.Version = 1
	m.accept(o)
	o = m.sale("1001", "", "USD", 8000, 8000)
	o.Version = 2
	m.explained(m.accept(o))
	m.books("2.00 of 8.00 still fit", who, "USD", 1000, 0)
}
