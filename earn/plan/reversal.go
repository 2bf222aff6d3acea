package plan

import (
	"math/bits"

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
func (t Trace) target(v Version, r Refunded) (int64, error) {
	rule, _ := v.Rule(t.RuleID)
	policy := v.refundPolicy(rule)
	proportional, base, back, err := t.proportion(r)
	switch {
	case err != nil:
		return 0, err
	case policy.Mode == RefundKeep:
		return 0, nil
	case r.Whole:
		return t.Amount.Minor, nil
	case policy.Mode != RefundAllOrNothing:
		return proportional, nil
	case reached(back, base, policy.AtPercent):
		return t.Amount.Minor, nil
	}
	return 0, nil
}

// proportion gives the reversal in proportion to the base, line by line because
// commission was rounded line by line, and the sums of both bases.
func (t Trace) proportion(r Refunded) (target, base, back int64, err error) {
	for _, l := range t.Lines {
		if l.Base == 0 { // a gift card: what is given back on it was never commissioned
			continue
		}
		due, err := ReversalDue(l.Commission, l.Base, r.Lines[l.ID], 0)
		if err != nil {
			return 0, 0, 0, err
		}
		target, base, back = target+due, base+l.Base, back+r.Lines[l.ID]
	}
	return target, base, back, nil
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
