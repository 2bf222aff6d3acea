package levels

import (
	"cmp"

	"github.com/tributary/tributary/internal/money"
)

// StatusActive is the standing of a member who may earn; StatusArchived that of
// one who will not come back. Any other may.
const (
	StatusActive   = "ACTIVE"
	StatusArchived = "ARCHIVED"
)

// Member is one of the upline, as it was when the sale was decided.
type Member struct {
	AffiliateID string
	Status      string
	Sales       int64       // own sales in the qualification's window
	Amount      money.Money // sum of their bases
	Buyer       bool        // is who bought
}

// Line is one posting of the sale: a line of the order, or a share of it.
type Line struct {
	ID         string
	Base       int64 // minor units that percentages of the sale are of
	Commission int64 // minor units that the seller earns on it
}

// Sale is what the upline earns on.
type Sale struct {
	Currency money.Currency
	Lines    []Line
	Upline   []Member // nearest first
}

// Outcome is what became of a member.
type Outcome string

// The outcomes.
const (
	Paid    Outcome = "PAID"
	Held    Outcome = "HELD"    // reckoned, and waits
	Lost    Outcome = "LOST"    // the level went with the member
	Passed  Outcome = "PASSED"  // the level went to the next who may earn
	Stopped Outcome = "STOPPED" // the levels end here
)

// Why says why a member may not earn.
type Why string

// The reasons.
const (
	Eligible    Why = ""
	Inactive    Why = "INACTIVE"
	Unqualified Why = "UNQUALIFIED"
	SelfBuyer   Why = "SELF_REFERRAL"
)

// Step is the trace of one member: what it stood at, what that came to and what
// was left of it.
type Step struct {
	Member  int // place in the upline, from 0
	Level   int // 1 for the first above the seller
	Outcome Outcome
	Why     Why
	Term    Term
	Before  int64   // minor units before the maximum
	Amount  int64   // minor units after it
	Parts   []int64 // Amount by line, in the order of the sale's lines
}

// Result is the trace of the whole upline, as far as it was looked at.
type Result struct {
	Steps []Step
	Room  int64 // minor units that the maximum left to the levels; -1 without one
}

// Evaluate computes what the levels earn. Errors: ErrInput, money.ErrRange.
func (t Terms) Evaluate(s Sale) (Result, error) {
	if err := s.check(t); err != nil {
		return Result{}, err
	}
	room, err := t.room(s)
	if err != nil {
		return Result{}, err
	}
	run := newRun(t, s, room)
	for i := range s.Upline {
		if done, err := run.member(i); err != nil || done {
			return run.finish(err)
		}
	}
	return run.finish(nil)
}

// eligible says why the member may not earn, and what becomes of its level then.
func (t Terms) eligible(m Member) (Why, Policy) {
	inactive := cmp.Or(t.OnInactive, Skip)
	switch q := t.Qualification; {
	case m.Buyer:
		return SelfBuyer, neverHeld(inactive)
	case m.Status == StatusArchived:
		return Inactive, neverHeld(inactive)
	case m.Status != StatusActive:
		return Inactive, inactive
	case m.Sales < q.Sales || m.Amount.Minor < q.Amount.Minor:
		return Unqualified, cmp.Or(t.OnUnqualified, Skip)
	}
	return Eligible, ""
}

func neverHeld(p Policy) Policy {
	if p == Hold {
		return Skip
	}
	return p
}
