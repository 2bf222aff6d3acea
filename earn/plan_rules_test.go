package earn_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// planned is a market that pays by these terms, and its one affiliate.
func planned(t *testing.T, in earn.PlanActivateInput) (m *market, affiliateID string) {
	t.Helper()
	m = open(t)
	p, err := m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Standard"})
	m.must(err)
	in.PlanID = p.PlanID
	_, err = m.PlanActivate(m.ctx, in)
	m.must(err)
	return m, m.affiliate("ada")
}

func when(r plan.Rule, c plan.Condition) plan.Rule {
	r.When = &c
	return r
}

// explained checks that every commission of an order explains itself.
func (m *market) explained(out earn.OrderOutcome) {
	m.t.Helper()
	for _, c := range out.CommissionIDs {
		_, err := m.ExplainCommission(m.ctx, c)
		m.must(err)
	}
}

func TestC07_NewAndReturningBuyers(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{
		when(percent("30"), plan.Condition{Buyers: []plan.Buyer{plan.BuyerNew}}),
		when(percent("5"), plan.Condition{Buyers: []plan.Buyer{plan.BuyerReturning}}),
	}})
	by := func(id, email string) order.Order {
		o := m.sale(id, m.clicked(who), "USD", 1000)
		o.Customer.Email = email
		return o
	}
	first := m.accept(by("1001", "eve@mail.example"))
	m.explained(first)
	m.books("the first order of eve", who, "USD", 300, 0)
	m.explained(m.accept(by("1002", "Eve@mail.example")))
	m.books("her second", who, "USD", 350, 0)
	m.accept(by("1003", "")) // nobody is named: neither new nor returning
	m.books("an order of nobody", who, "USD", 350, 0)
	m.accept(by("1004", "kim@mail.example"))
	m.books("the first of kim", who, "USD", 650, 0)
}

// What the order says of tax and shipping is spread over its lines by their amounts.
func TestQ23_TaxAndShippingOfTheOrderAreSpread(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Base: plan.Base{Tax: true, Shipping: true}, Rules: []plan.Rule{percent("10")}})
	o := m.sale("1001", m.clicked(who), "USD", 2000, 1000)
	o.Tax, o.Shipping = money.Of(301, "USD"), money.Of(600, "USD")
	o.Total.Minor = 3901
	m.explained(m.accept(o))
	// a: 2000 + 201 (301 × 2/3 = 200.67 → 201) + 400 = 2601 → 260; b: 1000 + 100 + 200 = 1300 → 130.
	m.books("with tax and shipping", who, "USD", 390, 0)
	_, err := m.AcceptRefund(m.ctx, order.Refund{Source: "api", ProgramID: m.program, OrderExternalID: "1001", ExternalID: "r1", OccurredAt: m.clock.Now(), Currency: "USD",
		Lines: []order.RefundLine{{LineExternalID: "b", Quantity: 1, Amount: money.Of(1000, "USD")}}})
	m.must(err)
	m.books("line b back takes its tax and shipping along", who, "USD", 260, 0)
	m.refund(o, "r2", 2000)
	m.books("all back leaves nothing", who, "USD", 0, 0)
}

// A gift card earns when the plan says so; giving it back takes that back.
func TestQ50_GiftCardsThatEarn(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Base: plan.Base{GiftCards: true}, Rules: []plan.Rule{percent("10")}})
	o := m.sale("1001", m.clicked(who), "USD", 1000, 5000)
	o.Lines[1].GiftCard = true
	m.explained(m.accept(o))
	m.books("both lines", who, "USD", 600, 0)
	_, err := m.AcceptRefund(m.ctx, order.Refund{Source: "api", ProgramID: m.program, OrderExternalID: "1001", ExternalID: "r1", OccurredAt: m.clock.Now(), Currency: "USD",
		Lines: []order.RefundLine{{LineExternalID: "a", Quantity: 1, Amount: money.Of(1000, "USD")}}})
	m.must(err)
	m.books("the other line back", who, "USD", 500, 0)
}

// Bounds hold for an order however often it is edited, and a fixed amount is paid
// on it once.
func TestQ49_EditsUnderBoundsAndFixedAmounts(t *testing.T) {
	t.Parallel()
	both := percent("10")
	both.Kind, both.Fixed, both.PerOrder.Max = plan.KindBoth, money.Of(200, "USD"), money.Of(1000, "USD")
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{both}})
	edit := func(version int64, amounts ...int64) earn.OrderOutcome {
		o := m.sale("1001", "", "USD", amounts...)
		o.Version = version
		return m.accept(o)
	}
	o := m.sale("1001", m.clicked(who), "USD", 5000)
	o.Version = 1
	m.accept(o)
	m.books("5000 × 10 % + 200", who, "USD", 700, 0)
	m.explained(edit(2, 6000))
	m.books("1000 more: 100, and no second 200", who, "USD", 800, 0)
	m.explained(edit(3, 6000, 9000))
	m.books("9000 more: 900, of which 200 are left below the bound", who, "USD", 1000, 0)
	edit(4, 6000, 9000, 4000)
	m.books("nothing is left below the bound", who, "USD", 1000, 0)
	m.refund(o, "r1", 19000)
	m.books("all back leaves nothing", who, "USD", 0, 0)
}

// Of several rules on one order each goes back by its own policy.
func TestQ04_SeveralRulesGoBackEachByItsPolicy(t *testing.T) {
	t.Parallel()
	keep := fixed(500, "USD")
	keep.Refund = plan.RefundPolicy{Mode: plan.RefundKeep}
	m, who := planned(t, earn.PlanActivateInput{Precedence: plan.Sum, Rules: []plan.Rule{percent("10"), keep, when(percent("5"), plan.Condition{SKUs: []string{"H-1"}})}})
	o := m.sale("1001", m.clicked(who), "USD", 3000, 1000)
	o.Lines[0].SKU = "H-1"
	m.explained(m.accept(o))
	m.books("300 + 100, 500, and 150 for the hat", who, "USD", 1050, 0)
	m.refund(o, "r1", 2000) // half of each line: 150 + 50 + 75 go back, the 500 stay
	m.books("half back", who, "USD", 775, 0)
	m.refund(o, "r2", 2000)
	m.books("all back but the fixed amount", who, "USD", 500, 0)
}

func TestQ40_ACodeInAConditionIsFolded(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{when(percent("10"), plan.Condition{Not: &plan.Condition{Any: []plan.Condition{{CouponCodes: []string{"Strasse"}}}}})}})
	o := m.sale("1001", m.clicked(who), "USD", 1000)
	o.CouponCodes = []string{"STRAßE"}
	out := m.accept(o)
	if m.reason(out.ConversionID) != "NO_RULE" {
		t.Errorf("rated %s", m.reason(out.ConversionID))
	}
}

// Every fault names its path inside the plan.
func TestPlanActivateNamesThePathOfEveryFault(t *testing.T) {
	t.Parallel()
	m := open(t)
	p, err := m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Standard"})
	m.must(err)
	bad := percent("10")
	bad.Kind, bad.Fixed = plan.KindBoth, money.Of(-1, "USD")
	bad.PerLine = plan.Clamp{Min: money.Of(5, "USD"), Max: money.Of(4, "USD")}
	bad.PerOrder.Max = money.Of(4, "EUR")
	bad.From, bad.Until = m.clock.Now(), m.clock.Now()
	bad.DayParts = []plan.DayPart{{Days: 1, From: 0, Until: 1440}, {Days: 1, From: 600, Until: 600}}
	bad.When = &plan.Condition{Any: []plan.Condition{{}, {Not: &plan.Condition{Kinds: []string{"CLICK"}}}, {SubIDs: []plan.SubID{{Name: "s1"}}}, {ProductIDs: []string{"a", ""}}}}
	_, err = m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: p.PlanID, Precedence: "WORST", Rules: []plan.Rule{bad}})
	var got []string
	for _, f := range earn.Faults(err) {
		got = append(got, string(f.Code)+" "+strings.Join(f.Field, "."))
	}
	want := []string{
		"INVALID precedence", "AMOUNT_RANGE rules.0.fixed", "INVALID rules.0.until", "INVALID rules.0.dayParts.1", "INVALID rules.0.perLine.max",
		"CURRENCY_MISMATCH rules.0.perOrder.max", "INVALID rules.0.when.any.0", "INVALID rules.0.when.any.1.not.kinds.0", "INVALID rules.0.when.any.2.subIds.0",
		"INVALID rules.0.when.any.3.productIds.1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	elsewhere := when(percent("10"), plan.Condition{All: []plan.Condition{{Not: &plan.Condition{AffiliateIDs: []string{"aff_x"}}}}})
	_, err = m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: p.PlanID, Rules: []plan.Rule{elsewhere}})
	m.refuses(err, problem.NotFound, "rules.0.when.all.0.not.affiliateIds.0")
	deep := plan.Condition{SKUs: []string{"a"}}
	for range 9 {
		deep = plan.Condition{All: []plan.Condition{deep}}
	}
	_, err = m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: p.PlanID, Rules: []plan.Rule{when(percent("10"), deep)}})
	m.refuses(err, problem.TooLarge, "rules.0.when"+strings.Repeat(".all.0", 9))
}
