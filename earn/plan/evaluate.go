package plan

import (
	"math/bits"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Reason says why credit earned nothing.
type Reason string

// The reasons; a result with an amount has none. A rule of 0 % or of a fixed
// zero pays nothing for no reason but itself.
const (
	ReasonNone             Reason = ""
	ReasonNoRule           Reason = "NO_RULE"           // no rule is for this affiliate, group or program
	ReasonCurrencyMismatch Reason = "CURRENCY_MISMATCH" // the rule's fixed amount is in another currency
	ReasonZeroBase         Reason = "ZERO_BASE"         // nothing was sold that earns
)

// LineOut is the commission on one line, in minor units of the order's currency.
// A fixed amount on an order without lines stands on one LineOut without ID.
type LineOut struct {
	ID         string
	Base       int64
	Commission int64
}

// Result is what credit earns.
type Result struct {
	Amount money.Money // in the order's currency
	Lines  []LineOut   // by ascending id; their commissions sum to Amount
	Rule   Rule        // the zero Rule for ReasonNoRule
	Reason Reason
	Trace  Trace
}

// Evaluate computes the commission for credit. Of the rules for the affiliate, its
// group and the program, only those of the most specific level that has any are
// considered: when none of them fits the order's currency, nothing is paid and no
// weaker rule steps in. Of credit that is shared each affiliate gets its part (see
// Input.Sharing): evaluated for one after the other, the parts leave no minor unit
// over. Errors are INVALID, TOO_LARGE, CURRENCY_MISMATCH and
// AMOUNT_RANGE, and concern the input or a version that Validate refuses.
func Evaluate(v Version, in Input) (Result, error) {
	in, err := in.normal()
	if err != nil {
		return Result{}, err
	}
	rule, reason := v.choose(in)
	amounts := make([]int64, len(in.Lines))
	if reason == ReasonNone {
		if amounts, reason, err = v.earn(in, rule); err != nil {
			return Result{}, err
		}
	}
	return conclude(v, in, rule, reason, amounts), nil
}

// earn applies the rule to the credit, all of it or a share.
func (v Version) earn(in Input, rule Rule) ([]int64, Reason, error) {
	if len(in.Sharing) == 0 {
		return rule.apply(in)
	}
	own := in.alone(Party{AffiliateID: in.AffiliateID, GroupID: in.GroupID})
	amounts, reason, err := rule.apply(own)
	if err == nil && reason == ReasonNone {
		amounts, err = v.portion(in)
	}
	return amounts, reason, err
}

// choose finds the rule. Within a level a valid version has one that fits at most;
// on an invalid one the smallest id keeps the choice deterministic.
func (v Version) choose(in Input) (Rule, Reason) {
	for _, at := range []struct {
		level  Level
		target string
	}{{LevelAffiliate, in.AffiliateID}, {LevelGroup, in.GroupID}, {LevelProgram, ""}} {
		if at.level != LevelProgram && at.target == "" {
			continue
		}
		if rule, reason := v.chooseAt(at.level, at.target, in.Currency); reason != ReasonNoRule {
			return rule, reason
		}
	}
	return Rule{}, ReasonNoRule
}

func (v Version) chooseAt(level Level, target string, c money.Currency) (Rule, Reason) {
	best, reason := Rule{}, ReasonNoRule
	for _, r := range v.Rules {
		if r.Level != level || r.TargetID != target {
			continue
		}
		fit := ReasonNone
		if r.Kind == KindFixed && r.Fixed.Currency != c {
			fit = ReasonCurrencyMismatch
		}
		better := fit == ReasonNone && reason != ReasonNone || fit == reason && r.ID < best.ID
		if reason == ReasonNoRule || better {
			best, reason = r, fit
		}
	}
	return best, reason
}

// apply gives the commission of each line, or of the order when it has none.
func (r Rule) apply(in Input) ([]int64, Reason, error) {
	if in.base() == 0 && !(r.Kind == KindFixed && r.PayOnZero) {
		return make([]int64, len(in.Lines)), ReasonZeroBase, nil
	}
	if r.Kind == KindFixed {
		amounts, err := r.fixed(in)
		return amounts, ReasonNone, err
	}
	amounts, err := r.percent(in)
	return amounts, ReasonNone, err
}

// percent multiplies exactly and rounds once per line.
func (r Rule) percent(in Input) ([]int64, error) {
	num, den, err := r.factor(in.Share)
	if err != nil {
		return nil, err
	}
	amounts := make([]int64, len(in.Lines))
	for i, l := range in.Lines {
		if amounts[i], err = money.MulDiv(l.base(), num, den); err != nil {
			return nil, tooLarge(err)
		}
	}
	return amounts, nil
}

// factor gives rate/100 × share as one fraction.
func (r Rule) factor(s Share) (num, den int64, err error) {
	scale := hundredths(r.Rate)
	num, den = product(r.Rate.Num, s.Num), product(scale, s.Den)
	if r.Rate.Num < 0 || scale == 0 || num < 0 || den < 0 {
		return 0, 0, problem.New(problem.AmountRange, "the rate is out of range")
	}
	return num, den, nil
}

// fixed splits by base, or evenly where no line has one.
func (r Rule) fixed(in Input) ([]int64, error) {
	total, err := money.MulDiv(r.Fixed.Minor, in.Share.Num, in.Share.Den)
	if err != nil || total < 0 {
		return nil, tooLarge(err)
	}
	if len(in.Lines) == 0 {
		return []int64{total}, nil
	}
	even := in.base() == 0
	parts := make([]money.Part, len(in.Lines))
	for i, l := range in.Lines {
		parts[i] = money.Part{ID: l.ID, Weight: l.base()}
		if even {
			parts[i].Weight = 1
		}
	}
	amounts, err := money.Split(total, parts)
	if err != nil {
		return nil, tooLarge(err)
	}
	return amounts, nil
}

func conclude(v Version, in Input, rule Rule, reason Reason, amounts []int64) Result {
	lines := pair(in, amounts)
	sum := money.Zero(in.Currency)
	for _, l := range lines {
		sum.Minor += l.Commission
	}
	return Result{
		Amount: sum, Lines: lines, Rule: rule, Reason: reason,
		Trace: Trace{
			VersionID: v.ID, Number: v.Number, RuleID: rule.ID, Reason: reason,
			Input: in, Amount: sum, Lines: lines,
		},
	}
}

// pair joins commissions with the lines they are on.
func pair(in Input, amounts []int64) []LineOut {
	lines := make([]LineOut, len(amounts))
	for i, a := range amounts {
		lines[i].Commission = a
		if i < len(in.Lines) {
			lines[i].ID, lines[i].Base = in.Lines[i].ID, in.Lines[i].base()
		}
	}
	return lines
}

// hundredths gives 100 × 10^scale, the denominator of a percentage; 0 when the
// scale is beyond any rate.
func hundredths(r money.Rate) int64 {
	if r.Scale > money.RateScale {
		return 0
	}
	return 100 * pow10(int(r.Scale))
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// product gives a·b of two numbers that are not negative, −1 when it overflows.
func product(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > 1<<63-1 {
		return -1
	}
	return int64(lo)
}

func tooLarge(cause error) error {
	return problem.New(problem.AmountRange, "the commission is out of range").Because(cause)
}
