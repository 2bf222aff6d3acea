package earn_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track/order"
	"github.com/tributary/tributary/trust"
)

// A person may give the credit below a buyer; of the buyer's level nothing waits.
func TestQ62_TheBuyerAboveASellerEarnsNothing(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(4)
	terms := of("5 sale, 4 sale, 3 sale")
	terms.OnInactive = levels.Hold
	m.leveled(terms, percent("10"))
	o := m.sale("1001", m.clicked(who[0]), "USD", 10_000)
	o.Customer.Email = "C2+shop@aff.example" // c2 is the recruiter's recruiter
	out := m.accept(o)
	if got := m.reason(out.ConversionID); got != "SELF_REFERRAL" {
		t.Errorf("by itself: %q", got)
	}
	_, err := m.Reattribute(m.ctx, earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: who[0], Reason: "a present"})
	m.must(err)
	m.shows("by a person", out.ConversionID, who, "0@1=1000, 1@2=500, 3@4=300")
}

func TestQ57_AnotherDecisionTakesAnotherUpline(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(3)
	m.leveled(of("5 sale, 4 sale"), percent("10"))
	eve := m.affiliate("eve")
	ada := m.recruit("ada", "ada@aff.example", "", eve)
	o := m.sale("1001", m.clicked(who[0]), "USD", 10_000)
	out := m.accept(o)
	m.approve(out.CommissionIDs...)
	m.drain(who[1], "USD")
	m.refund(o, "r1", 1_000)
	_, err := m.Reattribute(m.ctx, earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: ada, Reason: "it was hers"})
	m.must(err)
	all := append(who, ada, eve)
	m.shows("hers", out.ConversionID, all, "3@1=900, 4@2=450")
	m.books("nothing is left of the former", who[0], "USD", 0, 0)
	m.books("who was paid out owes it", who[1], "USD", 0, -500)
	m.books("nothing is left above", who[2], "USD", 0, 0)
	_, err = m.Reattribute(m.ctx, earn.ReattributeInput{ConversionID: out.ConversionID, Reason: "both", Shares: []earn.NamedShare{{AffiliateID: who[0], Parts: 1}, {AffiliateID: ada, Parts: 2}}})
	m.must(err)
	// 90.00 are left of 100.00: bases 33.33 and 66.67, of 90.00 30.00 and 60.00.
	m.books("a third", who[0], "USD", 300, 0)
	m.books("5 % of 30.00", who[1], "USD", 150, -500)
	m.books("4 % of 30.00", who[2], "USD", 120, 0)
	m.books("two thirds", ada, "USD", 600, 0)
	m.books("5 % of 60.00", eve, "USD", 300, 0)
}

func TestC23_OwnSalesThatStandInTheWindow(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(2)
	terms := of("5 sale")
	terms.Qualification = levels.Qualification{Days: 30, Sales: 2, Amount: money.Of(5_000, "USD")}
	m.leveled(terms, percent("10"))
	sell := func(id string, seller int, amount int64) order.Order {
		o := m.sale(id, m.clicked(who[seller]), "USD", amount)
		m.accept(o)
		m.clock.Advance(time.Minute)
		return o
	}
	earned := func(when string, want int64) {
		t.Helper()
		before, _ := m.balance(who[1], "USD")
		sell(when, 0, 10_000)
		if after, _ := m.balance(who[1], "USD"); after-before != want {
			t.Errorf("%s: %d, want %d", when, after-before, want)
		}
	}
	earned("nothing sold", 0)
	first := sell("own 1", 1, 3_000)
	earned("one sale", 0)
	second := sell("own 2", 1, 2_000)
	earned("two of 50.00", 500)
	m.refund(first, "r1", 1)
	earned("two of 49.99", 0)
	third := sell("own 3", 1, 2_000)
	earned("three of 69.99", 500)
	m.refund(first, "r2", 2_999)
	earned("two that stand, of 40.00", 0)
	sell("own 4", 1, 9_000)
	earned("three that stand, of 130.00", 500)
	m.refund(second, "r3", 2_000)
	m.refund(third, "r4", 2_000)
	earned("one that stands, of 90.00", 0)
	sell("own 5", 1, 2_000)
	earned("two that stand, of 110.00", 500)
	m.clock.Advance(30*24*time.Hour - 3*time.Minute)
	earned("own 4 is out of the window, 20.00 are in it", 0)
}

// An order of 100.00: 10.00, 5.00 and half of that; all paid out, then all given back.
func TestE03_E05_Q10_WhatWasPaidOutIsGivenBackAtEveryLevel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode                  planversion.Recovery
		seller, first, second int64
	}{
		{planversion.RecoveryRECOVER, -1000, -500, -250},
		{planversion.RecoveryABSORB, 0, 0, 0},
		{planversion.RecoveryRECOVER_WITHIN, -400, -200, -100}, // four tenths within the days
	} {
		t.Run(string(c.mode), func(t *testing.T) {
			t.Parallel()
			in := earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, Levels: of("5 sale, 50 lower"), Recovery: earn.Recovery{Mode: c.mode}}
			if c.mode == planversion.RecoveryRECOVER_WITHIN {
				in.Recovery.Days = 30
			}
			m, _ := planned(t, in)
			who := m.chain(3)
			o := m.sale("1001", m.clicked(who[0]), "USD", 6000, 4000)
			out := m.accept(o)
			m.approve(out.CommissionIDs...)
			for _, w := range who {
				m.drain(w, "USD")
			}
			back := refundOf(o, "r1", 0)
			back.Amount, back.Lines = money.Money{}, []order.RefundLine{{LineExternalID: "b", Amount: money.Of(4000, "USD")}}
			_, err := m.AcceptRefund(m.ctx, back)
			m.must(err)
			m.clock.Advance(40 * 24 * time.Hour)
			_, err = m.chargedBack(o, "cb", 0)
			m.must(err)
			m.books("the seller", who[0], "USD", 0, c.seller)
			m.books("level 2", who[1], "USD", 0, c.first)
			m.books("level 3", who[2], "USD", 0, c.second)
			_, err = m.ended(o, "cb", true)
			m.must(err)
			for i, want := range map[planversion.Recovery][]int64{
				planversion.RecoveryRECOVER: {-400, -200, -100}, planversion.RecoveryABSORB: {0, 0, 0}, planversion.RecoveryRECOVER_WITHIN: {-400, -200, -100},
			}[c.mode] {
				m.books("won", who[i], "USD", 0, want)
			}
		})
	}
}

// A fixed amount is the seller's once; the levels of the sale follow its base, and the
// level of the commission below follows that.
func TestC22_Q49_LevelsAboveAFixedAmount(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(4)
	m.leveled(of("5 sale, 10 lower, 20 net"), fixed(1_000, "USD"))
	o := m.sale("1001", m.clicked(who[0]), "USD", 10_000)
	out := m.accept(o)
	m.shows("accrued", out.ConversionID, who, "0@1=1000, 1@2=500, 2@3=50, 3@4=450")
	edit := func(lines ...order.Line) {
		o.Lines, o.Total = lines, money.Zero("USD")
		for _, l := range lines {
			o.Total.Minor += l.Amount.Minor
		}
		m.accept(o)
	}
	edit(order.Line{ExternalID: "z", Quantity: 1, Amount: money.Of(10_000, "USD")})
	m.shows("exchanged for another of that price", out.ConversionID, who, "0@1=1000, 1@2=500, 2@3=50, 3@4=450")
	edit(order.Line{ExternalID: "z", Quantity: 1, Amount: money.Of(20_000, "USD")})
	// 5 % of 200.00 = 10.00; 10 % of that = 1.00; 40.00 − 10.00 − 10.00 − 1.00 = 19.00.
	m.shows("twice as much", out.ConversionID, who, "0@1=1000, 1@2=500, 2@3=50, 3@4=450, 1@102=500, 2@103=50, 3@104=1450")
	m.refund(o, "r1", 20_000)
	for _, w := range who {
		m.books("all given back", w, "USD", 0, 0)
	}
}

// A maximum holds for what is left, and for all that edits add: nothing is paid by
// steps that would not be paid at once.
func TestQ61_AMaximumHoldsForAnOrderWithItsEdits(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(3)
	both := percent("10")
	both.Kind, both.Fixed = plan.KindBoth, money.Of(1_000, "USD")
	terms := of("5 sale, 5 sale")
	terms.MaxTotal = rateOf("20")
	m.leveled(terms, both)
	o := m.sale("1001", m.clicked(who[0]), "USD", 10_000)
	out := m.accept(o)
	m.shows("the seller has 20.00 of 20.00", out.ConversionID, who, "0@1=2000")
	o.Lines[0].Amount, o.Total = money.Of(20_000, "USD"), money.Of(20_000, "USD")
	m.accept(o)
	m.shows("30.00 of 40.00: 10.00 are left", out.ConversionID, who, "0@1=2000, 1@2=1000, 0@101=1000")
	o.Lines[0].Amount, o.Total = money.Of(30_000, "USD"), money.Of(30_000, "USD")
	m.accept(o)
	m.shows("40.00 of 60.00", out.ConversionID, who, "0@1=2000, 1@2=1000, 2@3=500, 0@101=1000, 1@102=500, 0@201=1000")
	m.refund(o, "r1", 10_000)
	m.shows("30.00 of 40.00 again", out.ConversionID, who, "0@1=2000, 1@2=1000, 2@3=0 reversed, 0@101=1000, 1@102=0 reversed, 0@201=0 reversed")
}

func TestN10_N11_AnUpperIsToldNobodysName(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(4)
	terms := of("5 sale, 4 sale, 3 sale")
	terms.MaxTotal = rateOf("17")
	m.leveled(terms, percent("10"))
	m.suspend(who[1])
	out := m.accept(m.sale("1001", m.clicked(who[0]), "USD", 10_000))
	rows := m.commissions(out.ConversionID)
	v, _ := trust.From(m.ctx)
	as := trust.With(context.Background(), trust.Viewer{Kind: v.Kind, Role: trust.Affiliate, MerchantID: v.MerchantID, PrincipalID: v.PrincipalID, AffiliateID: who[2], Scopes: v.Scopes})
	e, err := m.ExplainCommission(as, rows[1].ID)
	m.must(err)
	var told []string
	for _, s := range e.Steps {
		told = append(told, s.Text)
	}
	for _, l := range e.Levels {
		if l.AffiliateID != "" && l.AffiliateID != who[2] {
			t.Errorf("it is told of %s", l.AffiliateID)
		}
	}
	want := []string{
		"The sale: 100.00 USD, of which its seller earns 10.00 USD.",
		"Level 1: its affiliate was not active, so the level is lost.",
		"Level 2, this commission: 4 % of the sale = 4.00 USD.",
		"Level 3: 3 % of the sale = 3.00 USD.",
	}
	if got := strings.Join(told, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("told\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	for _, c := range rows {
		if _, err := m.ExplainCommission(as, c.ID); (err == nil) != (c.AffiliateID == who[2]) {
			t.Errorf("level %d: %v", c.Level, err)
		}
	}
	if n, err := m.store.Client().Conversion.Query().Count(as); err != nil || n != 0 {
		t.Errorf("the upper sees %d orders of its recruits, %v", n, err)
	}
	staff, err := m.ExplainCommission(m.ctx, rows[1].ID)
	if m.must(err); len(staff.Levels) != 3 || staff.Levels[0].AffiliateID != who[1] {
		t.Errorf("staff are told %+v", staff.Levels)
	}
}

func TestFaultsOfLevelsNameTheirFields(t *testing.T) {
	t.Parallel()
	m := open(t)
	p, err := m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Levels"})
	m.must(err)
	for field, bad := range map[string]*levels.Terms{
		"levels.terms":              {},
		"levels.terms.0.percent":    {Levels: []levels.Term{{Mode: levels.OfSale}}},
		"levels.terms.0.mode":       {Levels: []levels.Term{{Mode: "X", Rate: rateOf("1")}}},
		"levels.maxPercent":         {Levels: []levels.Term{{Mode: levels.OfSale, Rate: rateOf("1")}}, AndAbove: true},
		"levels.cut":                {Levels: []levels.Term{{Mode: levels.OfSale, Rate: rateOf("1")}}, Cut: "X"},
		"levels.onInactive":         {Levels: []levels.Term{{Mode: levels.OfSale, Rate: rateOf("1")}}, OnInactive: "X"},
		"levels.qualification.days": {Levels: []levels.Term{{Mode: levels.OfSale, Rate: rateOf("1")}}, Qualification: levels.Qualification{Sales: 1}},
	} {
		_, err := m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: p.PlanID, Rules: []plan.Rule{percent("10")}, Levels: bad})
		faults := earn.Faults(err)
		if len(faults) != 1 || faults[0].Code != problem.Invalid || strings.Join(faults[0].Field, ".") != field {
			t.Errorf("%s: %v", field, faults)
		}
	}
}

// Who is active but has no place in the program is not active in it.
func TestN19_WhoIsNotInTheProgramDoesNotEarn(t *testing.T) {
	t.Parallel()
	m := open(t)
	terms := of("5 sale, 4 sale")
	terms.OnInactive = levels.Hold
	m.leveled(terms, percent("10"))
	out, err := m.roster.AffiliateCreate(m.ctx, roster.AffiliateCreateInput{Name: "out", Email: "out@aff.example"})
	m.must(err)
	ada := m.recruit("ada", "ada@aff.example", "", out.AffiliateID)
	sold := m.accept(m.sale("1001", m.clicked(ada), "USD", 10_000))
	who := []string{ada, out.AffiliateID}
	_, err = m.ApproveDue(m.ctx, 10)
	m.must(err)
	m.shows("not in it", sold.ConversionID, who, "0@1=1000 approved, 1@2=500 waits")
	next := m.accept(m.sale("1002", m.clicked(ada), "USD", 10_000))
	if n, err := m.ApproveDue(m.ctx, 1); err != nil || n != 1 {
		t.Errorf("what waits is in the way of others: %d, %v", n, err)
	}
	m.shows("not in it", next.ConversionID, who, "0@1=1000 approved, 1@2=500 waits")
	_, err = m.roster.Enroll(m.ctx, roster.EnrollInput{AffiliateID: out.AffiliateID, ProgramID: m.program})
	m.must(err)
	_, err = m.ApproveDue(m.ctx, 10)
	m.must(err)
	m.shows("in it", sold.ConversionID, who, "0@1=1000 approved, 1@2=500 approved")
}

// A fixed amount is taken back whole from half of the order on, which leaves more to a
// level that has the rest of a percentage: it gets nothing more for that.
func TestQ10_ARefundPaysNobody(t *testing.T) {
	t.Parallel()
	m, _ := planned(t, earn.PlanActivateInput{
		Rules: []plan.Rule{fixed(1_000, "USD")}, Levels: of("11 net"), RefundPolicy: plan.RefundPolicy{Mode: plan.RefundAllOrNothing, AtPercent: 50},
	})
	who := m.chain(2)
	o := m.sale("1001", m.clicked(who[0]), "USD", 10_000)
	out := m.accept(o)
	m.shows("11.00 less 10.00", out.ConversionID, who, "0@1=1000, 1@2=100")
	o.Lines = append(o.Lines, order.Line{ExternalID: "b", Quantity: 1, Amount: money.Of(1_000, "USD")})
	o.Total = o.Base()
	m.accept(o)
	m.shows("12.10 less 10.00", out.ConversionID, who, "0@1=1000, 1@2=100, 1@102=110")
	r := refundOf(o, "r1", 0)
	r.Amount, r.Lines = money.Money{}, []order.RefundLine{{LineExternalID: "a", Amount: money.Of(6_000, "USD")}}
	_, err := m.AcceptRefund(m.ctx, r)
	m.must(err)
	m.shows("5.50 less nothing would be 5.50", out.ConversionID, who, "0@1=0 reversed, 1@2=100, 1@102=110")
	m.refund(o, "r2", 5_000)
	m.shows("all given back", out.ConversionID, who, "0@1=0 reversed, 1@2=0 reversed, 1@102=0 reversed")
}

func TestQ49_WhoseLevelWasRejectedGetsNothingOfAnEdit(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(3)
	m.leveled(of("5 sale, 50 lower"), percent("10"))
	o := m.sale("1001", m.clicked(who[0]), "USD", 10_000)
	out := m.accept(o)
	_, err := m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: m.commissions(out.ConversionID)[1].ID, Reason: "fraud"})
	m.must(err)
	o.Lines[0].Amount, o.Total = money.Of(20_000, "USD"), money.Of(20_000, "USD")
	m.accept(o)
	m.shows("edited", out.ConversionID, who, "0@1=1000, 1@2=500 rejected, 2@3=250, 0@101=1000, 2@103=250")
}
