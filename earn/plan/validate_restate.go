package plan

import (
	"fmt"

	"github.com/tributary/tributary/internal/problem"
)

// restating checks rules with retroactive tiers together: their stages must add up
// whatever the order in which they are reached.
func (c *checker) restating(v Version) {
	var period Period
	found := 0
	for i := range v.Rules {
		r := &v.Rules[i]
		if !r.restates() {
			continue
		}
		c.path = fmt.Sprintf("rules.%d.", i)
		c.rising(r)
		if found++; found == 1 {
			period = r.Tiers.Period
		}
		switch {
		case r.Tiers.Period != period:
			c.add(problem.Invalid, "tiers.period", "must be that of the other rules with RETROACTIVE tiers")
		case found > 1 && v.Precedence == Best:
			c.add(problem.Invalid, "tiers.mode", "RETROACTIVE is for one rule only where the best one pays")
		case found > MaxRestating:
			c.add(problem.TooLarge, "tiers.mode", "RETROACTIVE is for at most 20 rules")
		}
	}
	if c.path = ""; found > 0 && len(v.Caps) > 0 {
		c.add(problem.Invalid, "caps", "must be empty with RETROACTIVE tiers: what a cap leaves would depend on which order came first")
	}
}

// rising demands that each tier pays at least what the one before pays, and that
// there is something below the first.
func (c *checker) rising(r *Rule) {
	rate, fixed := r.Rate, r.Fixed.Minor
	if rate.Num == 0 && fixed == 0 {
		c.add(problem.Invalid, "tiers.mode", "RETROACTIVE adds to what the rule itself pays: that must not be nothing")
	}
	if r.PerLine != (Clamp{}) || r.PerOrder != (Clamp{}) {
		c.add(problem.Invalid, "tiers.mode", "RETROACTIVE is not for rules with a minimum or maximum")
	}
	for i, t := range r.Tiers.Steps {
		if t.Rate.Scale > MaxRateScale || rate.Scale > MaxRateScale {
			return // a fault of its own
		}
		at := fmt.Sprintf("tiers.steps.%d.", i)
		if t.threshold() < 1 {
			c.add(problem.Invalid, at+"amount", "must be above zero")
		}
		if percentage(t.Rate).Cmp(percentage(rate)) < 0 || t.Fixed.Minor < fixed {
			c.add(problem.Invalid, at+"rate", "must not pay less than the tier before")
		}
		rate, fixed = t.Rate, t.Fixed.Minor
	}
}
