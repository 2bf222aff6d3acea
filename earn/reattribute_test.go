package earn_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/trust"
)

// gives decides as a person would.
func (m *market) gives(conversionID string, to ...earn.NamedShare) earn.OrderOutcome {
	m.t.Helper()
	in := earn.ReattributeInput{ConversionID: conversionID, Reason: "asked by phone", Shares: to}
	if len(to) == 1 {
		in.AffiliateID, in.Shares = to[0].AffiliateID, nil
	}
	out, err := m.Reattribute(m.ctx, in)
	m.must(err)
	return out
}

// asAffiliate is the context of an affiliate.
func (m *market) asAffiliate(id string) context.Context {
	v, _ := trust.From(m.ctx)
	return trust.With(context.Background(), trust.Viewer{Kind: v.Kind, Role: trust.Affiliate, MerchantID: v.MerchantID, PrincipalID: v.PrincipalID, AffiliateID: id, Scopes: v.Scopes})
}

func TestD21_Q73_APersonMovesTheCreditAndBack(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	bob := m.affiliate("bob")
	o := m.sale("1001", m.clicked(ada), "USD", 6000, 4000)
	out := m.accept(o)
	m.refund(o, "r1", 2500) // 10.00 × 25/100
	m.approve(out.CommissionIDs...)
	m.drain(ada, "USD")
	m.books("paid", ada, "USD", 0, 0)

	moved := m.gives(out.ConversionID, earn.NamedShare{AffiliateID: bob})
	m.books("what was paid is a debt", ada, "USD", 0, -750)
	m.books("what is left of the order is earned", bob, "USD", 750, 0)
	if len(moved.CommissionIDs) != 1 || moved.CommissionIDs[0] == out.CommissionIDs[0] || moved.Rating != "RATED" {
		t.Fatalf("%+v", moved)
	}
	m.explained(moved)
	e := m.decision(out.ConversionID)
	if e.Decision.AffiliateID != bob || e.Decision.Rule != attribution.RuleManual || e.Row.Reason != "asked by phone" || e.Row.Revision != 2 || len(e.Facts.Touches) != 2 {
		t.Errorf("%+v of %+v", e.Decision, e.Facts.Touches)
	}
	back := m.gives(out.ConversionID, earn.NamedShare{AffiliateID: ada})
	m.books("undone", bob, "USD", 0, 0)
	m.books("earned again, on hold, and owing", ada, "USD", 750, -750)
	if n := len(m.commissions(out.ConversionID)); n != 3 {
		t.Errorf("%d commissions: nothing is edited", n)
	}
	m.refund(o, "r2", 7500)
	m.books("only what stands is given back", ada, "USD", 0, -750)
	m.books("and nothing of what was set aside", bob, "USD", 0, 0)
	said := strings.Join(m.said(out.ConversionID, out.CommissionIDs[0], moved.CommissionIDs[0], back.CommissionIDs[0]), " ")
	if want := "commission.accrued conversion.accepted"; !strings.Contains(said, want) {
		t.Errorf("%s, want %s", said, want)
	}
	if want := "commission.reversed commission.accrued conversion.uncredited conversion.credited commission.reversed"; !strings.Contains(said, want) {
		t.Errorf("%s, want %s", said, want)
	}
}

func TestE10_N10_EveryDecisionIsReadable(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	out := m.accept(m.visited("1001", who[:2], 10_000))
	m.gives(out.ConversionID, earn.NamedShare{AffiliateID: who[2]})
	m.gives(out.ConversionID, earn.NamedShare{AffiliateID: who[0], Parts: 1}, earn.NamedShare{AffiliateID: who[1], Parts: 2})
	all, err := m.ExplainHistory(m.ctx, out.ConversionID)
	m.must(err)
	var rules []string
	for _, e := range all {
		rules = append(rules, fmt.Sprint(e.Decision.Rule, " ", len(e.Decision.Shares), " ", e.Replays))
	}
	if got := strings.Join(rules, ", "); got != "LINEAR 2 true, MANUAL 1 true, MANUAL 2 true" {
		t.Error(got)
	}
	if _, err := m.ExplainAttribution(m.asAffiliate(who[2]), out.ConversionID); problem.CodeOf(err) != problem.NotFound {
		t.Errorf("who has no credit any more is told: %v", err)
	}
	own, err := m.ExplainHistory(m.asAffiliate(who[2]), out.ConversionID)
	m.must(err)
	if len(own) != 1 || own[0].Decision.AffiliateID != who[2] || len(own[0].Facts.Touches) != 1 {
		t.Errorf("an affiliate sees %+v", own)
	}
	now, err := m.ExplainAttribution(m.asAffiliate(who[0]), out.ConversionID)
	if m.must(err); now.Decision.Rule != attribution.RuleManual || len(now.Decision.Shares) != 1 {
		t.Errorf("%+v", now.Decision)
	}
}

func TestD21_N17_APersonSharesTheCredit(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	o := m.visited("1001", who[:1], 10_000)
	out := m.accept(o)
	m.gives(out.ConversionID, earn.NamedShare{AffiliateID: who[1], Parts: 1}, earn.NamedShare{AffiliateID: who[2], Parts: 2})
	m.allBooks("a third and two", who, 0, 333, 667) // 10.00: 3.33⅓ and 6.66⅔
	o.Lines[0].Amount, o.Total = money.Of(13_000, "USD"), money.Of(13_000, "USD")
	m.accept(o)
	m.allBooks("an edit is theirs", who, 0, 433, 867)
	m.refund(o, "r1", 1234)
	m.refund(o, "r2", 11_766)
	m.allBooks("all given back", who, 0, 0, 0)
}

func TestD21_APersonCreditsWhatNobodyHad(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	out := m.accept(m.sale("1001", "", "USD", 5000))
	if out.Rating != "NO_CREDIT" {
		t.Fatal(out.Rating)
	}
	moved := m.gives(out.ConversionID, earn.NamedShare{AffiliateID: ada})
	m.books("credited", ada, "USD", 500, 0)
	if moved.Rating != "RATED" || m.reason(out.ConversionID) != "" {
		t.Errorf("%+v %q", moved, m.reason(out.ConversionID))
	}
	if got := strings.Join(m.said(out.ConversionID), " "); got != "conversion.recorded conversion.accepted conversion.credited" {
		t.Error(got)
	}
}

func TestQ35_CreditThatWasMovedBindsWhoHasIt(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	m.rules(track.PolicyActivateInput{Lifetime: attribution.LifetimeFirst})
	first := m.accept(m.visited("1001", who[:1], 1000))
	m.gives(first.ConversionID, earn.NamedShare{AffiliateID: who[2]})
	if got := m.decision(m.accept(m.visited("1002", who[1:2], 1000)).ConversionID).Decision.AffiliateID; got != who[2] {
		t.Errorf("the buyer is bound to %s", got)
	}
}

func TestD21_WhatAPersonCannotDecide(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	bob, out := m.affiliate("bob"), m.accept(m.sale("1001", m.clicked(ada), "USD", 5000))
	suspended := m.affiliate("sue")
	m.suspend(suspended)
	waiting := m.sale("1002", "", "USD", 100)
	waiting.Status = "PENDING"
	pending := m.accept(waiting)
	gone := m.accept(m.sale("1003", m.clicked(ada), "USD", 100))
	_, err := m.CancelOrder(m.ctx, earn.OrderCancelInput{OrderExternalID: "1003", OccurredAt: m.clock.Now()})
	m.must(err)
	share := func(id string, parts int) earn.NamedShare { return earn.NamedShare{AffiliateID: id, Parts: parts} }
	many := make([]earn.NamedShare, earn.MaxNamed+1)
	for _, c := range []struct {
		in    earn.ReattributeInput
		code  problem.Code
		field string
	}{
		{earn.ReattributeInput{ConversionID: "cnv_0", AffiliateID: bob, Reason: "r"}, problem.NotFound, "conversionId"},
		{earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: "aff_0", Reason: "r"}, problem.NotFound, "affiliateId"},
		{earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: suspended, Reason: "r"}, problem.State, "affiliateId"},
		{earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: ada, Reason: "r"}, problem.Conflict, "affiliateId"},
		{earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: bob, Reason: " "}, problem.Invalid, "reason"},
		{earn.ReattributeInput{ConversionID: out.ConversionID, Reason: "r"}, problem.Invalid, "affiliateId"},
		{earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: bob, Shares: many[:1], Reason: "r"}, problem.Invalid, "affiliateId"},
		{earn.ReattributeInput{ConversionID: out.ConversionID, Shares: many, Reason: "r"}, problem.TooLarge, "shares"},
		{earn.ReattributeInput{ConversionID: out.ConversionID, Shares: []earn.NamedShare{share(ada, 1), share(bob, 0)}, Reason: "r"}, problem.Invalid, "shares.1.parts"},
		{earn.ReattributeInput{ConversionID: out.ConversionID, Shares: []earn.NamedShare{share(ada, 1), share(ada, 1)}, Reason: "r"}, problem.Invalid, "shares.1.affiliateId"},
		{earn.ReattributeInput{ConversionID: out.ConversionID, Shares: []earn.NamedShare{share(ada, 1), share("aff_0", 1)}, Reason: "r"}, problem.NotFound, "shares.1.affiliateId"},
		{earn.ReattributeInput{ConversionID: out.ConversionID, Shares: []earn.NamedShare{share(ada, 7)}, Reason: "r"}, problem.Conflict, "shares"},
		{earn.ReattributeInput{ConversionID: pending.ConversionID, AffiliateID: bob, Reason: "r"}, problem.State, "conversionId"},
		{earn.ReattributeInput{ConversionID: gone.ConversionID, AffiliateID: bob, Reason: "r"}, problem.State, "conversionId"},
	} {
		_, err := m.Reattribute(m.ctx, c.in)
		m.refuses(err, c.code, c.field)
	}
	m.books("nothing half-written", ada, "USD", 500, 0)
	m.books("nothing half-written", bob, "USD", 0, 0)
}
