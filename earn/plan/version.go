package plan

import (
	"cmp"
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
	KindBoth    Kind = "PERCENT_AND_FIXED"
)

func (k Kind) rates() bool { return k != KindFixed }
func (k Kind) fixes() bool { return k == KindFixed || k == KindBoth }

// Precedence says which of the rules that are for a line pay on it. Rules go by
// ascending id.
type Precedence string

// The ways; empty means MostSpecific.
const (
	MostSpecific Precedence = "MOST_SPECIFIC" // the first of the most specific level that has any
	FirstMatch   Precedence = "FIRST_MATCH"   // the first, whatever its level
	Best         Precedence = "BEST"          // the one that pays most on the line, of equals the first
	Sum          Precedence = "SUM"           // all of them
)

// Base says what a line is commissioned on beside its amount after discount. What
// the order has but no line says is spread over the lines by their amounts.
type Base struct {
	Tax       bool // with tax
	Shipping  bool // with shipping
	Discount  bool // before discount
	GiftCards bool // gift cards earn too
}

// DayPart is a time of the week in the program's zone: on some weekdays, from a
// minute of the day until another.
type DayPart struct {
	Days        uint8 // bit 0 is Monday, bit 6 Sunday
	From, Until int   // minutes from midnight, 0 ≤ From < Until ≤ 1440
}

// Clamp bounds what a rule pays, closed on both ends. The zero Money is no bound.
type Clamp struct{ Min, Max money.Money }

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

	When *Condition // nil for every line
	// From is the first instant of the event at which the rule is there, Until the
	// first at which it is no more; zero for no end.
	From, Until time.Time
	DayParts    []DayPart // any of them; none for always
	// PerLine bounds what it pays on a line that is commissioned, PerOrder what it
	// pays on all lines, both for all of the credit: a share has its part of them.
	PerLine, PerOrder Clamp
	// Tiers replace the rate and the fixed amount from thresholds on; nil for none.
	Tiers *Tiers
}

// Version is the terms of a plan from an instant on. It is never edited.
type Version struct {
	ID           string
	Number       int
	Rules        []Rule
	HoldDays     int // from the event, or from approval, to when it becomes payable
	HoldFrom     HoldFrom
	Bonuses      []Bonus  // what is paid beside commission
	Clicks       []Clicks // what clicks are paid; nothing when empty
	RefundPolicy RefundPolicy
	AutoApprove  bool // approve by schedule when the hold ends
	Precedence   Precedence
	Base         Base
	Caps         []Cap // the first first
	// Recurred says that rules of this or an earlier version look at payments: who
	// began to pay under such a version stays under it (Q33).
	Recurred bool
	// Reanchor does not count a payment that was given back in full (Q32); else it
	// counts like any other.
	Reanchor bool
	// Levels are the canonical bytes of what the upline of a seller earns; nil for
	// nothing. What they say is not this package's to know.
	Levels []byte
	// Margin is the percentage of a sale that the merchant says is left to pay from;
	// zero when nothing is said. It changes no commission: findings are about it.
	Margin money.Rate
	// GraceDays is for how many days from its first instant a sale stays under the terms
	// before, for an affiliate whose touch was before that instant (N32). 0 for none: a
	// sale is under the terms of its own day. A day is 24 hours.
	GraceDays int
}

// HoldFrom is what a hold is counted from (Q63).
type HoldFrom string

// The ways; empty means FromEvent.
const (
	FromEvent    HoldFrom = "EVENT"
	FromApproval HoldFrom = "APPROVAL" // what is approved becomes payable when the hold ends
)

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
	if r.Kind == KindPercent || r.Kind == KindBoth {
		return RefundPolicy{Mode: RefundProportional}
	}
	if r.Refund.Mode != "" {
		return r.Refund
	}
	return v.RefundPolicy
}

// currency gives the currency of the rule's amounts, "" when it has none and is
// for every order.
func (r *Rule) currency() money.Currency {
	for _, m := range [...]money.Money{r.Fixed, r.PerLine.Min, r.PerLine.Max, r.PerOrder.Min, r.PerOrder.Max} {
		if m.Currency != "" {
			return m.Currency
		}
	}
	if r.Tiers != nil {
		for _, t := range r.Tiers.Steps {
			if c := cmp.Or(t.Amount.Currency, t.Fixed.Currency); c != "" {
				return c
			}
		}
	}
	return ""
}

// fits reports whether the rule's amounts are in the currency of an order.
func (r *Rule) fits(c money.Currency) bool {
	own := r.currency()
	return own == "" || own == c
}

// Currency is that of the rule's amounts, "" when it is for every order.
func (r *Rule) Currency() money.Currency { return r.currency() }
