package plan_test

import (
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// rate reads a percentage.
func rate(s string) money.Rate {
	r, err := money.ParseRate(s)
	if err != nil {
		panic(err)
	}
	return r
}

func percent(id string, level plan.Level, target, percentage string) plan.Rule {
	return plan.Rule{ID: id, Level: level, TargetID: target, Kind: plan.KindPercent, Rate: rate(percentage)}
}

func fixed(id string, level plan.Level, target string, minor int64, c money.Currency) plan.Rule {
	return plan.Rule{ID: id, Level: level, TargetID: target, Kind: plan.KindFixed, Fixed: money.Of(minor, c)}
}

func onZero(r plan.Rule) plan.Rule {
	r.PayOnZero = true
	return r
}

func version(rules ...plan.Rule) plan.Version {
	return plan.Version{ID: "plv_1", Number: 3, Rules: rules, HoldDays: 30}
}

// order is an input of one affiliate with lines a, b, c … of the given amounts.
func order(c money.Currency, amounts ...int64) plan.Input {
	in := plan.Input{AffiliateID: "aff_1", GroupID: "grp_1", Currency: c}
	for i, minor := range amounts {
		in.Lines = append(in.Lines, plan.LineIn{ID: string(rune('a' + i)), Amount: money.Of(minor, c)})
	}
	return in
}

// gift makes line i a gift card.
func gift(in plan.Input, i int) plan.Input {
	in.Lines[i].GiftCard = true
	return in
}

func share(in plan.Input, num, den int64) plan.Input {
	in.Share = plan.Share{Num: num, Den: den}
	return in
}

func evaluate(t *testing.T, v plan.Version, in plan.Input) plan.Result {
	t.Helper()
	r, err := plan.Evaluate(v, in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func commissions(r plan.Result) []int64 {
	var out []int64
	for _, l := range r.Lines {
		out = append(out, l.Commission)
	}
	return out
}
