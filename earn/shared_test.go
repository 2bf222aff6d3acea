package earn_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
	"github.com/tributary/tributary/trust"
)

const buyer = "buyer@elsewhere.example"

// rules puts rules on credit into force.
func (m *market) rules(in track.PolicyActivateInput) {
	m.t.Helper()
	in.ProgramID, in.WindowDays = m.program, 30
	_, err := m.track.PolicyActivate(m.ctx, in)
	m.must(err)
}

// visited is an order of the buyer, who opened a link of each affiliate, the first
// named first. Orders that were never paid make the earlier clicks known.
func (m *market) visited(externalID string, affiliates []string, amounts ...int64) order.Order {
	m.t.Helper()
	var o order.Order
	for i, who := range affiliates {
		token := m.click(m.link(who), m.clock.Now().Add(-time.Duration(len(affiliates)-i)*time.Hour))
		o = m.sale(fmt.Sprint(externalID, "-", i), token, "USD", amounts...)
		o.Customer.Email, o.Status = buyer, order.StatusPending
		if i < len(affiliates)-1 {
			m.accept(o)
		}
	}
	o.ExternalID, o.Status = externalID, order.StatusPaid
	return o
}

// three opens a market that pays ten percent, shared alike by three affiliates.
func three(t *testing.T) (m *market, who []string) {
	t.Helper()
	m = open(t)
	m.terms(percent("10"))
	m.rules(track.PolicyActivateInput{Model: attribution.ModelLinear})
	return m, []string{m.affiliate("ada"), m.affiliate("bob"), m.affiliate("cyd")}
}

func (m *market) allBooks(when string, who []string, pending ...int64) {
	m.t.Helper()
	for i, w := range who {
		m.books(fmt.Sprint(when, " ", i), w, "USD", pending[i], 0)
	}
}

func TestD17_N16_N17_SharesOfOneSale(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	o := m.visited("1001", who, 6000, 4000)
	out := m.accept(o)
	if len(out.CommissionIDs) != 3 || out.Rating != "RATED" {
		t.Fatalf("%+v", out)
	}
	// 10 % of 60.00 and 40.00 = 10.00: thirds, the cent that is missing to the first.
	m.allBooks("accrued", who, 334, 333, 333)
	for _, c := range m.commissions(out.ConversionID) {
		if e, err := m.ExplainCommission(m.ctx, c.ID); err != nil || e.Amount != c.Amount() {
			t.Errorf("%s is explained as %v, %v", c.ID, e.Amount, err)
		}
	}
	if e := m.decision(out.ConversionID); e.Decision.AffiliateID != who[2] || len(e.Decision.Shares) != 3 || e.Decision.Rule != attribution.RuleLinear {
		t.Errorf("%+v", e.Decision)
	}
	if m.accept(o).Created {
		t.Error("the same order again made another")
	}
	m.refund(o, "r1", 3333)
	m.refund(o, "r2", 1)
	m.refund(o, "r3", 6666)
	m.allBooks("given back in three steps", who, 0, 0, 0)
	for _, c := range m.commissions(out.ConversionID) {
		if c.Status != commission.StatusREVERSED || c.ReversedMinor != c.AmountMinor {
			t.Errorf("%s is %s, %d of %d", c.ID, c.Status, c.ReversedMinor, c.AmountMinor)
		}
	}
}

func TestN17_CancellingTakesEveryShareBackFromWhereItIs(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	out := m.accept(m.visited("1001", who, 10_000))
	rows := m.commissions(out.ConversionID)
	m.approve(rows[0].ID)
	_, err := m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: rows[1].ID, Reason: "no"})
	m.must(err)
	_, err = m.CancelOrder(m.ctx, earn.OrderCancelInput{OrderExternalID: "1001", OccurredAt: m.clock.Now()})
	m.must(err)
	m.allBooks("cancelled", who, 0, 0, 0)
}

func TestQ49_AnEditIsSharedToo(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	o := m.visited("1001", who, 10)
	out := m.accept(o)
	// 10 % of 0.10 is a cent: the first by id has it, the others have no commission.
	m.allBooks("a cent", who, 1, 0, 0)
	o.Lines[0].Amount, o.Total = money.Of(10_010, "USD"), money.Of(10_010, "USD")
	m.accept(o)
	// 100.00 more are 10.00: thirds, for those without a commission too.
	m.allBooks("edited", who, 335, 333, 333)
	if n := len(m.commissions(out.ConversionID)); n != 4 {
		t.Errorf("%d commissions", n)
	}
	m.refund(o, "r1", 5005)
	m.refund(o, "r2", 5005)
	m.allBooks("all given back", who, 0, 0, 0)
}

func TestD17_OwnRatesAndFixedAmounts(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	own := percent("20")
	own.Level, own.TargetID = "AFFILIATE", who[0]
	flat := fixed(500, "USD")
	flat.Level, flat.TargetID = "AFFILIATE", who[1]
	m.terms(percent("10"), own, flat)
	o := m.visited("1001", who, 9000)
	m.accept(o)
	// Alone 18.00, 5.00 and 9.00: 6.00, 1.66⅔ and 3.00 are 10.66⅔, rounded 10.67.
	m.allBooks("accrued", who, 600, 167, 300)
	o.Lines[0].Amount, o.Total = money.Of(18_000, "USD"), money.Of(18_000, "USD")
	m.accept(o)
	m.allBooks("the fixed amount is paid once", who, 1200, 167, 600)
	m.refund(o, "r1", 18_000)
	m.allBooks("all given back", who, 0, 0, 0)
}

func TestN10_AnAffiliateSeesItsOwnShareOnly(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	out := m.accept(m.visited("1001", who, 10_000))
	v, _ := trust.From(m.ctx)
	for _, id := range who {
		as := trust.With(context.Background(), trust.Viewer{Kind: v.Kind, Role: trust.Affiliate, MerchantID: v.MerchantID, PrincipalID: v.PrincipalID, AffiliateID: id, Scopes: v.Scopes})
		e, err := m.ExplainAttribution(as, out.ConversionID)
		m.must(err)
		if !e.Replays || e.Decision.AffiliateID != id || len(e.Decision.Shares) != 1 || len(e.Facts.Touches) != 1 || e.Facts.Touches[0].AffiliateID != id || e.Decision.TouchID != e.Facts.Touches[0].ID {
			t.Errorf("%s sees %+v of %+v", id, e.Decision, e.Facts.Touches)
		}
	}
}

func TestQ34_Q35_AnAcceptedConversionBindsItsBuyer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lifetime attribution.Lifetime
		days     int
		later    string // who is credited for a later sale on the other's click: first or other
		expired  string // and a hundred days later
	}{
		{attribution.LifetimeNone, 0, "other", "other"},
		{attribution.LifetimeFirst, 0, "first", "first"},
		{attribution.LifetimeLast, 0, "other", "other"},
		{attribution.LifetimeUntil, 60, "first", "other"},
	} {
		t.Run("binds "+string(c.lifetime), func(t *testing.T) {
			t.Parallel()
			m, who := three(t)
			m.rules(track.PolicyActivateInput{Lifetime: c.lifetime, LifetimeDays: c.days})
			names := map[string]string{who[0]: "first", who[1]: "other", "": "nobody"}
			m.accept(m.visited("1001", who[:1], 1000))
			later := m.accept(m.visited("1002", who[1:2], 1000))
			if got := names[m.decision(later.ConversionID).Decision.AffiliateID]; got != c.later {
				t.Errorf("a later sale is credited to %s, want %s", got, c.later)
			}
			m.clock.Advance(100 * 24 * time.Hour)
			expired := m.accept(m.visited("1003", who[1:2], 1000))
			if got := names[m.decision(expired.ConversionID).Decision.AffiliateID]; got != c.expired {
				t.Errorf("after 100 days a sale is credited to %s, want %s", got, c.expired)
			}
			m.clock.Advance(31 * 24 * time.Hour) // every click is too old
			o := m.sale("1004", "", "USD", 1000)
			o.Customer.Email = buyer
			want := map[attribution.Lifetime]string{"": "nobody", "FIRST": "first", "LAST": "other", "UNTIL_EXPIRY": "other"}[c.lifetime]
			if got := names[m.decision(m.accept(o).ConversionID).Decision.AffiliateID]; got != want {
				t.Errorf("without a click a sale is credited to %s, want %s", got, want)
			}
		})
	}
}

func TestQ35_WhatIsCancelledOrRejectedBindsNobody(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	m.rules(track.PolicyActivateInput{Lifetime: attribution.LifetimeFirst})
	m.accept(m.visited("1001", who[:1], 1000))
	_, err := m.CancelOrder(m.ctx, earn.OrderCancelInput{OrderExternalID: "1001", OccurredAt: m.clock.Now()})
	m.must(err)
	second := m.accept(m.visited("1002", who[1:2], 1000))
	if got := m.decision(second.ConversionID).Decision.AffiliateID; got != who[1] {
		t.Errorf("a cancelled sale bound the buyer to %s", got)
	}
	_, err = m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: second.CommissionIDs[0], Reason: "fraud"})
	m.must(err)
	third := m.accept(m.visited("1003", who[2:], 1000))
	if got := m.decision(third.ConversionID).Decision.AffiliateID; got != who[2] {
		t.Errorf("a rejected commission bound the buyer to %s", got)
	}
	if e := m.decision(m.accept(m.visited("1004", who[:1], 1000)).ConversionID); e.Decision.AffiliateID != who[2] || e.Decision.Rule != attribution.RuleLifetime {
		t.Errorf("%+v", e.Decision)
	}
}

func TestD14_Q41_AnAffiliatesOwnWindow(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	m.rules(track.PolicyActivateInput{Windows: []track.AffiliateWindow{{AffiliateID: who[0], WindowDays: 60}, {AffiliateID: who[1], WindowDays: 1}}})
	at := m.clock.Now()
	tokens := []string{m.click(m.link(who[0]), at), m.click(m.link(who[1]), at)}
	m.clock.Advance(60*24*time.Hour - time.Millisecond)
	if out := m.accept(m.sale("1", tokens[0], "USD", 1000)); out.Rating != "RATED" {
		t.Errorf("1 ms inside the longer window: %s", m.reason(out.ConversionID))
	}
	if out := m.accept(m.sale("2", tokens[1], "USD", 1000)); out.Rating != "NO_CREDIT" {
		t.Error("outside of the shorter window")
	}
	m.clock.Advance(time.Millisecond)
	if out := m.accept(m.sale("3", tokens[0], "USD", 1000)); out.Rating != "NO_CREDIT" {
		t.Error("at the end of the longer window")
	}
}

// Bounds and fixed amounts hold for an order and all its edits as they would for
// one affiliate alone.
func TestQ49_EditsUnderBoundsAreShared(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	both := percent("10")
	both.Kind, both.Fixed, both.PerOrder.Max = plan.KindBoth, money.Of(200, "USD"), money.Of(1000, "USD")
	m.terms(both)
	o := m.visited("1001", who, 5000)
	m.accept(o)
	// Alone 500 + 200: thirds of 700, the cent that is missing to the first.
	m.allBooks("accrued", who, 234, 233, 233)
	o.Lines[0].Amount, o.Total = money.Of(15_000, "USD"), money.Of(15_000, "USD")
	m.explained(m.accept(o))
	// 100.00 more: 1000, no second 200, and 300 are left below the bound: 100 each.
	m.allBooks("edited", who, 334, 333, 333)
	o.Lines[0].Amount, o.Total = money.Of(19_000, "USD"), money.Of(19_000, "USD")
	m.accept(o)
	m.allBooks("nothing is left below the bound", who, 334, 333, 333)
	m.refund(o, "r1", 19_000)
	m.allBooks("all given back", who, 0, 0, 0)
}
