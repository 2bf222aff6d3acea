package plan

import (
	"fmt"
	"slices"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Limits of a version.
const (
	MaxRules     = 1000
	MaxHoldDays  = 365
	MaxGraceDays = 400
	MaxRateScale = 6
	MaxFixed     = 1_000_000_000_000_000 // minor units, as the largest order amount
	maxID        = 128
)

// Validate gives every fault of the version with the path of its field, none when
// it can be activated. A target has either one PERCENT rule or FIXED rules of
// different currencies, so that there is never a choice to make. The codes are
// INVALID, TOO_LARGE, TAKEN, CURRENCY_UNKNOWN and AMOUNT_RANGE.
func (v Version) Validate() []*problem.Error {
	c := checker{seen: map[string]bool{}, specific: v.Precedence == "" || v.Precedence == MostSpecific}
	if v.HoldDays < 0 || v.HoldDays > MaxHoldDays {
		c.add(problem.Invalid, "holdDays", "must be between 0 and 365")
	}
	if !slices.Contains([]HoldFrom{"", FromEvent, FromApproval}, v.HoldFrom) {
		c.add(problem.Invalid, "holdFrom", "must be EVENT or APPROVAL")
	}
	c.refund("refundPolicy", v.RefundPolicy)
	if !c.specific && !slices.Contains([]Precedence{FirstMatch, Best, Sum}, v.Precedence) {
		c.add(problem.Invalid, "precedence", "must be MOST_SPECIFIC, FIRST_MATCH, BEST or SUM")
	}
	c.caps(v.Caps)
	c.bonuses(v.Bonuses)
	c.clicks(v.Clicks)
	c.rate("margin", v.Margin)
	if v.GraceDays < 0 || v.GraceDays > MaxGraceDays {
		c.add(problem.Invalid, "earlierClicks.graceDays", "must be between 1 and 400")
	}
	if len(v.Rules) > MaxRules {
		c.add(problem.TooLarge, "rules", "must be at most 1000")
		return c.faults
	}
	for i, r := range v.Rules {
		c.path = fmt.Sprintf("rules.%d.", i)
		c.rule(r)
	}
	c.restating(v)
	return c.faults
}

type checker struct {
	path     string
	specific bool
	seen     map[string]bool
	faults   []*problem.Error
}

func (c *checker) add(code problem.Code, field, message string) {
	c.faults = append(c.faults, problem.At(code, c.path+field, "%s", message))
}

// once reports whether a key is new.
func (c *checker) once(key string) bool {
	twice := c.seen[key]
	c.seen[key] = true
	return !twice
}

func (c *checker) rule(r Rule) {
	switch {
	case r.ID == "" || len(r.ID) > maxID:
		c.add(problem.Invalid, "id", "must have 1 to 128 bytes")
	case !c.once("id " + r.ID):
		c.add(problem.Taken, "id", "is the id of an earlier rule")
	}
	c.target(r)
	switch r.Kind {
	case KindPercent:
		c.percent(r)
	case KindFixed:
		c.fixed(r)
	case KindBoth:
		c.rate("rate", r.Rate)
		c.amount("fixed", r.Fixed)
	default:
		c.add(problem.Invalid, "kind", "must be PERCENT, FIXED or PERCENT_AND_FIXED")
	}
	c.refund("refund", r.Refund)
	c.more(r)
	c.unambiguous(r)
}

func (c *checker) target(r Rule) {
	if !slices.Contains([]Level{LevelProgram, LevelGroup, LevelAffiliate}, r.Level) {
		c.add(problem.Invalid, "level", "must be PROGRAM, GROUP or AFFILIATE")
	}
	if (r.Level == LevelProgram) != (r.TargetID == "") || len(r.TargetID) > maxID {
		c.add(problem.Invalid, "targetId", "must name the group or affiliate, and nothing for PROGRAM")
	}
}

func (c *checker) percent(r Rule) {
	c.rate("rate", r.Rate)
	if r.Fixed != (money.Money{}) || r.PayOnZero {
		c.add(problem.Invalid, "fixed", "must be empty for PERCENT")
	}
}

// rate refuses more than all of the sale: it is a slip far more often than a wish.
func (c *checker) rate(field string, r money.Rate) {
	switch hundred := hundredths(r); {
	case r.Scale > MaxRateScale:
		c.add(problem.Invalid, field, "must have at most 6 digits after the point")
	case r.Num < 0 || r.Num > hundred:
		c.add(problem.Invalid, field, "must be between 0 and 100")
	}
}

func (c *checker) fixed(r Rule) {
	if r.Fixed == (money.Money{}) {
		c.add(problem.Invalid, "fixed", "must say an amount")
	} else {
		c.amount("fixed", r.Fixed)
	}
	if r.Rate != (money.Rate{}) {
		c.add(problem.Invalid, "rate", "must be empty for FIXED")
	}
}

func (c *checker) amount(field string, m money.Money) {
	if _, err := money.ParseCurrency(string(m.Currency)); err != nil {
		c.add(problem.CurrencyUnknown, field, "must be in a known currency")
	}
	if m.Minor < 0 || m.Minor > MaxFixed {
		c.add(problem.AmountRange, field, "must not be negative or above the largest amount")
	}
}

func (c *checker) refund(field string, p RefundPolicy) {
	if !slices.Contains([]RefundMode{"", RefundProportional, RefundAllOrNothing, RefundKeep}, p.Mode) {
		c.add(problem.Invalid, field+".mode", "must be PROPORTIONAL, ALL_OR_NOTHING or KEEP")
		return
	}
	threshold := p.Mode == RefundAllOrNothing
	if threshold && (p.AtPercent < 1 || p.AtPercent > 100) || !threshold && p.AtPercent != 0 {
		c.add(problem.Invalid, field+".atPercent", "must be between 1 and 100 for ALL_OR_NOTHING, else empty")
	}
}

// unambiguous keeps rules from never being reached because another one of their
// level is always there first.
func (c *checker) unambiguous(r Rule) {
	if !c.specific || r.When != nil || !r.From.IsZero() || !r.Until.IsZero() || len(r.DayParts) > 0 {
		return
	}
	target := fmt.Sprintf("%s %q ", r.Level, r.TargetID)
	if own := r.currency(); own != "" {
		if c.seen[target+"percent"] || !c.once(target+string(own)) {
			c.add(problem.Taken, "targetId", "has another rule that would apply to the same orders")
		}
		c.seen[target+"any"] = true
		return
	}
	if c.seen[target+"any"] {
		c.add(problem.Taken, "targetId", "has another rule that would apply to the same orders")
	}
	c.seen[target+"any"], c.seen[target+"percent"] = true, true
}
