package earn_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
)

// changed is a market with two affiliates whose terms go from 10 % to 5 %, with days of
// grace, a day after their clicks.
func changed(t *testing.T, grace int) (m *market, planID, ann, bob string) {
	t.Helper()
	m = open(t)
	first := m.terms(percent("10"))
	ann, bob = m.affiliate("ann"), m.affiliate("bob")
	m.clock.Advance(24 * time.Hour)
	m.protecting(first.PlanID, grace, percent("5"))
	return m, first.PlanID, ann, bob
}

// protecting puts rules into force that leave earlier touches under those before.
func (m *market) protecting(planID string, grace int, rules ...plan.Rule) {
	m.t.Helper()
	_, err := m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: planID, Rules: rules, GraceDays: grace})
	m.must(err)
}

// at is a click so long before now.
func (m *market) at(affiliateID string, ago time.Duration) string {
	return m.click(m.link(affiliateID), m.clock.Now().Add(-ago))
}

// paid checks what a conversion's first commission of an affiliate was.
func (m *market) paid(why string, out earn.OrderOutcome, want map[string]int64) {
	m.t.Helper()
	got := map[string]int64{}
	for _, c := range m.commissions(out.ConversionID) {
		if c.SupersededAt == nil {
			got[c.AffiliateID] += c.AmountMinor
		}
	}
	for who, minor := range want {
		if got[who] != minor {
			m.t.Errorf("%s: %s got %d, want %d", why, who, got[who], minor)
		}
	}
	if len(got) != len(want) {
		m.t.Errorf("%s: %v, want %v", why, got, want)
	}
	m.trial(why)
}

// N32: the click came before the terms, and they protect it, or do not, for so long.
func TestN32_EarlierClicksKeepEarlierTerms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		grace      int
		click, ago time.Duration // of the click before the change, and of the sale after it
		want       int64
	}{
		{"by new terms", 0, time.Hour, 0, 500},
		{"by earlier terms", 7, time.Hour, 0, 1000},
		{"on the last instant of grace", 7, time.Hour, 7*24*time.Hour - time.Microsecond, 1000},
		{"after grace", 7, time.Hour, 7 * 24 * time.Hour, 500},
		{"a click of the instant of the change", 7, 0, time.Hour, 500},
		{"a click just before it", 7, time.Millisecond, time.Hour, 1000},
	} {
		m, _, ann, _ := changed(t, c.grace)
		token := m.at(ann, c.click)
		m.clock.Advance(c.ago)
		out := m.accept(m.sale("1001", token, "USD", 10_000))
		m.paid(c.name, out, map[string]int64{ann: c.want})
		e, err := m.ExplainCommission(m.ctx, out.CommissionIDs[0])
		m.must(err)
		told := e.Steps[0].Kind == plan.StepTerms && strings.Contains(e.Steps[0].Text, "was before plan version 2 began")
		if told != (c.want == 1000) {
			t.Errorf("%s: explained by %+v", c.name, e.Steps)
		}
		m.refund(m.sale("1001", "", "USD", 10_000), "r1", 5000) // by the version of the commission
		m.books(c.name, ann, "USD", c.want/2, 0)
	}
}

// N32: of shared credit each affiliate is under the terms of its own touch. Ann's half
// is of 10 %, Bob's of 5 %; what an edit adds is under the same.
func TestN32_WhoSharesIsUnderItsOwnTerms(t *testing.T) {
	t.Parallel()
	m, _, ann, bob := changed(t, 7)
	_, err := m.track.PolicyActivate(m.ctx, track.PolicyActivateInput{ProgramID: m.program, WindowDays: 30, Model: attribution.ModelLinear})
	m.must(err)
	m.clock.Advance(time.Hour)
	buy := func(id, token string, amounts ...int64) order.Order {
		o := m.sale(id, token, "USD", amounts...)
		o.Customer = order.Customer{ExternalID: "c1"}
		return o
	}
	m.accept(buy("first", m.at(ann, 2*time.Hour), 1))
	out := m.accept(buy("1001", m.at(bob, time.Minute), 10_000))
	m.paid("100.00 shared: half of 10.00 and half of 5.00", out, map[string]int64{ann: 500, bob: 250})
	more := buy("1001", "", 10_000, 2000)
	more.Version = 2
	m.accept(more)
	m.paid("20.00 more: half of 2.00 and half of 1.00", out, map[string]int64{ann: 600, bob: 300})
}

// N32: a code without a click is used with the order, under the terms of its day; a
// person's decision leaves an affiliate under those of its own last touch.
func TestN32_CodesAndPeoplesDecisions(t *testing.T) {
	t.Parallel()
	m, _, ann, bob := changed(t, 7)
	m.coupon(bob, "BOB", 9)
	m.clock.Advance(time.Hour)
	o := m.sale("1001", m.at(ann, 2*time.Hour), "USD", 10_000)
	o.CouponCodes = []string{"bob"}
	out := m.accept(o)
	m.paid("a code: 5 %", out, map[string]int64{bob: 500})
	_, err := m.Reattribute(m.ctx, earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: ann, Reason: "hers"})
	m.must(err)
	m.paid("her click was before: 10 %", out, map[string]int64{ann: 1000})
	_, err = m.Reattribute(m.ctx, earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: bob, Reason: "his"})
	m.must(err)
	m.paid("back to the code: 5 %", out, map[string]int64{bob: 500})
}

// Q33, N32: who began to pay under earlier terms that look at payments, because they
// protect the click, stays under them, grace or not.
func TestQ33_AProtectedFirstPaymentAnchors(t *testing.T) {
	t.Parallel()
	m := open(t)
	ann := m.affiliate("ann")
	recurring := func(rate string) plan.Rule {
		r := percent(rate)
		r.When = &plan.Condition{Payments: plan.Span{From: 1}}
		return r
	}
	first := m.terms(recurring("10"))
	m.clock.Advance(24 * time.Hour)
	m.protecting(first.PlanID, 7, recurring("5"))
	pay := func(id, token string) earn.OrderOutcome {
		o := m.sale(id, token, "USD", 10_000)
		o.Customer = order.Customer{ExternalID: "c1"}
		return m.accept(o)
	}
	m.clock.Advance(time.Hour)
	m.paid("the first is protected", pay("1", m.at(ann, 2*time.Hour)), map[string]int64{ann: 1000})
	m.clock.Advance(29 * 24 * time.Hour)
	m.paid("the second stays where the first was", pay("2", ""), map[string]int64{ann: 1000})
	m.clock.Advance(24 * time.Hour)
	out := m.accept(m.sale("3", m.at(ann, time.Hour), "USD", 10_000))
	m.paid("somebody else", out, map[string]int64{})
}

// N32: terms that protect leave a touch under those before only as far as these did.
func TestN32_ProtectionGoesBackStepByStep(t *testing.T) {
	t.Parallel()
	m, planID, ann, _ := changed(t, 7) // 10 % → 5 %, seven days
	token := m.at(ann, time.Hour)
	m.clock.Advance(24 * time.Hour)
	m.protecting(planID, 7, percent("2"))
	m.paid("both let it", m.accept(m.sale("1", token, "USD", 10_000)), map[string]int64{ann: 1000})
	m.clock.Advance(6 * 24 * time.Hour)
	m.paid("the second change still does", m.accept(m.sale("2", token, "USD", 10_000)), map[string]int64{ann: 500})
	m.clock.Advance(24 * time.Hour)
	m.paid("none", m.accept(m.sale("3", token, "USD", 10_000)), map[string]int64{ann: 200})
}
