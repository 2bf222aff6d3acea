package plan

import (
	"bytes"
	"fmt"
	"math/big"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// StepKind names a step of the sum.
type StepKind string

// The steps, in the order in which they are taken.
const (
	StepBase  StepKind = "BASE"  // sold → commissionable
	StepRule  StepKind = "RULE"  // which rule, or why none
	StepRate  StepKind = "RATE"  // base of a line → commission of the line, rounded
	StepFixed StepKind = "FIXED" // fixed amount → the affiliate's share of it, rounded
	StepSplit StepKind = "SPLIT" // base of a line → its part of the fixed amount
	StepShare StepKind = "SHARE" // what the affiliate would earn alone → its share of that
	StepTotal StepKind = "TOTAL" // commissionable → commission
)

// Step is one step, with the minor units before and after it.
type Step struct {
	Kind   StepKind
	LineID string // for RATE and SPLIT
	Before int64
	After  int64
	Text   string // the same in words, with amounts in decimals
}

// Explanation is how a commission came about.
type Explanation struct {
	VersionID string
	Number    int
	Rule      Rule
	Reason    Reason
	Amount    money.Money
	Lines     []LineOut
	Steps     []Step
}

// Explain runs the evaluator again on the trace's input and renders what it did.
// It returns CONFLICT for another version than the trace's, and INTERNAL when the
// result is not the recorded one in every byte: then the trace, the version or the
// code is not what it was when the commission was posted.
func Explain(t Trace, v Version) (Explanation, error) {
	if err := t.belongsTo(v); err != nil {
		return Explanation{}, err
	}
	again, err := Evaluate(v, t.Input)
	if err != nil {
		return Explanation{}, notReproduced().Because(err)
	}
	if !bytes.Equal(again.Trace.Encode(), t.Encode()) {
		return Explanation{}, notReproduced()
	}
	return Explanation{
		VersionID: v.ID, Number: v.Number, Rule: again.Rule, Reason: again.Reason,
		Amount: again.Amount, Lines: again.Lines, Steps: steps(v, again),
	}, nil
}

func notReproduced() *problem.Error {
	return problem.New(problem.Internal, "the recorded commission is not what its plan version yields")
}

func steps(v Version, r Result) []Step {
	in := r.Trace.Input
	list := []Step{baseStep(in), ruleStep(v, r)}
	if r.Reason == ReasonNone {
		list = append(list, earnedSteps(v, r)...)
	}
	return append(list, Step{
		Kind: StepTotal, Before: in.base(), After: r.Amount.Minor,
		Text: fmt.Sprintf("Commission: %s.", r.Amount),
	})
}

// earnedSteps lead to the amount. Where credit is shared, they lead to what the
// affiliate would earn alone and from there to its share. Nobody else is named:
// affiliates read this.
func earnedSteps(v Version, r Result) []Step {
	if in := r.Trace.Input; len(in.Sharing) > 0 {
		alone, err := Evaluate(v, in.alone(Party{AffiliateID: in.AffiliateID, GroupID: in.GroupID}))
		if err != nil { // what was evaluated with others can be evaluated alone
			return nil
		}
		return append(earnedSteps(v, alone), Step{
			Kind: StepShare, Before: alone.Amount.Minor, After: r.Amount.Minor,
			Text: fmt.Sprintf("%s%s, shared with %d more to the last minor unit = %s.", alone.Amount, in.Share.text(), len(in.Sharing)-1, r.Amount),
		})
	}
	if r.Rule.Kind == KindPercent {
		return rateSteps(r)
	}
	return fixedSteps(r)
}

func baseStep(in Input) Step {
	var sold int64
	for _, l := range in.Lines {
		sold += l.Amount.Minor
	}
	base := in.base()
	text := fmt.Sprintf("Commissionable: %s.", money.Of(base, in.Currency))
	if base != sold {
		text = fmt.Sprintf("Commissionable: %s of %s; gift cards earn nothing.",
			money.Of(base, in.Currency), money.Of(sold, in.Currency))
	}
	return Step{Kind: StepBase, Before: sold, After: base, Text: text}
}

func ruleStep(v Version, r Result) Step {
	s := Step{Kind: StepRule, Before: r.Trace.Input.base(), After: r.Trace.Input.base()}
	switch r.Reason {
	case ReasonNoRule:
		s.Text = fmt.Sprintf("Plan version %d has no rule for this affiliate.", v.Number)
	case ReasonCurrencyMismatch:
		s.Text = fmt.Sprintf("The rule for the %s in plan version %d pays a fixed amount in another currency than %s.",
			r.Rule.Level.word(), v.Number, r.Trace.Input.Currency)
	default:
		s.Text = fmt.Sprintf("The rule for the %s in plan version %d applies: %s.", r.Rule.Level.word(), v.Number, r.Rule.terms())
	}
	if r.Reason == ReasonZeroBase {
		s.Text += " Nothing was sold that it pays for."
	}
	return s
}

func (l Level) word() string {
	return map[Level]string{LevelProgram: "program", LevelGroup: "group", LevelAffiliate: "affiliate"}[l]
}

func (r Rule) terms() string {
	if r.Kind == KindFixed {
		return r.Fixed.String() + " per order"
	}
	return r.Rate.String() + " %"
}

func rateSteps(r Result) []Step {
	in := r.Trace.Input
	list := make([]Step, 0, len(r.Lines))
	for _, l := range r.Lines {
		exact := exactly(in, l.Base, r.Rule)
		list = append(list, Step{
			Kind: StepRate, LineID: l.ID, Before: l.Base, After: l.Commission,
			Text: fmt.Sprintf("%s × %s %%%s = %s%s.", money.Of(l.Base, in.Currency), r.Rule.Rate, in.Share.text(),
				money.Of(l.Commission, in.Currency), exact),
		})
	}
	return list
}

func fixedSteps(r Result) []Step {
	in := r.Trace.Input
	list := []Step{{
		Kind: StepFixed, Before: r.Rule.Fixed.Minor, After: r.Amount.Minor,
		Text: fmt.Sprintf("%s%s = %s.", r.Rule.Fixed, in.Share.text(), r.Amount),
	}}
	for _, l := range r.Lines {
		if l.ID != "" {
			list = append(list, Step{
				Kind: StepSplit, LineID: l.ID, Before: l.Base, After: l.Commission,
				Text: fmt.Sprintf("%s of it for a line of %s.", money.Of(l.Commission, in.Currency), money.Of(l.Base, in.Currency)),
			})
		}
	}
	return list
}

// text gives " × 1/3", nothing for all of the credit.
func (s Share) text() string {
	if s.Num == s.Den {
		return ""
	}
	return fmt.Sprintf(" × %d/%d", s.Num, s.Den)
}

// exactly says what was rounded, as a plain decimal where the product has one;
// nothing when it was a whole number of minor units.
func exactly(in Input, base int64, rule Rule) string {
	num := new(big.Int).Mul(big.NewInt(base), big.NewInt(rule.Rate.Num))
	num.Mul(num, big.NewInt(in.Share.Num))
	den := new(big.Int).Mul(big.NewInt(hundredths(rule.Rate)), big.NewInt(in.Share.Den))
	exact := new(big.Rat).SetFrac(num, den)
	if exact.IsInt() {
		return ""
	}
	exact.Quo(exact, new(big.Rat).SetInt64(pow10(in.Currency.Exponent())))
	digits, finite := exact.FloatPrec()
	if !finite {
		return ", rounded half away from zero"
	}
	return ", rounded half away from zero from " + exact.FloatString(digits)
}
