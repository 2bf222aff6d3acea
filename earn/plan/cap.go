package plan

import (
	"slices"

	"github.com/tributary/tributary/internal/money"
)

// CapScope is whose commission a cap counts.
type CapScope string

// The scopes.
const (
	CapAffiliate CapScope = "AFFILIATE" // of each affiliate in the program
	CapProgram   CapScope = "PROGRAM"   // of all of them together: a budget
)

// CapOver says what becomes of a commission that would pass a cap.
type CapOver string

// The policies.
const (
	OverCut     CapOver = "CUT"     // what still fits is paid
	OverNothing CapOver = "NOTHING" // none of it is paid
)

// Cap is the most that is paid in a period, of commission in its currency.
type Cap struct {
	Scope  CapScope
	Period Period
	Amount money.Money
	Over   CapOver
}

// Counts reports whether the version has tiers or caps, which look at what was sold
// and paid before.
func (v Version) Counts() bool {
	return len(v.Caps)+len(v.Bonuses) > 0 || slices.ContainsFunc(v.Rules, func(r Rule) bool { return r.Tiers != nil })
}

// Used is what had been paid of a cap before the order.
type Used struct {
	Cap   int // its place in the version's caps
	Minor int64
}

func (in *Input) used(cap int) (minor int64) {
	for _, u := range in.Used {
		if u.Cap == cap {
			minor += u.Minor
		}
	}
	return minor
}

// capped bounds a result by the version's caps of a scope, one after the other, and
// tells which took effect. Caps in other currencies say nothing of it.
func (t *Terms) capped(r Result, in *Input, scope CapScope) (Result, []Step, error) {
	var steps []Step
	for i, c := range t.version.Caps {
		left := max(0, c.Amount.Minor-in.used(i))
		if c.Scope != scope || c.Amount.Currency != in.Currency || r.Amount.Minor <= left {
			continue
		}
		if c.Over == OverNothing {
			left = 0
		}
		before := r.Amount
		r.Amount.Minor = left
		if left == 0 {
			r.Reason, r.Trace.Reason = ReasonOverCap, ReasonOverCap
		}
		lines, err := r.spread(left)
		if err != nil {
			return r, nil, err
		}
		r.Lines, r.Trace.Lines, r.Trace.Amount = lines, lines, r.Amount
		steps = append(steps, c.step(before, r.Amount, in.used(i)))
	}
	return r, steps, nil
}

// keepUsed keeps of what was used only what caps in the input's currency count.
func (t *Terms) keepUsed(in *Input) {
	in.Used = slices.DeleteFunc(slices.Clone(in.Used), func(u Used) bool {
		return u.Cap < 0 || u.Cap >= len(t.version.Caps) || t.version.Caps[u.Cap].Amount.Currency != in.Currency || u.Minor == 0
	})
	slices.SortFunc(in.Used, func(a, b Used) int { return a.Cap - b.Cap })
	if len(in.Used) == 0 {
		in.Used = nil
	}
}
