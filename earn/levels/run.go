package levels

import (
	"fmt"

	"github.com/tributary/tributary/internal/money"
)

// run goes up the upline once.
type run struct {
	terms  Terms
	sale   Sale
	level  int     // the next to be taken
	lower  []int64 // the nearest commission below, by line
	below  []int64 // all that was earned below, by line
	left   int64   // of the maximum; -1 without one
	result Result
}

func newRun(t Terms, s Sale, room int64) *run {
	r := &run{terms: t, sale: s, level: 1, left: room, result: Result{Room: room}}
	for _, l := range s.Lines {
		r.lower, r.below = append(r.lower, l.Commission), append(r.below, l.Commission)
	}
	return r
}

// member settles one of the upline; done when nobody above can earn.
func (r *run) member(i int) (done bool, err error) {
	term, ok := r.terms.at(r.level)
	if !ok {
		return true, nil
	}
	step := Step{Member: i, Level: r.level, Term: term, Outcome: Paid}
	var policy Policy
	step.Why, policy = r.terms.eligible(r.sale.Upline[i])
	switch policy {
	case Skip:
		step.Outcome = Lost
	case Compress:
		step.Outcome = Passed
	case Stop:
		step.Outcome = Stopped
	case Hold:
		step.Outcome = Held
	}
	if step.earns() {
		err = r.earn(&step)
	}
	if step.Outcome != Passed {
		r.level++
	}
	r.result.Steps = append(r.result.Steps, step)
	return step.Outcome == Stopped, err
}

func (s Step) earns() bool { return s.Outcome == Paid || s.Outcome == Held }

func (r *run) earn(step *Step) (err error) {
	if step.Parts, err = r.parts(step.Term); err != nil {
		return err
	}
	if step.Before, err = sum(step.Parts); err != nil {
		return err
	}
	step.Amount = step.Before
	if r.left >= 0 && r.terms.Cut != Proportional {
		if err = cut(step, min(step.Before, r.left), r.sale.Lines); err != nil {
			return err
		}
		r.left -= step.Amount
	}
	r.lower = step.Parts
	for i, p := range step.Parts {
		if r.below[i], err = sum([]int64{r.below[i], p}); err != nil {
			return err
		}
	}
	return nil
}

// parts is what a term comes to on each line.
func (r *run) parts(t Term) ([]int64, error) {
	parts := make([]int64, len(r.sale.Lines))
	for i, l := range r.sale.Lines {
		of := l.Base
		if t.Mode == OfLower {
			of = r.lower[i]
		}
		m, err := money.Of(of, r.sale.Currency).Percent(t.Rate)
		if err != nil {
			return nil, fmt.Errorf("line %s: %w", l.ID, err)
		}
		if parts[i] = m.Minor; t.Mode == NetOverride {
			parts[i] = max(0, m.Minor-r.below[i])
		}
	}
	return parts, nil
}

func (r *run) finish(err error) (Result, error) {
	if err == nil && r.terms.Cut == Proportional {
		err = alike(r.result.Steps, r.result.Room, r.sale.Lines)
	}
	if err != nil {
		return Result{}, err
	}
	return r.result, nil
}

func sum(of []int64) (total int64, err error) {
	all := money.Money{}
	for _, v := range of {
		if all, err = all.Add(money.Money{Minor: v}); err != nil {
			return 0, err
		}
	}
	return all.Minor, nil
}
