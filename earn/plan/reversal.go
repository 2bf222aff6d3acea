package plan

import (
	"math/bits"
	"slices"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Refunded is how much of an order has been given back in all, by any number of
// refunds. It is a state, not a change, which is why a repeated, late or merged
// refund ends in the same place as an orderly one.
type Refunded struct {
	// Lines holds cumulative minor units by line id; a line that is not named has
	// had nothing given back. Lines that the trace does not know were added after
	// the commission was computed, earned nothing in it, and are ignored.
	Lines map[string]int64
	// Whole says that the order was cancelled or refunded entirely. It makes a
	// difference where there is no base to measure by.
	Whole bool
}

// Due gives what is still to be reversed of the commission that the trace
// records, after what has been reversed before: positive takes back, negative
// gives again (a refund was undone or a dispute won), zero changes nothing. What
// has been reversed after posting it is between zero and the posted amount. It
// returns REFUND_EXCEEDS_ORDER for a line refunded beyond its base, CONFLICT for
// another version than the trace's, and INVALID when alreadyReversed cannot be.
func (t Trace) Due(v Version, r Refunded, alreadyReversed int64) (int64, error) {
	if err := t.belongsTo(v); err != nil {
		return 0, err
	}
	if alreadyReversed < 0 || alreadyReversed > t.Amount.Minor {
		return 0, problem.New(problem.Invalid, "more was reversed than was posted")
	}
	target, err := t.target(v, r)
	if err != nil {
		return 0, err
	}
	return target - alreadyReversed, nil
}

// target gives how much of the commission should be reversed in all.
func (t Trace) target(v Version, r Refunded) (sum int64, err error) {
	for _, id := range t.rules() {
		back, err := t.targetOf(v, id, r)
		if err != nil {
			return 0, err
		}
		for _, p := range back {
			sum += p.Minor
		}
	}
	return sum, nil
}

// Kept gives what is left of the commission by rule and line, nothing included,
// after so much was given back.
func (t Trace) Kept(v Version, r Refunded) (kept []Paid, err error) {
	for _, id := range t.rules() {
		back, err := t.targetOf(v, id, r)
		if err != nil {
			return nil, err
		}
		k := 0
		for _, l := range t.Lines {
			for _, p := range l.Parts {
				if p.RuleID != id {
					continue
				}
				kept = append(kept, Paid{RuleID: id, LineID: l.ID, Minor: p.Amount - back[k].Minor})
				k++
			}
		}
	}
	return kept, nil
}

// Once reports whether all of it was paid for the order as a whole rather than in
// proportion to it, so that an exchange of lines takes nothing of it back.
func (t Trace) Once(v Version) bool {
	ids := t.rules()
	return len(ids) > 0 && !slices.ContainsFunc(ids, func(id string) bool {
		r, _ := v.Rule(id)
		return r.Kind != KindFixed
	})
}

// rules gives the rules that paid, by id.
func (t Trace) rules() (ids []string) {
	for _, l := range t.Lines {
		for _, p := range l.Parts {
			if !slices.Contains(ids, p.RuleID) {
				ids = append(ids, p.RuleID)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// targetOf gives how much should be reversed of what a rule paid, by line.
func (t Trace) targetOf(v Version, id string, r Refunded) ([]Paid, error) {
	rule, _ := v.Rule(id)
	policy := v.refundPolicy(rule)
	back, sold, given, err := t.proportion(id, r)
	if err != nil || policy.Mode == "" || policy.Mode == RefundProportional {
		if r.Whole && err == nil {
			back = t.all(id)
		}
		return back, err
	}
	if policy.Mode == RefundAllOrNothing && (r.Whole || reached(given, sold, policy.AtPercent)) {
		return t.all(id), nil
	}
	for i := range back {
		back[i].Minor = 0
	}
	return back, nil
}

// all gives everything a rule paid, by line.
func (t Trace) all(id string) (paid []Paid) {
	for _, l := range t.Lines {
		for _, p := range l.Parts {
			if p.RuleID == id {
				paid = append(paid, Paid{RuleID: id, LineID: l.ID, Minor: p.Amount})
			}
		}
	}
	return paid
}

// proportion gives the reversal of what a rule paid in proportion to what was
// sold, line by line because commission was rounded line by line, and how much was
// sold on its lines and given back of that.
func (t Trace) proportion(id string, r Refunded) (back []Paid, sold, given int64, err error) {
	for _, l := range t.Lines {
		i := slices.IndexFunc(l.Parts, func(p PartOut) bool { return p.RuleID == id })
		if i < 0 {
			continue
		}
		due := int64(0)
		if l.Sold > 0 { // else it was commissioned on nothing that is given back
			if due, err = ReversalDue(l.Parts[i].Amount, l.Sold, r.Lines[l.ID], 0); err != nil {
				return nil, 0, 0, err
			}
			sold, given = sold+l.Sold, given+r.Lines[l.ID]
		}
		back = append(back, Paid{RuleID: id, LineID: l.ID, Minor: due})
	}
	return back, sold, given, nil
}

// reached reports whether back is at least percent % of a base that is not zero.
func reached(back, base, percent int64) bool {
	hiBack, loBack := bits.Mul64(uint64(back), 100)
	hiBase, loBase := bits.Mul64(uint64(base), uint64(percent))
	return base > 0 && (hiBack > hiBase || hiBack == hiBase && loBack >= loBase)
}

// ReversalDue gives what is still to be reversed of a posted commission (Q03):
// posted × cumulativeRefundedBase / originalBase rounded half away from zero,
// less what has been reversed already. Because it looks at the cumulative base,
// any order and any split of refunds ends in the same state, and the refund that
// completes the base lands exactly on posted. A negative result gives back what a
// withdrawn refund had taken.
//
// It returns REFUND_EXCEEDS_ORDER unless 0 ≤ cumulativeRefundedBase ≤
// originalBase, and INVALID unless alreadyReversed lies between zero and posted.
// A base of zero has nothing to give back, so nothing of posted stays reversed.
func ReversalDue(posted, originalBase, cumulativeRefundedBase, alreadyReversed int64) (int64, error) {
	if cumulativeRefundedBase < 0 || cumulativeRefundedBase > originalBase {
		return 0, problem.New(problem.RefundExceeds, "more was given back than was sold")
	}
	if alreadyReversed < min(0, posted) || alreadyReversed > max(0, posted) {
		return 0, problem.New(problem.Invalid, "more was reversed than was posted")
	}
	if originalBase == 0 {
		return -alreadyReversed, nil
	}
	target, err := money.MulDiv(posted, cumulativeRefundedBase, originalBase)
	if err != nil {
		return 0, tooLarge(err)
	}
	return target - alreadyReversed, nil
}
