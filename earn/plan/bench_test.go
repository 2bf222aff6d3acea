package plan_test

import (
	"fmt"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// hundredRules is a plan of which 99 rules are for products that are not in the
// order, with a condition of two levels each; the last is for everything.
func hundredRules(p plan.Precedence) plan.Version {
	v := plan.Version{ID: "plv_1", Number: 1, Precedence: p}
	for i := range 99 {
		r := percent(fmt.Sprintf("r%04d", i), plan.LevelProgram, "", "10")
		r.When = &plan.Condition{
			Any: []plan.Condition{{ProductIDs: []string{fmt.Sprintf("p%d", i), fmt.Sprintf("q%d", i)}}, {SKUs: []string{fmt.Sprintf("s%d", i)}}},
			Not: &plan.Condition{CouponCodes: []string{"staff"}},
		}
		v.Rules = append(v.Rules, r)
	}
	v.Rules = append(v.Rules, percent("r9999", plan.LevelProgram, "", "5"))
	return v
}

func tenLines() plan.Input {
	in := order("USD", 1999, 2999, 999, 4500, 1250, 100, 99, 5000, 10000, 1)
	in.Coupons = []string{"spring"}
	for i := range in.Lines {
		in.Lines[i].ProductID, in.Lines[i].SKU = "other", fmt.Sprintf("s%d", i*11)
	}
	return in
}

// A line of an order of ten costs at most five allocations under a plan of a
// hundred rules.
func TestAllocationsPerLine(t *testing.T) {
	for _, p := range []plan.Precedence{plan.MostSpecific, plan.FirstMatch, plan.Best, plan.Sum} {
		terms, in := hundredRules(p).Ready(), tenLines()
		perLine := testing.AllocsPerRun(100, func() {
			if r, err := terms.Evaluate(in); err != nil || r.Amount == money.Zero("USD") {
				t.Fatal(r, err)
			}
		}) / float64(len(in.Lines))
		if perLine > 5 {
			t.Errorf("%s: %.1f allocations a line", p, perLine)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	for _, p := range []plan.Precedence{plan.MostSpecific, plan.FirstMatch, plan.Best, plan.Sum} {
		b.Run(string(p), func(b *testing.B) {
			terms, in := hundredRules(p).Ready(), tenLines()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := terms.Evaluate(in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(in.Lines))/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
