package plan_test

import (
	"slices"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

type golden struct {
	name   string
	v      plan.Version
	in     plan.Input
	total  int64
	lines  []int64
	rule   string
	reason plan.Reason
}

func check(t *testing.T, rows []golden) {
	t.Helper()
	for _, g := range rows {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			r := evaluate(t, g.v, g.in)
			if want := money.Of(g.total, g.in.Currency); r.Amount != want || !slices.Equal(commissions(r), g.lines) {
				t.Errorf("pays %s as %v, want %s as %v", r.Amount, commissions(r), want, g.lines)
			}
			if r.Rule.ID != g.rule || r.Reason != g.reason {
				t.Errorf("by rule %q, reason %q, want %q, %q", r.Rule.ID, r.Reason, g.rule, g.reason)
			}
		})
	}
}

func TestQ17_PercentRoundsPerLineHalfAwayFromZero(t *testing.T) {
	t.Parallel()
	ten := version(percent("r", plan.LevelProgram, "", "10"))
	of := func(p string) plan.Version { return version(percent("r", plan.LevelProgram, "", p)) }
	check(t, []golden{
		// 1999 × 10 % = 199.9 → 200
		{name: "one line", v: ten, in: order("USD", 1999), total: 200, lines: []int64{200}, rule: "r"},
		// 5 × 10 % = 0.5 → 1 on each line; the order as one would have been 1.5 → 2
		{name: "per line, not per order", v: ten, in: order("USD", 5, 5, 5), total: 3, lines: []int64{1, 1, 1}, rule: "r"},
		// 4 × 10 % = 0.4 → 0 on each line; the order as one would have been 1.2 → 1
		{name: "nor the other way", v: ten, in: order("USD", 4, 4, 4), total: 0, lines: []int64{0, 0, 0}, rule: "r"},
		// 1999 × 7.5 % = 149.925 → 150; 333 × 7.5 % = 24.975 → 25; 1 × 7.5 % = 0.075 → 0
		{name: "a fraction", v: of("7.5"), in: order("USD", 1999, 333, 1), total: 175, lines: []int64{150, 25, 0}, rule: "r"},
		// 1 000 000 × 12.345678 % = 123 456.78 → 123 457
		{name: "six digits", v: of("12.345678"), in: order("USD", 1_000_000), total: 123_457, lines: []int64{123_457}, rule: "r"},
		// Q18: 1980 yen × 8 % = 158.4 → 158 yen; nothing is divided by 100
		{name: "yen", v: of("8"), in: order("JPY", 1980), total: 158, lines: []int64{158}, rule: "r"},
		// Q18: 1.235 dinar = 1235 fils × 10 % = 123.5 → 124 fils
		{name: "fils", v: ten, in: order("KWD", 1235), total: 124, lines: []int64{124}, rule: "r"},
		{name: "all of it", v: of("100"), in: order("USD", 1999, 1), total: 2000, lines: []int64{1999, 1}, rule: "r"},
		{name: "none of it", v: of("0"), in: order("USD", 1999), total: 0, lines: []int64{0}, rule: "r"},
		// Q50: the gift card of 50.00 is not commissioned: 1000 × 10 % = 100
		{name: "gift card", v: ten, in: gift(order("USD", 1000, 5000), 1), total: 100, lines: []int64{100, 0}, rule: "r"},
		// 10^15 × 100 % is the largest line
		{name: "largest", v: of("100"), in: order("USD", 1e15), total: 1e15, lines: []int64{1e15}, rule: "r"},
	})
}

func TestFixedSplitsByLargestRemainder(t *testing.T) {
	t.Parallel()
	five := version(fixed("r", plan.LevelProgram, "", 500, "USD"))
	check(t, []golden{
		{name: "one line", v: five, in: order("USD", 1999), total: 500, lines: []int64{500}, rule: "r"},
		// 500 over 1 : 1 : 1 = 166.67 each; cut 498, two cents left to the first ids
		{name: "equal lines", v: five, in: order("USD", 700, 700, 700), total: 500, lines: []int64{167, 167, 166}, rule: "r"},
		// 500 over 2000 : 999 of 2999: 333.44…, 166.55… → cut 333 + 166, the cent to .55
		{name: "unequal lines", v: five, in: order("USD", 2000, 999), total: 500, lines: []int64{333, 167}, rule: "r"},
		// a gift card and a free line carry nothing: 500 over 1000
		{name: "gift card and free line", v: five, in: gift(order("USD", 5000, 1000, 0), 0), total: 500, lines: []int64{0, 500, 0}, rule: "r"},
		{name: "more than the order", v: five, in: order("USD", 3), total: 500, lines: []int64{500}, rule: "r"},
		{name: "of zero", v: version(fixed("r", plan.LevelProgram, "", 0, "USD")), in: order("USD", 3), total: 0, lines: []int64{0}, rule: "r"},
	})
}

func TestFixedOnlyInItsOwnCurrency(t *testing.T) {
	t.Parallel()
	usd, eur := fixed("u", plan.LevelProgram, "", 500, "USD"), fixed("e", plan.LevelProgram, "", 400, "EUR")
	own := fixed("a", plan.LevelAffiliate, "aff_1", 900, "GBP")
	check(t, []golden{
		{name: "another", v: version(usd), in: order("EUR", 1000), lines: []int64{0}, rule: "u", reason: plan.ReasonCurrencyMismatch},
		{name: "one of two", v: version(usd, eur), in: order("EUR", 1000), total: 400, lines: []int64{400}, rule: "e"},
		{name: "neither of two names the first id", v: version(usd, eur), in: order("JPY", 1000), lines: []int64{0}, rule: "e", reason: plan.ReasonCurrencyMismatch},
		{name: "no weaker rule steps in", v: version(usd, own), in: order("USD", 1000), lines: []int64{0}, rule: "a", reason: plan.ReasonCurrencyMismatch},
	})
}

func TestMostSpecificRuleWins(t *testing.T) {
	t.Parallel()
	program := percent("p", plan.LevelProgram, "", "5")
	group := percent("g", plan.LevelGroup, "grp_1", "10")
	affiliate := percent("a", plan.LevelAffiliate, "aff_1", "20")
	otherGroup := percent("g2", plan.LevelGroup, "grp_2", "50")
	otherAffiliate := percent("a2", plan.LevelAffiliate, "aff_2", "60")
	in := order("USD", 1000)
	alone := in
	alone.GroupID = ""
	check(t, []golden{
		{name: "program", v: version(program, otherGroup, otherAffiliate), in: in, total: 50, lines: []int64{50}, rule: "p"},
		{name: "group over program", v: version(program, group), in: in, total: 100, lines: []int64{100}, rule: "g"},
		{name: "affiliate over group", v: version(group, affiliate, program), in: in, total: 200, lines: []int64{200}, rule: "a"},
		{name: "lower rate wins all the same", v: version(percent("a", plan.LevelAffiliate, "aff_1", "1"), program), in: in, total: 10, lines: []int64{10}, rule: "a"},
		{name: "no group", v: version(program, group), in: alone, total: 50, lines: []int64{50}, rule: "p"},
		{name: "for others only", v: version(otherGroup, otherAffiliate), in: in, lines: []int64{0}, reason: plan.ReasonNoRule},
		{name: "no rules", v: version(), in: in, lines: []int64{0}, reason: plan.ReasonNoRule},
	})
}

func TestQ50_ZeroBase(t *testing.T) {
	t.Parallel()
	pay := version(onZero(fixed("r", plan.LevelProgram, "", 500, "USD")))
	check(t, []golden{
		{name: "percent", v: version(percent("r", plan.LevelProgram, "", "10")), in: order("USD", 0, 0), lines: []int64{0, 0}, rule: "r", reason: plan.ReasonZeroBase},
		{name: "fixed", v: version(fixed("r", plan.LevelProgram, "", 500, "USD")), in: order("USD", 0), lines: []int64{0}, rule: "r", reason: plan.ReasonZeroBase},
		{name: "only a gift card", v: version(fixed("r", plan.LevelProgram, "", 500, "USD")), in: gift(order("USD", 5000), 0), lines: []int64{0}, rule: "r", reason: plan.ReasonZeroBase},
		// 500 over three free lines: 167 + 167 + 166
		{name: "fixed that pays", v: pay, in: order("USD", 0, 0, 0), total: 500, lines: []int64{167, 167, 166}, rule: "r"},
		{name: "a lead without lines", v: pay, in: order("USD"), total: 500, lines: []int64{500}, rule: "r"},
		{name: "no lines, percent", v: version(percent("r", plan.LevelProgram, "", "10")), in: order("USD"), rule: "r", reason: plan.ReasonZeroBase},
		{name: "in its own currency only", v: pay, in: order("EUR", 0), lines: []int64{0}, rule: "r", reason: plan.ReasonCurrencyMismatch},
	})
}

func TestShareIsRoundedOnce(t *testing.T) {
	t.Parallel()
	check(t, []golden{
		// 1005 × 5 % × 1/2 = 25.125 → 25. Rounding twice would give 50.25 → 50 → 25.
		{name: "half", v: version(percent("r", plan.LevelProgram, "", "5")), in: share(order("USD", 1005), 1, 2), total: 25, lines: []int64{25}, rule: "r"},
		// 9 × 10 % × 1/2 = 0.45 → 0. Rounding twice: 0.9 → 1, 0.5 → 1.
		{name: "twice would pay a cent more", v: version(percent("r", plan.LevelProgram, "", "10")), in: share(order("USD", 9), 1, 2), total: 0, lines: []int64{0}, rule: "r"},
		// 500 × 1/3 = 166.67 → 167, over 1 : 1 = 83.5 each → 84 + 83
		{name: "a third of a fixed amount", v: version(fixed("r", plan.LevelProgram, "", 500, "USD")), in: share(order("USD", 700, 700), 1, 3), total: 167, lines: []int64{84, 83}, rule: "r"},
	})
}

func TestEvaluateRefuses(t *testing.T) {
	t.Parallel()
	ten := version(percent("r", plan.LevelProgram, "", "10"))
	many := order("USD")
	many.Lines = make([]plan.LineIn, 1001)
	twice := order("USD", 1, 2)
	twice.Lines[1].ID = "a"
	mixed := order("USD", 1, 2)
	mixed.Lines[1].Amount.Currency = "EUR"
	huge := version(plan.Rule{ID: "r", Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: money.Rate{Num: 1 << 62}})
	for _, c := range []struct {
		name string
		v    plan.Version
		in   plan.Input
		code problem.Code
	}{
		{"ErrMixedCurrencies", ten, mixed, problem.CurrencyMismatch},
		{"ErrNegative", ten, order("USD", -1), problem.AmountRange},
		{"ErrTooLarge", ten, order("USD", 1e15+1), problem.AmountRange},
		{"ErrTooManyLines", ten, many, problem.TooLarge},
		{"ErrTwiceTheSameLine", ten, twice, problem.Invalid},
		{"ErrShareAboveOne", ten, share(order("USD", 1), 3, 2), problem.Invalid},
		{"ErrShareZero", ten, share(order("USD", 1), 0, 2), problem.Invalid},
		{"ErrShareTooFine", ten, share(order("USD", 1), 1, 10_001), problem.Invalid},
		{"ErrRateTimesShareOverflows", huge, share(order("USD", 1), 3, 4), problem.AmountRange},
		{"ErrCommissionOverflows", huge, order("USD", 1e15), problem.AmountRange},
		{"ErrNegativeRate", version(plan.Rule{ID: "r", Level: plan.LevelProgram, Rate: money.Rate{Num: -1}}), order("USD", 1), problem.AmountRange},
		{"ErrRateScale", version(plan.Rule{ID: "r", Level: plan.LevelProgram, Rate: money.Rate{Num: 1, Scale: 13}}), order("USD", 1), problem.AmountRange},
		{"ErrNegativeFixed", version(fixed("r", plan.LevelProgram, "", -1, "USD")), order("USD", 1), problem.AmountRange},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if r, err := plan.Evaluate(c.v, c.in); problem.CodeOf(err) != c.code {
				t.Errorf("gives %v, %v; want %s", r.Amount, err, c.code)
			}
		})
	}
}
