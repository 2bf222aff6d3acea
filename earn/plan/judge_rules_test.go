package plan_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// Of the judge: which rules are for a line. Beside it, judge_place_test.go judges where
// an order comes from and custom fields, and judge_test.go what is paid.

func (j *judge) firstFor(l plan.LineIn) (plan.Rule, bool) {
	tiers := [][]plan.Level{{plan.LevelAffiliate}, {plan.LevelGroup}, {plan.LevelProgram}}
	if j.v.Precedence == plan.FirstMatch {
		tiers = [][]plan.Level{{plan.LevelAffiliate, plan.LevelGroup, plan.LevelProgram}}
	}
	for _, tier := range tiers {
		any := false
		for _, r := range j.rules {
			if slices.Contains(tier, r.Level) && j.isFor(r, l) {
				any = true
				if j.spends(r) {
					return r, true
				}
				j.seen["in another currency"]++
			}
		}
		if any {
			return plan.Rule{}, false
		}
	}
	return plan.Rule{}, false
}

func (j *judge) matching(r plan.Rule) (lines []plan.LineIn) {
	for _, l := range j.lines {
		if j.spends(r) && j.isFor(r, l) {
			lines = append(lines, l)
		}
	}
	return lines
}

// spends: every amount of the rule is in the currency of the order.
func (j *judge) spends(r plan.Rule) bool {
	for _, m := range []money.Money{r.Fixed, r.PerLine.Min, r.PerLine.Max, r.PerOrder.Min, r.PerOrder.Max} {
		if m.Currency != "" && m.Currency != j.in.Currency {
			return false
		}
	}
	if r.Tiers != nil {
		for _, t := range r.Tiers.Steps {
			for _, m := range []money.Money{t.Amount, t.Fixed} {
				if m.Currency != "" && m.Currency != j.in.Currency {
					return false
				}
			}
		}
	}
	return true
}

func (j *judge) isFor(r plan.Rule, l plan.LineIn) bool {
	target := map[plan.Level]string{plan.LevelGroup: j.in.GroupID, plan.LevelAffiliate: j.in.AffiliateID}[r.Level]
	if target != r.TargetID || !r.From.IsZero() && j.in.At.Before(r.From) || !r.Until.IsZero() && !j.in.At.Before(r.Until) {
		return false
	}
	now := len(r.DayParts) == 0
	for _, p := range r.DayParts {
		for day := range 7 {
			begin := day * 1440
			now = now || p.Days>>day&1 == 1 && j.in.LocalMinute >= begin+p.From && j.in.LocalMinute < begin+p.Until
		}
	}
	return now && (r.When == nil || j.holds(*r.When, l))
}

func (j *judge) holds(c plan.Condition, l plan.LineIn) bool {
	in := func(list []string, values ...string) bool {
		for _, v := range values {
			if slices.Contains(list, v) {
				return true
			}
		}
		return len(list) == 0
	}
	ok := in(c.ProductIDs, l.ProductID) && in(c.SKUs, l.SKU) && in(c.CouponCodes, j.in.Coupons...) && in(c.AffiliateIDs, j.in.AffiliateID) &&
		in(c.GroupIDs, j.in.GroupID) && in(c.Kinds, j.in.Kind) && (len(c.Buyers) == 0 || slices.Contains(c.Buyers, j.in.Buyer))
	ok = ok && j.told(c, l)
	for _, want := range c.SubIDs {
		labelled := false
		for _, has := range j.in.SubIDs {
			labelled = labelled || has.Name == want.Name && in(want.Values, has.Value)
		}
		ok = ok && labelled
	}
	if c.OrderAtLeast.Currency != "" {
		ok = ok && c.OrderAtLeast.Currency == j.in.Currency && j.in.Order >= c.OrderAtLeast.Minor
	}
	if c.OrderBelow.Currency != "" {
		ok = ok && c.OrderBelow.Currency == j.in.Currency && j.in.Order < c.OrderBelow.Minor
	}
	for _, s := range []struct {
		span plan.Span
		n    int
	}{{c.Payments, j.in.Payment}, {c.Months, j.in.Month}} {
		if s.span != (plan.Span{}) {
			ok = ok && j.in.Payment != 0 && s.n >= s.span.From && (s.n < s.span.Until || s.span.Until == 0)
		}
	}
	for _, one := range c.All {
		ok = ok && j.holds(one, l)
	}
	some := len(c.Any) == 0
	for _, one := range c.Any {
		some = some || j.holds(one, l)
	}
	return ok && some && (c.Not == nil || !j.holds(*c.Not, l))
}

// A judge is short enough to be read beside the rules: what is paid, which rules are
// for a line, where an order comes from, what counts for a period, and the levels are
// judged in a file of their own each.
func TestC08_TheJudgesAreShort(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("judge_*test.go")
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	for _, name := range append(files, "../levels/agree_test.go") {
		file, err := os.ReadFile(name) // #nosec G304 -- the module's own
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(file, []byte("\n")); lines > 300 {
			t.Errorf("%s has %d lines", name, lines)
		}
	}
}
