package plan

import (
	"time"

	"github.com/tributary/tributary/internal/money"
)

// Level is whom a rule is for. A more specific level beats a less specific one.
type Level string

// The levels, least specific first.
const (
	LevelProgram   Level = "PROGRAM"
	LevelGroup     Level = "GROUP"
	LevelAffiliate Level = "AFFILIATE"
)

// Kind is how a rule computes.
type Kind string

// The kinds of rule.
const (
	KindPercent Kind = "PERCENT"
	KindFixed   Kind = "FIXED"
)

// RefundMode says what a refund takes back of a FIXED commission (Q04). A
// PERCENT commission always follows its base.
type RefundMode string

// The modes; empty means RefundProportional.
const (
	RefundProportional RefundMode = "PROPORTIONAL"   // the part of the base that was given back
	RefundAllOrNothing RefundMode = "ALL_OR_NOTHING" // all of it once AtPercent of the base was given back
	RefundKeep         RefundMode = "KEEP"           // nothing
)

// RefundPolicy is a mode with its threshold.
type RefundPolicy struct {
	Mode      RefundMode
	AtPercent int64 // 1 to 100, inclusive threshold; for RefundAllOrNothing only
}

// Rule is one line of a plan version.
type Rule struct {
	ID       string
	Level    Level
	TargetID string // the group or affiliate; "" for LevelProgram
	Kind     Kind
	Rate     money.Rate  // of KindPercent: percent, so 7.5 means 7.5 %
	Fixed    money.Money // of KindFixed: per order, for orders in its currency only
	// PayOnZero lets a fixed rule pay on an order whose base is zero, such as a
	// lead or a free trial (Q50). Percent rules earn nothing there in any case.
	PayOnZero bool
	// Refund replaces the version's policy for this rule when its Mode is set.
	Refund RefundPolicy
}

// Version is the terms of a plan from an instant on. It is never edited.
type Version struct {
	ID           string
	Number       int
	Rules        []Rule
	HoldDays     int // from the event to the earliest approval
	RefundPolicy RefundPolicy
	AutoApprove  bool // approve by schedule when the hold ends
}

// HoldUntil gives when the hold of something that happened at from ends (Q63).
// A day is 24 hours.
func (v Version) HoldUntil(from time.Time) time.Time {
	return from.Add(time.Duration(v.HoldDays) * 24 * time.Hour)
}

// Rule finds a rule by id.
func (v Version) Rule(id string) (Rule, bool) {
	for _, r := range v.Rules {
		if r.ID == id {
			return r, true
		}
	}
	return Rule{}, false
}

// refundPolicy gives the policy that applies to commissions of r.
func (v Version) refundPolicy(r Rule) RefundPolicy {
	if r.Kind == KindPercent {
		return RefundPolicy{Mode: RefundProportional}
	}
	if r.Refund.Mode != "" {
		return r.Refund
	}
	return v.RefundPolicy
}
