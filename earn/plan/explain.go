package plan

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// StepKind names a step of the sum.
type StepKind string

// The steps, in the order in which they are taken.
const (
	StepBase   StepKind = "BASE"   // sold → commissionable
	StepRule   StepKind = "RULE"   // which rule, or why none
	StepRate   StepKind = "RATE"   // base of a line → commission of the line, rounded
	StepFixed  StepKind = "FIXED"  // fixed amount → the affiliate's share of it, rounded
	StepSplit  StepKind = "SPLIT"  // base of a line → its part of the fixed amount
	StepBound  StepKind = "BOUND"  // commission of a line → within the rule's minimum and maximum
	StepShare  StepKind = "SHARE"  // what the affiliate would earn alone → its part of shared credit
	StepTier   StepKind = "TIER"   // what was sold in the period before → the tier of the order
	StepCap    StepKind = "CAP"    // commission → within the most that is paid in a period
	StepTotal  StepKind = "TOTAL"  // commissionable → commission
	StepClicks StepKind = "CLICKS" // clicks of a day that are not paid
)

// Step is one step, with the minor units before and after it.
type Step struct {
	Kind   StepKind
	LineID string // for RATE, SPLIT and BOUND
	Before int64
	After  int64
	Text   string // the same in words, with amounts in decimals
}

// Explanation is how a commission came about.
type Explanation struct {
	VersionID string
	Number    int
	Rule      Rule   // the first that paid
	Rules     []Rule // all that paid, by id
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
	again, steps, err := v.Ready().earn(t.Input, true)
	if err != nil || !bytes.Equal(again.Trace.Encode(), t.Encode()) {
		return Explanation{}, notReproduced().Because(err)
	}
	x := Explanation{
		VersionID: v.ID, Number: v.Number, Rule: again.Rule, Reason: again.Reason,
		Amount: again.Amount, Lines: again.Lines, Steps: steps,
	}
	for _, id := range t.rules() {
		rule, _ := v.Rule(id)
		x.Rules = append(x.Rules, rule)
	}
	return x, nil
}

func notReproduced() *problem.Error {
	return problem.New(problem.Internal, "the recorded commission is not what its plan version yields")
}

// shareStep leads from what the affiliate would earn alone to its part.
func (in Input) shareStep(alone money.Money, r Result) []Step {
	if r.Reason != ReasonNone {
		return nil
	}
	return []Step{{
		Kind: StepShare, Before: alone.Minor, After: r.Amount.Minor,
		Text: fmt.Sprintf("%s%s, shared with %d more to the last minor unit = %s.", alone, r.Trace.Input.Share.text(), len(in.Sharing)-1, r.Amount),
	}}
}

// steps leads to what all of the credit earns; nothing unless it was told.
func (e *evaluation) steps(r Result) []Step {
	if !e.telling {
		return nil
	}
	list := []Step{e.baseStep()}
	if e.reason != ReasonNone {
		return append(list, e.ruleStep(&r.Rule, e.reason, len(e.lines)))
	}
	for i := range e.done {
		if w := &e.done[i]; w.paid() || len(e.done) == 1 {
			list = append(list, e.workSteps(w)...)
		}
	}
	return append(list, e.caps...)
}

func (e *evaluation) totalStep(r Result) Step {
	if !e.telling {
		return Step{}
	}
	return Step{
		Kind: StepTotal, Before: e.in.base(), After: r.Amount.Minor,
		Text: fmt.Sprintf("Commission: %s.", r.Amount),
	}
}

// step tells what a cap did.
func (c Cap) step(before, after money.Money, used int64) Step {
	whose := map[CapScope]string{CapAffiliate: "the affiliate", CapProgram: "the program"}[c.Scope]
	return Step{
		Kind: StepCap, Before: before.Minor, After: after.Minor,
		Text: fmt.Sprintf("At most %s for %s in %s, of which %s were paid: %s becomes %s.", c.Amount, whose, c.Period.word(), money.Of(used, c.Amount.Currency), before, after),
	}
}

func (p Period) word() string {
	return map[Period]string{Day: "the day", Month: "the month", Quarter: "the quarter", Year: "the year", Always: "all"}[p]
}

// tierStep tells which tier an order is under.
func (e *evaluation) tierStep(r *Rule) []Step {
	if r.Tiers == nil {
		return nil
	}
	before := e.in.counted(r.ID)
	shown := func(n int64) string {
		if r.Tiers.Metric == MetricCount {
			return fmt.Sprint(n)
		}
		return money.Of(n, e.in.Currency).String()
	}
	what := map[Metric]string{MetricCount: "Sales", MetricRevenue: "Revenue", MetricCommission: "Commission"}[r.Tiers.Metric]
	text := fmt.Sprintf("%s in %s before this: %s.", what, r.Tiers.Period.word(), shown(before))
	for _, t := range r.Tiers.Steps {
		if r.Tiers.Mode == Marginal {
			text += fmt.Sprintf(" From %s on %s %%.", shown(t.threshold()), t.Rate)
		} else if before >= t.threshold() {
			text = fmt.Sprintf("%s in %s before this: %s, which is in the tier from %s on.", what, r.Tiers.Period.word(), shown(before), shown(t.threshold()))
		}
	}
	return []Step{{Kind: StepTier, Before: before, After: before, Text: text}}
}

func (e *evaluation) baseStep() Step {
	var sold, tax, shipping, discount int64
	gift := false
	for _, l := range e.in.Lines {
		sold, gift = sold+l.Amount.Minor, gift || l.GiftCard
		if !l.GiftCard {
			tax, shipping, discount = tax+l.Tax, shipping+l.Shipping, discount+l.Discount
		}
	}
	base, c := e.in.base(), e.in.Currency
	text := fmt.Sprintf("Commissionable: %s", money.Of(base, c))
	if base != sold {
		text += fmt.Sprintf(" of %s", money.Of(sold, c))
	}
	for _, more := range []struct {
		what string
		v    int64
	}{{"tax", tax}, {"shipping", shipping}, {"discount", discount}} {
		if more.v > 0 {
			text += fmt.Sprintf(", with %s %s", money.Of(more.v, c), more.what)
		}
	}
	if gift && base != sold {
		text += "; gift cards earn nothing"
	}
	return Step{Kind: StepBase, Before: sold, After: base, Text: text + "."}
}

func (e *evaluation) ruleStep(rule *Rule, reason Reason, lines int) Step {
	base, number := e.in.base(), e.terms.version.Number
	s := Step{Kind: StepRule, Before: base, After: base}
	switch reason {
	case ReasonNoRule:
		s.Text = fmt.Sprintf("Plan version %d has no rule for this affiliate.", number)
		if slices.ContainsFunc(e.terms.version.Rules, func(r Rule) bool { return !r.plain() }) {
			s.Text = fmt.Sprintf("Plan version %d has no rule for this order.", number)
		}
	case ReasonCurrencyMismatch:
		s.Text = fmt.Sprintf("The rule for the %s in plan version %d pays a fixed amount in another currency than %s.",
			rule.Level.word(), number, e.in.Currency)
		if !rule.plain() {
			s.Text = fmt.Sprintf("The rule for the %s in plan version %d has amounts in another currency than %s.",
				rule.Level.word(), number, e.in.Currency)
		}
	default:
		s.Text = fmt.Sprintf("The rule for the %s in plan version %d applies: %s.", rule.Level.word(), number, rule.terms())
		if lines < len(e.lines) {
			s.Text = fmt.Sprintf("The rule for the %s in plan version %d applies to %d of %d lines: %s.", rule.Level.word(), number, lines, len(e.lines), rule.terms())
		}
	}
	if reason == ReasonZeroBase {
		s.Text += " Nothing was sold that it pays for."
	}
	return s
}

// workSteps tells what a rule computed on its lines. By Best only the lines on
// which it pays are its own.
func (e *evaluation) workSteps(w *worked) []Step {
	rule := w.terms
	own := make([]int, 0, len(w.lines))
	for k := range w.lines {
		if e.terms.version.Precedence != Best || w.pays[k] > 0 {
			own = append(own, k)
		}
	}
	list := append(e.tierStep(rule), e.ruleStep(rule, ReasonNone, len(own)))
	if w.rate != nil {
		for _, k := range own {
			list = append(list, e.rateStep(rule, w, k))
		}
	}
	if w.fixed != nil {
		list = append(list, e.fixedSteps(rule, w, own)...)
	}
	for _, k := range own {
		if before := w.before(k); before != w.pays[k] {
			list = append(list, Step{
				Kind: StepBound, LineID: e.lines[w.lines[k]].ID, Before: before, After: w.pays[k],
				Text: fmt.Sprintf("%s within the rule's minimum and maximum is %s.", money.Of(before, e.in.Currency), money.Of(w.pays[k], e.in.Currency)),
			})
		}
	}
	return list
}

// before gives what a line was paid before bounds.
func (w *worked) before(k int) (sum int64) {
	if w.rate != nil {
		sum += w.rate[k]
	}
	if w.fixed != nil {
		sum += w.fixed[k]
	}
	return sum
}

func (l Level) word() string {
	return map[Level]string{LevelProgram: "program", LevelGroup: "group", LevelAffiliate: "affiliate"}[l]
}

func (r *Rule) terms() string {
	if r.Tiers != nil && r.Tiers.Mode == Marginal {
		return "a percentage by tier"
	}
	switch r.Kind {
	case KindFixed:
		return r.Fixed.String() + " per order"
	case KindBoth:
		return r.Rate.String() + " % and " + r.Fixed.String() + " per order"
	}
	return r.Rate.String() + " %"
}

func (e *evaluation) rateStep(rule *Rule, w *worked, k int) Step {
	l, in := &e.lines[w.lines[k]], e.in
	if rule.Tiers != nil && rule.Tiers.Mode == Marginal {
		return Step{
			Kind: StepRate, LineID: l.ID, Before: l.base(), After: w.rate[k],
			Text: fmt.Sprintf("%s, each part at the percentage of its tier%s, rounded half away from zero = %s.", money.Of(l.base(), in.Currency), in.Share.text(), money.Of(w.rate[k], in.Currency)),
		}
	}
	return Step{
		Kind: StepRate, LineID: l.ID, Before: l.base(), After: w.rate[k],
		Text: fmt.Sprintf("%s × %s %%%s = %s%s.", money.Of(l.base(), in.Currency), rule.Rate, in.Share.text(),
			money.Of(w.rate[k], in.Currency), exactly(in, l.base(), rule)),
	}
}

func (e *evaluation) fixedSteps(rule *Rule, w *worked, own []int) []Step {
	var sum int64
	for _, part := range w.fixed {
		sum += part
	}
	c := e.in.Currency
	list := []Step{{
		Kind: StepFixed, Before: rule.Fixed.Minor, After: sum,
		Text: fmt.Sprintf("%s%s = %s.", rule.Fixed, e.in.Share.text(), money.Of(sum, c)),
	}}
	for _, k := range own {
		if l := &e.lines[w.lines[k]]; l.ID != "" {
			list = append(list, Step{
				Kind: StepSplit, LineID: l.ID, Before: l.base(), After: w.fixed[k],
				Text: fmt.Sprintf("%s of it for a line of %s.", money.Of(w.fixed[k], c), money.Of(l.base(), c)),
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
func exactly(in Input, base int64, rule *Rule) string {
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
