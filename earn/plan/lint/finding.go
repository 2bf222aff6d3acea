package lint

import (
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// Severity is how bad a finding is.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "ERROR"   // cannot be meant: terms with it are put into force only when it is accepted by name
	Warning Severity = "WARNING" // hardly meant
	Note    Severity = "NOTE"    // may be meant, and is worth knowing
)

// Code names a sort of finding.
type Code string

// The findings. What Instead is stands behind each.
const (
	ConditionNeverHolds   Code = "CONDITION_NEVER_HOLDS"   // a rule's condition contradicts itself; what it would pay without it
	AlternativeNeverHolds Code = "ALTERNATIVE_NEVER_HOLDS" // one of the alternatives of a condition does; what it would pay without the condition
	DatesNeverCome        Code = "DATES_NEVER_COME"        // a rule is over before the terms begin, or its hours miss its dates; what it would pay without them
	RuleUnreachable       Code = "RULE_UNREACHABLE"        // other rules take all of a rule's orders; what the rule would pay alone
	RulesOverlap          Code = "RULES_OVERLAP"           // their written order decides between two rules; what the second would pay alone
	RuleTwice             Code = "RULE_TWICE"              // two rules that are alike both pay; what one of them pays
	RuleWithoutEffect     Code = "RULE_WITHOUT_EFFECT"     // a rule that pays nothing keeps no other from paying; what is paid without it
	CurrencyUnused        Code = "CURRENCY_UNUSED"         // a rule or cap is for a currency that the program does not use; what is paid without the rule or cap
	TierPaysLess          Code = "TIER_PAYS_LESS"          // a tier pays less than the one before; what that pays
	TierChangesNothing    Code = "TIER_CHANGES_NOTHING"    // a tier pays what the one before pays; what that pays
	TierOutOfReach        Code = "TIER_OUT_OF_REACH"       // a cap keeps commission below a tier's threshold; what the tier would pay
	CapBelowRule          Code = "CAP_BELOW_RULE"          // a cap is below what a rule promises for one order; what would be paid without the cap
	CapWithoutEffect      Code = "CAP_WITHOUT_EFFECT"      // #nosec G101 -- another cap is always reached before; what is paid without the cap
	MostBelowFixed        Code = "MOST_BELOW_FIXED"        // a rule's maximum is below its fixed amount; what would be paid without the maximum
	BoundsFixAmount       Code = "BOUNDS_FIX_AMOUNT"       // a rule's least is its most; what would be paid without them
	LeadPaysNothing       Code = "LEAD_PAYS_NOTHING"       // a rule for leads or sign-ups alone pays only on an amount; what it pays on one of 100
	OrderWithoutRule      Code = "ORDER_WITHOUT_RULE"      // no rule is for some sale; nothing
	PaysAboveMargin       Code = "PAYS_ABOVE_MARGIN"       // more is paid than the margin named; the margin on the order
	PaysAboveSale         Code = "PAYS_ABOVE_SALE"         // more is paid than was sold; what was sold
)

// Codes gives every code, in the order in which findings are told.
func Codes() []Code {
	return []Code{
		ConditionNeverHolds, AlternativeNeverHolds, DatesNeverCome, RuleUnreachable, RulesOverlap, RuleTwice, RuleWithoutEffect,
		CurrencyUnused, TierPaysLess, TierChangesNothing, TierOutOfReach, CapBelowRule, CapWithoutEffect, MostBelowFixed,
		BoundsFixAmount, LeadPaysNothing, OrderWithoutRule, PaysAboveMargin, PaysAboveSale,
	}
}

// Example is an order that shows a finding.
type Example struct {
	Order  plan.Input  // AffiliateID is "" where it does not matter who has the credit
	Pays   money.Money // what the terms pay on it
	Reason plan.Reason // why they pay nothing
	PaidBy []string    // the rules that pay, by id
	// Instead is what is paid where the fault is not: see the code.
	Instead money.Money
}

// Finding is a fault of terms with its proof.
type Finding struct {
	Severity Severity
	Code     Code
	Rules    []string // the ids of the rules it is about, the faulty one first
	Caps     []int    // places in the version's caps
	Text     string   // one sentence
	Example  Example
}

// Report is what is wrong with terms.
type Report struct {
	Findings []Finding
	// Complete says that everything was looked at. Of very many rules whose
	// conditions nest deeply some questions may be left open.
	Complete bool
}
