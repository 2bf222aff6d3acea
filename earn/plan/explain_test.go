package plan_test

import (
	"strings"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

var explanations = []struct {
	name string
	v    plan.Version
	in   plan.Input
	want []string
}{
	{
		"percent with a gift card",
		version(percent("r", plan.LevelGroup, "grp_1", "7.5")), gift(order("USD", 1999, 2000, 5000), 2),
		[]string{
			"BASE 8999→3999 Commissionable: 39.99 USD of 89.99 USD; gift cards earn nothing.",
			"RULE 3999→3999 The rule for the group in plan version 3 applies: 7.5 %.",
			"RATE a 1999→150 19.99 USD × 7.5 % = 1.50 USD, rounded half away from zero from 1.49925.",
			"RATE b 2000→150 20.00 USD × 7.5 % = 1.50 USD.",
			"RATE c 0→0 0.00 USD × 7.5 % = 0.00 USD.",
			"TOTAL 3999→300 Commission: 3.00 USD.",
		},
	},
	{
		"a third of the credit", // 1000 × 10 % × 1/3 = 33.33… → 33
		version(percent("r", plan.LevelProgram, "", "10")), share(order("JPY", 1000), 1, 3),
		[]string{
			"BASE 1000→1000 Commissionable: 1000 JPY.",
			"RULE 1000→1000 The rule for the program in plan version 3 applies: 10 %.",
			"RATE a 1000→33 1000 JPY × 10 % × 1/3 = 33 JPY, rounded half away from zero.",
			"TOTAL 1000→33 Commission: 33 JPY.",
		},
	},
	{
		"fixed over two lines",
		version(fixed("r", plan.LevelAffiliate, "aff_1", 500, "USD")), order("USD", 2000, 999),
		[]string{
			"BASE 2999→2999 Commissionable: 29.99 USD.",
			"RULE 2999→2999 The rule for the affiliate in plan version 3 applies: 5.00 USD per order.",
			"FIXED 500→500 5.00 USD = 5.00 USD.",
			"SPLIT a 2000→333 3.33 USD of it for a line of 20.00 USD.",
			"SPLIT b 999→167 1.67 USD of it for a line of 9.99 USD.",
			"TOTAL 2999→500 Commission: 5.00 USD.",
		},
	},
	{
		"a lead",
		version(onZero(fixed("r", plan.LevelProgram, "", 500, "USD"))), share(order("USD"), 1, 2),
		[]string{
			"BASE 0→0 Commissionable: 0.00 USD.",
			"RULE 0→0 The rule for the program in plan version 3 applies: 5.00 USD per order.",
			"FIXED 500→250 5.00 USD × 1/2 = 2.50 USD.",
			"TOTAL 0→250 Commission: 2.50 USD.",
		},
	},
	{
		"another currency",
		version(fixed("r", plan.LevelProgram, "", 500, "USD")), order("EUR", 1000),
		[]string{
			"BASE 1000→1000 Commissionable: 10.00 EUR.",
			"RULE 1000→1000 The rule for the program in plan version 3 pays a fixed amount in another currency than EUR.",
			"TOTAL 1000→0 Commission: 0.00 EUR.",
		},
	},
	{
		"no rule", version(), order("USD", 1000),
		[]string{
			"BASE 1000→1000 Commissionable: 10.00 USD.",
			"RULE 1000→1000 Plan version 3 has no rule for this affiliate.",
			"TOTAL 1000→0 Commission: 0.00 USD.",
		},
	},
	{
		"zero base", version(percent("r", plan.LevelProgram, "", "10")), order("USD", 0),
		[]string{
			"BASE 0→0 Commissionable: 0.00 USD.",
			"RULE 0→0 The rule for the program in plan version 3 applies: 10 %. Nothing was sold that it pays for.",
			"TOTAL 0→0 Commission: 0.00 USD.",
		},
	},
}

func TestN11_ExplanationSaysEveryStep(t *testing.T) {
	t.Parallel()
	for _, c := range explanations {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e, err := plan.Explain(evaluate(t, c.v, c.in).Trace, c.v)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := written(e), strings.Join(c.want, "\n"); got != want {
				t.Errorf("explained as\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func written(e plan.Explanation) string {
	var out []string
	for _, s := range e.Steps {
		head := string(s.Kind)
		if s.LineID != "" {
			head += " " + s.LineID
		}
		out = append(out, head+" "+arrow(s.Before, s.After)+" "+s.Text)
	}
	return strings.Join(out, "\n")
}

func arrow(before, after int64) string {
	return money.Of(before, "JPY").Decimal() + "→" + money.Of(after, "JPY").Decimal()
}

// Whatever is changed after posting, Explain does not tell a story about it.
func TestN11_ExplainRefusesWhatItCannotReproduce(t *testing.T) {
	t.Parallel()
	v := version(percent("r", plan.LevelProgram, "", "10"))
	for name, c := range map[string]struct {
		change func(*plan.Trace, *plan.Version)
		code   problem.Code
	}{
		"nothing":         {func(*plan.Trace, *plan.Version) {}, ""},
		"another version": {func(_ *plan.Trace, v *plan.Version) { v.ID = "plv_2" }, problem.Conflict},
		"another number":  {func(_ *plan.Trace, v *plan.Version) { v.Number = 4 }, problem.Conflict},
		"edited rate":     {func(_ *plan.Trace, v *plan.Version) { v.Rules[0].Rate = rate("11") }, problem.Internal},
		"edited rule id":  {func(_ *plan.Trace, v *plan.Version) { v.Rules[0].ID = "s" }, problem.Internal},
		"edited amount":   {func(t *plan.Trace, _ *plan.Version) { t.Amount.Minor++ }, problem.Internal},
		"edited line":     {func(t *plan.Trace, _ *plan.Version) { t.Lines[0].Commission++ }, problem.Internal},
		"edited sale":     {func(t *plan.Trace, _ *plan.Version) { t.Input.Lines[0].Amount.Minor = 1 }, problem.Internal},
		"impossible sale": {func(t *plan.Trace, _ *plan.Version) { t.Input.Lines[0].Amount.Minor = -1 }, problem.Internal},
		"edited reason":   {func(t *plan.Trace, _ *plan.Version) { t.Reason = plan.ReasonNoRule }, problem.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := version(percent("r", plan.LevelProgram, "", "10"))
			trace, err := plan.DecodeTrace(evaluate(t, v, order("USD", 1000)).Trace.Encode())
			if err != nil {
				t.Fatal(err)
			}
			c.change(&trace, &own)
			if _, err := plan.Explain(trace, own); problem.CodeOf(err) != c.code {
				t.Errorf("gives %v, want %q", err, c.code)
			}
		})
	}
}
