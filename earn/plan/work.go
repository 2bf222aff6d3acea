package plan

import (
	"cmp"
	"slices"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// work computes what a rule pays on lines: base → rate → fixed → bounds, each
// rounded to minor units as it is reached. Bounds are whole minor units and
// rounding is monotone, so that it makes no difference whether a bound comes
// before rounding or after it (Q24).
func (e *evaluation) work(r int, lines []int) error {
	if len(lines) == 0 {
		return nil
	}
	rule := e.terms.version.Rules[r].tiered(e.in.counted(e.terms.version.Rules[r].ID))
	w := worked{rule: r, terms: rule, lines: lines}
	if e.baseOf(lines) == 0 && !(rule.Kind.fixes() && rule.PayOnZero) {
		e.done = append(e.done, w)
		return nil
	}
	for _, step := range [...]func(*Rule, *worked) error{e.rate, e.fix, e.boundLines, e.boundOrder} {
		if err := step(rule, &w); err != nil {
			return err
		}
	}
	e.done = append(e.done, w)
	return nil
}

func (e *evaluation) baseOf(lines []int) (sum int64) {
	for _, i := range lines {
		sum += e.lines[i].base()
	}
	return sum
}

// rate multiplies exactly and rounds once per line.
func (e *evaluation) rate(r *Rule, w *worked) error {
	w.pays = e.amounts(len(w.lines))
	if !r.Kind.rates() {
		return nil
	}
	if err := e.multiply(r, w); err != nil {
		return err
	}
	if e.telling {
		w.rate = slices.Clone(w.pays)
	}
	return nil
}

func (e *evaluation) multiply(r *Rule, w *worked) error {
	if r.Tiers != nil && r.Tiers.Mode == Marginal {
		return e.marginal(&e.terms.version.Rules[w.rule], w)
	}
	num, den, err := r.factor(e.in.Share)
	if err != nil {
		return err
	}
	for k, i := range w.lines {
		if w.pays[k], err = money.MulDiv(e.lines[i].base(), num, den); err != nil {
			return tooLarge(err)
		}
	}
	return nil
}

// amounts gives n zeros.
func (e *evaluation) amounts(n int) (zeros []int64) {
	if n > len(e.numbers) {
		e.numbers = make([]int64, max(n, len(e.lines)))
	}
	zeros, e.numbers = e.numbers[:n:n], e.numbers[n:]
	return zeros
}

// factor gives rate/100 × share as one fraction.
func (r *Rule) factor(s Share) (num, den int64, err error) {
	scale := hundredths(r.Rate)
	num, den = product(r.Rate.Num, s.Num), product(scale, s.Den)
	if r.Rate.Num < 0 || scale == 0 || num < 0 || den < 0 {
		return 0, 0, problem.New(problem.AmountRange, "the rate is out of range")
	}
	return num, den, nil
}

// fix adds the fixed amount, split by base, or evenly where no line has one. It is
// not paid again on an order on which it has been paid.
func (e *evaluation) fix(r *Rule, w *worked) error {
	again := func(p Paid) bool { return p.RuleID == r.ID }
	if !r.Kind.fixes() || slices.ContainsFunc(e.in.Paid, again) {
		return nil
	}
	total, err := e.shared(r.Fixed)
	if err != nil || total < 0 {
		return tooLarge(err)
	}
	if w.fixed, err = e.split(total, w, nil); err != nil {
		return err
	}
	for k, part := range w.fixed {
		w.pays[k] += part
	}
	return nil
}

// shared gives the affiliate's part of an amount.
func (e *evaluation) shared(m money.Money) (int64, error) {
	return money.MulDiv(m.Minor, e.in.Share.Num, e.in.Share.Den)
}

// split shares out over the lines by weights; without any by base, and where there
// is no base evenly.
func (e *evaluation) split(total int64, w *worked, weights []int64) ([]int64, error) {
	if len(w.lines) == 1 {
		return []int64{total}, nil
	}
	even := weights == nil && e.baseOf(w.lines) == 0
	parts := make([]money.Part, len(w.lines))
	for k, i := range w.lines {
		parts[k] = money.Part{ID: e.lines[i].ID, Weight: 1}
		switch {
		case weights != nil:
			parts[k].Weight = weights[k]
		case !even:
			parts[k].Weight = e.lines[i].base()
		}
	}
	amounts, err := money.Split(total, parts)
	if err != nil {
		return nil, tooLarge(err)
	}
	return amounts, nil
}

// boundLines bounds what is paid on each line, with what was paid on it before. A
// line that is commissioned on nothing has no minimum.
func (e *evaluation) boundLines(r *Rule, w *worked) error {
	if r.PerLine == (Clamp{}) {
		return nil
	}
	for k, i := range w.lines {
		before, _ := e.in.paid(r.ID, e.lines[i].ID)
		least, most, err := e.bounds(r.PerLine, before)
		if err != nil {
			return err
		}
		if e.lines[i].base() == 0 {
			least = 0
		}
		w.pays[k] = min(max(w.pays[k], least), most)
	}
	return nil
}

// bounds gives how much may and must still be paid after what was paid before.
func (e *evaluation) bounds(c Clamp, before int64) (least, most int64, err error) {
	least, most = 0, int64(1<<62)
	if c.Max.Currency != "" {
		if most, err = e.shared(c.Max); err != nil {
			return 0, 0, tooLarge(err)
		}
		most = max(0, most-before)
	}
	if c.Min.Currency != "" {
		if least, err = e.shared(c.Min); err != nil {
			return 0, 0, tooLarge(err)
		}
		least = max(0, least-before)
	}
	return least, most, nil
}

// boundOrder bounds what is paid on all lines. What is above is taken off, and what
// is missing added, in proportion to what each line has.
func (e *evaluation) boundOrder(r *Rule, w *worked) error {
	if r.PerOrder == (Clamp{}) {
		return nil
	}
	_, before := e.in.paid(r.ID, "")
	least, most, err := e.bounds(r.PerOrder, before)
	if err != nil {
		return err
	}
	var sum int64
	for _, p := range w.pays {
		if sum += p; sum < 0 {
			return tooLarge(nil)
		}
	}
	if e.baseOf(w.lines) == 0 {
		least = 0
	}
	bounded := min(max(sum, least), most)
	if bounded == sum {
		return nil
	}
	weights := w.pays
	if sum == 0 {
		weights = nil
	}
	w.pays, err = e.split(bounded, w, weights)
	return err
}

func sortParts(parts []PartOut) {
	slices.SortFunc(parts, func(a, b PartOut) int { return cmp.Compare(a.RuleID, b.RuleID) })
}

func tooLarge(cause error) error {
	return problem.New(problem.AmountRange, "the commission is out of range").Because(cause)
}
