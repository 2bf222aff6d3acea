package earn_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
)

// compared gives the comparison of the day.
func (m *market) compared() earn.Comparison {
	m.t.Helper()
	out, err := m.AttributionComparison(m.ctx, earn.CompareInput{ProgramID: m.program, From: m.clock.Now().Add(-24 * time.Hour), To: m.clock.Now().Add(time.Hour)})
	m.must(err)
	return out
}

// wouldPay checks a row: what is earned, and what each model would pay.
func (m *market) wouldPay(rows []earn.ComparedRow, who string, earned int64, models ...int64) {
	m.t.Helper()
	for _, r := range rows {
		if r.AffiliateID != who || r.Earned.Currency != "USD" {
			continue
		}
		got, want := fmt.Sprint(r.Earned.Minor), fmt.Sprint(earned)
		for i, model := range attribution.Models() {
			got, want = got+fmt.Sprint(" ", model, " ", r.Models[model].Minor), want+fmt.Sprint(" ", model, " ", models[i])
		}
		if got != want {
			m.t.Errorf("%s\n got %s\nwant %s", who, got, want)
		}
		return
	}
	m.t.Errorf("no row of %s", who)
}

// Three affiliates' clicks, three, two and one hours before a sale of 100.00 at ten
// percent, of which a quarter was given back: 7.50 are left of 10.00.
func TestD22_N09_WhatEachModelWouldPay(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	o := m.visited("1001", who, 10_000)
	out := m.accept(o)
	m.refund(o, "r1", 2500)
	check := func(ada, bob, cyd int64) {
		t.Helper()
		c := m.compared()
		// LINEAR: 334, 333, 333, less 83.5, 83.25, 83.25: 250 each (84, 83, 83 are reversed).
		// POSITION 40/20/40: 400, 200, 400, less a quarter. TIME_DECAY, a half-life of a
		// week: weights 2^(−2/168), 2^(−1/168) and 1 of 2.98766, so 331.96, 333.33 and
		// 334.71 of 1000: 332, 333 and 335, less 83, 83.25 → 83 and 83.75 → 84.
		m.wouldPay(c.Rows, who[0], ada, 750, 0, 0, 250, 300, 249)
		m.wouldPay(c.Rows, who[1], bob, 0, 0, 0, 250, 150, 250)
		m.wouldPay(c.Rows, who[2], cyd, 0, 750, 750, 250, 300, 251)
		m.wouldPay(c.Totals, "", 750, 750, 750, 750, 750, 750, 750)
		if c.Conversions != 1 {
			t.Errorf("%d conversions", c.Conversions)
		}
	}
	check(250, 250, 250)
	m.gives(out.ConversionID, earn.NamedShare{AffiliateID: who[1]})
	check(0, 750, 0) // a person's decision is no model's
}

func TestD22_ManyConversionsAreReadInPages(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	m.coupon(ada, "ADA", 1000)
	for i := range 205 {
		o := m.sale(fmt.Sprint(i), "", "USD", 100)
		if i%2 == 0 {
			o.CouponCodes = []string{"ada"}
		}
		m.accept(o)
	}
	c := m.compared()
	m.wouldPay(c.Rows, ada, 1030, 1030, 1030, 1030, 1030, 1030, 1030) // 103 at 0.10
	if c.Conversions != 205 {
		t.Errorf("%d conversions", c.Conversions)
	}
}

func TestD22_WhoMayCompareWhat(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	now := m.clock.Now()
	for _, c := range []struct {
		in    earn.CompareInput
		code  problem.Code
		field string
	}{
		{earn.CompareInput{ProgramID: "prg_0", From: now, To: now.Add(1)}, problem.NotFound, "programId"},
		{earn.CompareInput{ProgramID: m.program, From: now, To: now}, problem.Invalid, "to"},
		{earn.CompareInput{ProgramID: m.program, From: now, To: now.Add(attribution.MaxWindow + 1)}, problem.Invalid, "to"},
	} {
		_, err := m.AttributionComparison(m.ctx, c.in)
		m.refuses(err, c.code, c.field)
	}
	_, err := m.AttributionComparison(m.asAffiliate(ada), earn.CompareInput{ProgramID: m.program, From: now, To: now.Add(1)})
	m.refuses(err, problem.Forbidden, "")
	m.rules(track.PolicyActivateInput{Model: attribution.ModelLinear})
	if c := m.compared(); c.Conversions != 0 || len(c.Rows) != 0 {
		t.Errorf("%+v", c)
	}
}

// N32: a model gives credit to a touch, and with it the terms that this keeps: Ann's click
// was before 10 % became 5 %, Bob's after. LINEAR pays half of each: 500 and 250.
// TIME_DECAY, a half-life of a week, and clicks 119 minutes apart: weights 2^(−119/10080)
// = 0.99185 and 1, so 0.49796 of 1000 and 0.50204 of 500.
func TestD22_N32_EachModelPaysByTheTermsOfItsTouch(t *testing.T) {
	t.Parallel()
	m, _, ann, bob := changed(t, 7)
	m.clock.Advance(time.Hour)
	buy := func(id, token string, amounts ...int64) order.Order {
		o := m.sale(id, token, "USD", amounts...)
		o.Customer = order.Customer{ExternalID: "c1"}
		return o
	}
	m.accept(buy("first", m.at(ann, 2*time.Hour), 1)) // too little to earn anything of
	m.accept(buy("1001", m.at(bob, time.Minute), 10_000))
	c := m.compared()
	m.wouldPay(c.Rows, ann, 0, 1000, 0, 0, 500, 500, 498)
	m.wouldPay(c.Rows, bob, 500, 0, 500, 500, 250, 250, 251)
}
