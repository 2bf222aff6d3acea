package earn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
)

// chain is affiliates of whom each was recruited by the next: the first sells.
func (m *market) chain(n int) []string {
	m.t.Helper()
	who, parent := make([]string, n), ""
	for i := n - 1; i >= 0; i-- {
		name := fmt.Sprint("c", i)
		who[i] = m.recruit(name, name+"@aff.example", "", parent)
		parent = who[i]
	}
	return who
}

// of spells terms of levels such as "5 sale, 20 lower, 18 net".
func of(text string) *levels.Terms {
	modes := map[string]levels.Mode{"sale": levels.OfSale, "lower": levels.OfLower, "net": levels.NetOverride}
	t := &levels.Terms{}
	for one := range strings.SplitSeq(text, ", ") {
		pct, mode, _ := strings.Cut(one, " ")
		t.Levels = append(t.Levels, levels.Term{Mode: modes[mode], Rate: rateOf(pct)})
	}
	return t
}

func rateOf(text string) money.Rate {
	r, err := money.ParseRate(text)
	if err != nil {
		panic(err)
	}
	return r
}

// leveled puts terms with levels into force, without a hold.
func (m *market) leveled(t *levels.Terms, rules ...plan.Rule) earn.PlanActivateOutcome {
	m.t.Helper()
	p, err := m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Levels"})
	m.must(err)
	out, err := m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: p.PlanID, Rules: rules, AutoApprove: true, Levels: t})
	m.must(err)
	return out
}

// shown spells a conversion's commissions: the place of whose it is in who, level,
// what is left of what was accrued, and the status when it is not pending.
func (m *market) shown(conversionID string, who []string) string {
	m.t.Helper()
	var all []string
	for _, c := range m.commissions(conversionID) {
		if c.SupersededAt != nil {
			continue
		}
		one := fmt.Sprintf("%d@%d=%d", slices.Index(who, c.AffiliateID), c.Level, c.AmountMinor-c.ReversedMinor)
		if c.Status != commission.StatusPENDING {
			one += " " + strings.ToLower(string(c.Status))
		}
		if c.Waits {
			one += " waits"
		}
		all = append(all, one)
	}
	return strings.Join(all, ", ")
}

func (m *market) shows(when, conversionID string, who []string, want string) {
	m.t.Helper()
	if got := m.shown(conversionID, who); got != want {
		m.t.Errorf("%s: %s\nwant %s", when, got, want)
	}
	for _, c := range m.commissions(conversionID) {
		if e, err := m.ExplainCommission(m.ctx, c.ID); err != nil || e.Amount != c.Amount() {
			m.t.Errorf("%s: %s is explained as %v, %v", when, c.ID, e.Amount, err)
		}
	}
	m.trial(when)
}

// 5 % of 100.00 is 5.00, 20 % of that 1.00, and 18 % of 100.00 is 18.00, less 10.00
// for the seller, 5.00 and 1.00.
func TestC20_C22_N16_ASalePaysEveryLevel(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(5)
	m.leveled(of("5 sale, 20 lower, 18 net"), percent("10"))
	o := m.sale("1001", m.clicked(who[0]), "USD", 10_000)
	out := m.accept(o)
	m.shows("accrued", out.ConversionID, who, "0@1=1000, 1@2=500, 2@3=100, 3@4=200")
	m.books("the recruiter", who[1], "USD", 500, 0)
	m.refund(o, "r1", 2500)
	m.shows("a quarter given back", out.ConversionID, who, "0@1=750, 1@2=375, 2@3=75, 3@4=150")
	o.Lines[0].Amount, o.Total = money.Of(20_000, "USD"), money.Of(20_000, "USD")
	m.accept(o)
	// 175.00 are left: 17.50, 8.75, 1.75, and 31.50 − 28.00.
	m.shows("edited", out.ConversionID, who, "0@1=1000, 1@2=500, 2@3=100, 3@4=200, 0@101=750, 1@102=375, 2@103=75, 3@104=150")
	m.refund(o, "r2", 17_500)
	m.shows("all given back", out.ConversionID, who, "0@1=0 reversed, 1@2=0 reversed, 2@3=0 reversed, 3@4=0 reversed, 0@101=0 reversed, 1@102=0 reversed, 2@103=0 reversed, 3@104=0 reversed")
	for i, w := range who {
		m.books(fmt.Sprint("in the end ", i), w, "USD", 0, 0)
	}
}

func TestN19_Q56_WhatIsHeldWaitsForItsOwner(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(4)
	terms := of("5 sale, 4 sale, 3 sale")
	terms.OnInactive = levels.Hold
	m.leveled(terms, percent("10"))
	m.suspend(who[1])
	m.suspend(who[2])
	out := m.accept(m.sale("1001", m.clicked(who[0]), "USD", 10_000))
	m.shows("accrued", out.ConversionID, who, "0@1=1000, 1@2=500 waits, 2@3=400 waits, 3@4=300")
	rows := m.commissions(out.ConversionID)
	_, err := m.CommissionApprove(m.ctx, earn.CommissionApproveInput{IDs: []string{rows[1].ID}})
	m.refuses(err, problem.State, "ids.0")
	n, err := m.ApproveDue(m.ctx, 100)
	m.must(err)
	if n != 2 {
		t.Errorf("%d approved", n)
	}
	m.shows("while they are away", out.ConversionID, who, "0@1=1000 approved, 1@2=500 waits, 2@3=400 waits, 3@4=300 approved")
	_, err = m.roster.AffiliateReinstate(m.ctx, roster.StandingInput{ID: who[1], Reason: "back"})
	m.must(err)
	_, err = m.roster.AffiliateArchive(m.ctx, roster.StandingInput{ID: who[2], Reason: "gone"})
	m.must(err)
	_, err = m.ApproveDue(m.ctx, 100)
	m.must(err)
	m.shows("back, and gone for good", out.ConversionID, who, "0@1=1000 approved, 1@2=500 approved, 2@3=400 rejected waits, 3@4=300 approved")
	m.books("gone for good", who[2], "USD", 0, 0)
}

func TestQ57_WhoMovesLaterChangesNothing(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(3)
	m.leveled(of("5 sale, 4 sale"), percent("10"))
	o := m.sale("1001", m.clicked(who[0]), "USD", 10_000)
	out := m.accept(o)
	stranger := m.affiliate("eve")
	_, err := m.roster.AffiliateUpdate(m.ctx, roster.AffiliateUpdateInput{ID: who[0], ParentID: &stranger})
	m.must(err)
	m.suspend(who[1])
	o.Lines[0].Amount, o.Total = money.Of(20_000, "USD"), money.Of(20_000, "USD")
	m.accept(o)
	m.shows("edited after the move", out.ConversionID, who, "0@1=1000, 1@2=500, 2@3=400, 0@101=1000, 1@102=500, 2@103=400")
	_, err = m.CancelOrder(m.ctx, earn.OrderCancelInput{OrderExternalID: "1001", OccurredAt: m.clock.Now()})
	m.must(err)
	m.books("cancelled", who[1], "USD", 0, 0)
	m.books("cancelled", who[2], "USD", 0, 0)
	m.books("never above it", stranger, "USD", 0, 0)
}

func TestQ59_TwoWhoShareASaleHaveOneRecruiter(t *testing.T) {
	t.Parallel()
	m, who := three(t)
	terms := of("5 sale")
	m.leveled(terms, percent("10"))
	boss := m.affiliate("boss")
	for _, w := range who {
		_, err := m.roster.AffiliateUpdate(m.ctx, roster.AffiliateUpdateInput{ID: w, ParentID: &boss})
		m.must(err)
	}
	o := m.visited("1001", who, 10_000)
	out := m.accept(o)
	// The base splits 33.34, 33.33, 33.33; 5 % of each: 1.667, 1.6665, 1.6665 = 1.67 each.
	m.allBooks("accrued", append(who, boss), 334, 333, 333, 501)
	if n := len(m.commissions(out.ConversionID)); n != 6 {
		t.Errorf("%d commissions", n)
	}
	m.refund(o, "r1", 9_999)
	m.refund(o, "r2", 1)
	m.allBooks("given back", append(who, boss), 0, 0, 0, 0)
}

func TestQ62_C20_RejectingASaleRejectsItsLevels(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(4)
	m.leveled(of("5 sale, 4 sale, 3 sale"), percent("10"))
	o := m.sale("1001", m.clicked(who[0]), "USD", 10_000)
	out := m.accept(o)
	rows := m.commissions(out.ConversionID)
	m.approve(rows[2].ID)
	_, err := m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: rows[3].ID, Reason: "alone"})
	m.must(err)
	m.shows("one of them alone", out.ConversionID, who, "0@1=1000, 1@2=500, 2@3=400 approved, 3@4=300 rejected")
	_, err = m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: rows[0].ID, Reason: "fraud"})
	m.must(err)
	m.shows("the seller's", out.ConversionID, who, "0@1=1000 rejected, 1@2=500 rejected, 2@3=0 reversed, 3@4=300 rejected")
	o.Lines[0].Amount, o.Total = money.Of(20_000, "USD"), money.Of(20_000, "USD")
	m.accept(o)
	m.shows("edited upwards", out.ConversionID, who, "0@1=1000 rejected, 1@2=500 rejected, 2@3=0 reversed, 3@4=300 rejected")
	for i, w := range who {
		m.books(fmt.Sprint("in the end ", i), w, "USD", 0, 0)
	}
}
