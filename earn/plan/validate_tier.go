package plan

import (
	"fmt"
	"slices"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Limits of tiers and caps.
const (
	MaxTiers = 50
	MaxCaps  = 20
)

// tiers checks a rule's tiers.
func (c *checker) tiers(r Rule) {
	t := r.Tiers
	if t == nil {
		return
	}
	if !slices.Contains([]Metric{MetricCount, MetricRevenue, MetricCommission}, t.Metric) {
		c.add(problem.Invalid, "tiers.metric", "must be COUNT, REVENUE or COMMISSION")
	}
	if !slices.Contains([]TierMode{Prospective, Marginal, Retroactive}, t.Mode) {
		c.add(problem.Invalid, "tiers.mode", "must be PROSPECTIVE, MARGINAL or RETROACTIVE")
	}
	if t.Mode == Marginal && (t.Metric != MetricRevenue || r.Kind != KindPercent) {
		c.add(problem.Invalid, "tiers.mode", "MARGINAL is for percentages by REVENUE")
	}
	if !slices.Contains([]Counts{"", CountsAll, CountsApproved}, t.Counts) {
		c.add(problem.Invalid, "tiers.counts", "must be ALL or APPROVED")
	}
	c.period("tiers.period", t.Period)
	if len(t.Steps) == 0 || len(t.Steps) > MaxTiers {
		c.add(problem.Invalid, "tiers.steps", "must be between 1 and 50")
	}
	for i, s := range t.Steps {
		c.tier(r, i, s)
	}
}

func (c *checker) tier(r Rule, i int, s Tier) {
	at := fmt.Sprintf("tiers.steps.%d.", i)
	counts := r.Tiers.Metric == MetricCount
	switch {
	case counts && (s.Count < 1 || s.Amount != (money.Money{})):
		c.add(problem.Invalid, at+"count", "must be 1 or more, and there is no amount")
	case !counts && s.Count != 0:
		c.add(problem.Invalid, at+"count", "is for COUNT only")
	case !counts:
		c.amount(at+"amount", s.Amount)
	}
	if i > 0 && s.threshold() <= r.Tiers.Steps[i-1].threshold() {
		c.add(problem.Invalid, at+"amount", "must be above the tier before")
	}
	if r.Kind.rates() {
		c.rate(at+"rate", s.Rate)
	} else if s.Rate != (money.Rate{}) {
		c.add(problem.Invalid, at+"rate", "is for rules with a percentage")
	}
	if r.Kind.fixes() {
		c.amount(at+"fixed", s.Fixed)
	} else if s.Fixed != (money.Money{}) {
		c.add(problem.Invalid, at+"fixed", "is for rules with a fixed amount")
	}
	for _, m := range [...]money.Money{s.Amount, s.Fixed} {
		if m.Currency != "" && m.Currency != r.currency() {
			c.add(problem.CurrencyMismatch, at+"amount", "must be in the currency of the rule's other amounts")
		}
	}
}

func (c *checker) period(field string, p Period) {
	if !slices.Contains(periods, p) {
		c.add(problem.Invalid, field, "must be DAY, MONTH, QUARTER, YEAR or ALWAYS")
	}
}

// caps checks a version's caps.
func (c *checker) caps(caps []Cap) {
	if len(caps) > MaxCaps {
		c.add(problem.TooLarge, "caps", "must be at most 20")
		return
	}
	for i, one := range caps {
		at := fmt.Sprintf("caps.%d.", i)
		if one.Scope != CapAffiliate && one.Scope != CapProgram {
			c.add(problem.Invalid, at+"scope", "must be AFFILIATE or PROGRAM")
		}
		if one.Over != OverCut && one.Over != OverNothing {
			c.add(problem.Invalid, at+"over", "must be CUT or NOTHING")
		}
		c.period(at+"period", one.Period)
		c.amount(at+"amount", one.Amount)
	}
}
