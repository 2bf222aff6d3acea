package lint_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/earn/plan/lint"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
)

// N31: the order of every finding, evaluated again by the evaluator, is paid what the
// finding says, by the rules that it says and for its reason, and shows the fault.
func TestN31_EveryExampleShowsItsFault(t *testing.T) {
	t.Parallel()
	seen := map[lint.Code]bool{}
	rows := table()
	for n := range draws.Cases(400) {
		rows = append(rows, bad{name: "random", v: draw(rand.New(rand.NewPCG(7, uint64(n)))), margin: []string{"", "15"}[n%2]})
	}
	for _, b := range rows {
		for _, f := range check(b).Findings {
			seen[f.Code] = true
			r, err := plan.Evaluate(b.v, f.Example.Order)
			if err != nil || r.Amount != f.Example.Pays || r.Reason != f.Example.Reason || !slices.Equal(paying(r), f.Example.PaidBy) {
				t.Errorf("%s: %+v\npays %s %s %v, %v", b.name, f, r.Amount, r.Reason, paying(r), err)
			}
			if why := unshown(b, f, r); why != "" {
				t.Errorf("%s: %+v\n%s", b.name, f, why)
			}
		}
	}
	for _, c := range lint.Codes() {
		if !seen[c] {
			t.Errorf("%s was never found", c)
		}
	}
}

func paying(r plan.Result) (ids []string) {
	for _, l := range r.Lines {
		for _, p := range l.Parts {
			ids = append(ids, p.RuleID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// only is the terms with one rule and no caps.
func only(v plan.Version, id string, in plan.Input) plan.Result {
	r, _ := v.Rule(id)
	out, err := plan.Evaluate(plan.Version{ID: v.ID, Number: 1, Rules: []plan.Rule{r}}, in)
	if err != nil {
		panic(err)
	}
	return out
}

// unshown says what an example does not show, in the words of the codes.
func unshown(b bad, f lint.Finding, r plan.Result) string {
	x := f.Example
	pays := func(id string) bool { return slices.Contains(x.PaidBy, id) }
	switch f.Code {
	case lint.ConditionNeverHolds, lint.DatesNeverCome:
		if got := only(b.v, f.Rules[0], x.Order); got.Rule.ID != "" && got.Reason != plan.ReasonCurrencyMismatch {
			return "the rule is for its example"
		}
	case lint.RuleUnreachable:
		if pays(f.Rules[0]) || only(b.v, f.Rules[0], x.Order).Rule.ID == "" {
			return "the rule pays, or is not for its example"
		}
	case lint.RulesOverlap:
		if !pays(f.Rules[0]) || pays(f.Rules[1]) || only(b.v, f.Rules[1], x.Order).Amount == x.Pays {
			return "the written order decides nothing"
		}
	case lint.RuleTwice:
		if !pays(f.Rules[0]) || !pays(f.Rules[1]) {
			return "one of them does not pay"
		}
	case lint.TierPaysLess:
		if only(b.v, f.Rules[0], x.Order).Amount.Minor >= x.Instead.Minor {
			return "the tier pays no less"
		}
	case lint.TierOutOfReach, lint.CapBelowRule:
		if x.Pays.Minor >= x.Instead.Minor {
			return "the cap takes nothing"
		}
	case lint.CapWithoutEffect, lint.RuleWithoutEffect:
		if x.Pays != x.Instead {
			return "there is an effect"
		}
	case lint.PaysAboveMargin, lint.PaysAboveSale:
		if x.Pays.Minor <= x.Instead.Minor {
			return "it is not above"
		}
	case lint.OrderWithoutRule, lint.LeadPaysNothing:
		if !r.Amount.IsZero() {
			return "something is paid"
		}
	}
	return ""
}

// draw gives terms that Validate accepts, of rules that often cover each other.
func draw(r *rand.Rand) plan.Version {
	for {
		v := plan.Version{ID: "plv_1", Number: 1, Precedence: pick(r, "", plan.FirstMatch, plan.Best, plan.Sum)}
		for i := range 2 + r.IntN(4) {
			v.Rules = append(v.Rules, drawRule(r, i))
		}
		if r.IntN(4) == 0 {
			v.Caps = append(v.Caps, limit(pick(r, plan.CapAffiliate, plan.CapProgram), pick(r, plan.Day, plan.Month), r.Int64N(3)*1000, pick(r, plan.OverCut, plan.OverNothing)))
		}
		if len(v.Validate()) == 0 {
			return v
		}
	}
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func drawRule(r *rand.Rand, i int) plan.Rule {
	out := percent(pick(r, "5", "10", "0", "12.5"))
	switch r.IntN(5) {
	case 0:
		out = fixed(r.Int64N(4) * 500)
		out.Fixed.Currency = pick(r, money.Currency("USD"), "EUR")
	case 1:
		out.PerOrder.Max = usd(400)
	}
	out.ID = "r000" + string(rune('1'+i))
	switch r.IntN(6) {
	case 0:
		out.Level, out.TargetID = plan.LevelAffiliate, pick(r, "aff_1", "aff_2")
	case 1:
		out.Level, out.TargetID = plan.LevelGroup, "grp_1"
	}
	if r.IntN(5) > 0 {
		c := drawCondition(r, 2)
		out.When = &c
	}
	if r.IntN(6) == 0 {
		out.From = begin.AddDate(0, 0, r.IntN(9))
		out.Until = out.From.AddDate(0, 0, 1+r.IntN(9))
	}
	if r.IntN(6) == 0 {
		out.DayParts = []plan.DayPart{{Days: uint8(1 + r.IntN(127)), From: 60 * r.IntN(12), Until: 60 * (12 + r.IntN(13))}}
	}
	return out
}

func drawCondition(r *rand.Rand, depth int) (c plan.Condition) {
	some := func(list ...string) []string {
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return list[:1+r.IntN(len(list))]
	}
	for reflect.DeepEqual(c, plan.Condition{}) {
		switch r.IntN(17) {
		case 0:
			c.ProductIDs = some("shoes", "hats")
		case 1:
			c.SKUs = some("a", "b")
		case 2:
			c.CouponCodes = some("june", "july")
		case 3:
			c.AffiliateIDs = some("aff_1", "aff_2")
		case 4:
			c.GroupIDs = some("grp_1", "grp_2")
		case 5:
			c.Buyers = pick(r, []plan.Buyer{plan.BuyerNew}, []plan.Buyer{plan.BuyerReturning}, []plan.Buyer{plan.BuyerNew, plan.BuyerReturning})
		case 6:
			c.Kinds = some("SALE", "LEAD", "SIGNUP")
		case 7:
			c.SubIDs = []plan.SubID{{Name: "s1", Values: some("x", "y")}}
		case 8:
			c.OrderAtLeast = money.Of(pick(r, int64(1), 5000, 10_000), pick(r, money.Currency("USD"), "EUR"))
		case 9:
			c.OrderBelow = usd(pick(r, int64(1), 5000, 10_000))
		case 10:
			c.Payments = plan.Span{From: 1 + r.IntN(3)}
			c.Payments.Until = pick(r, 0, c.Payments.From+1+r.IntN(2))
		case 11:
			c.Months = plan.Span{From: r.IntN(2), Until: 3}
		case 12:
			c = joined(r, c, depth)
		case 13:
			c.Countries = some("DE", "AT")
		case 14:
			c.Devices = some("MOBILE", "DESKTOP")
		case 15:
			c.Channels = some("web", "pos")
		case 16:
			c.Categories = some("mugs", "cups")
		}
	}
	return c
}

func joined(r *rand.Rand, c plan.Condition, depth int) plan.Condition {
	if depth == 0 {
		return c
	}
	switch r.IntN(3) {
	case 0:
		c.All = []plan.Condition{drawCondition(r, depth-1), drawCondition(r, depth-1)}
	case 1:
		c.Any = []plan.Condition{drawCondition(r, depth-1), drawCondition(r, depth-1)}
	default:
		not := drawCondition(r, depth-1)
		c.Not = &not
	}
	return c
}

// The linter looks at everything that a rule and a condition may say: a field that is
// new here is one that it must learn, or it would call rules unreachable that are not.
func TestN31_TheLinterKnowsEveryField(t *testing.T) {
	t.Parallel()
	for of, want := range map[reflect.Type][]string{
		reflect.TypeFor[plan.Condition](): {"All", "Any", "Not", "ProductIDs", "SKUs", "CouponCodes", "AffiliateIDs", "GroupIDs", "Buyers", "Kinds", "SubIDs", "OrderAtLeast", "OrderBelow", "Payments", "Months", "Countries", "Devices", "Channels", "Categories", "Fields"},
		reflect.TypeFor[plan.Rule]():      {"ID", "Level", "TargetID", "Kind", "Rate", "Fixed", "PayOnZero", "Refund", "When", "From", "Until", "DayParts", "PerLine", "PerOrder", "Tiers"},
	} {
		var got []string
		for i := range of.NumField() {
			got = append(got, of.Field(i).Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has %q, the linter knows %q", of, got, want)
		}
	}
}
