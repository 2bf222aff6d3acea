package lint

import (
	"fmt"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// bounds finds maxima below the fixed amount, and bounds that leave one amount.
func (l *linter) bounds(i int) {
	r := l.rules[i]
	if l.idle(i) {
		return
	}
	byOrder, byLine := r, r
	byOrder.PerOrder, byLine.PerLine = plan.Clamp{}, plan.Clamp{}
	for _, one := range []struct {
		c    plan.Clamp
		free plan.Rule
	}{{r.PerOrder, byOrder}, {r.PerLine, byLine}} {
		c, free := one.c, one.free
		in := l.reach[i]
		f := Finding{Rules: l.ids(i)}
		switch {
		case c.Max.Currency == "":
			continue
		case r.Kind != plan.KindPercent && c.Max.Minor < r.Fixed.Minor:
			f.Severity, f.Code = Warning, MostBelowFixed
			f.Text = fmt.Sprintf("The maximum of %s is below its fixed amount, which is never paid whole.", l.name(i))
		case c.Min == c.Max:
			f.Severity, f.Code = Note, BoundsFixAmount
			f.Text = fmt.Sprintf("The least that %s pays is its most: it pays one amount, whatever is sold.", l.name(i))
		default:
			continue
		}
		l.report(f, in, alone(free, in).Amount, func(plan.Result) bool {
			paid := alone(r, in).Amount
			return paid.Minor <= c.Max.Minor && paid != alone(free, in).Amount
		})
	}
}

// leads finds rules that are for leads and sign-ups alone, which come without an
// amount, and pay nothing without one.
func (l *linter) leads(i int) {
	r := l.rules[i]
	if l.idle(i) || r.PayOnZero {
		return
	}
	sales := l.all
	sales.one[kind] = values{bound: true, only: []string{"SALE"}}
	if _, answer := l.find(sales, payable(&r)); answer != none {
		return
	}
	in := l.reach[i]
	on := alone(r, in).Amount
	in.Lines, in.Order = nil, 0
	l.report(Finding{
		Severity: Warning, Code: LeadPaysNothing, Rules: l.ids(i),
		Text: fmt.Sprintf("%s is for leads or sign-ups alone, and pays nothing on one without an amount.", capital(l.name(i))),
	}, in, on, func(p plan.Result) bool { return p.Amount.IsZero() && alone(r, in).Reason == plan.ReasonZeroBase })
}

// tooMuch finds an order of which more is paid than the margin, or than was sold: one
// of a usual amount, or else the smallest that the rule is for. The order is one that
// as many rules as possible are for.
func (l *linter) tooMuch(i int) {
	if l.idle(i) {
		return
	}
	in := l.crowded(i)
	for _, before := range stepsOf(&l.rules[i]) {
		if l.above(i, had(in, &l.rules[i], before), Error) {
			return
		}
	}
	for _, part := range []int64{100, 20, 10, 4, 2} {
		small := l.all
		if l.setting.Margin.Num == 0 || !small.amount.least(1) || !small.amount.below(in.Order/part+1) {
			return
		}
		if in, answer := l.find(small, payable(&l.rules[i])); answer == some {
			l.above(i, in, Warning)
			return
		}
	}
}

// stepsOf are what has been sold before at each tier of a rule.
func stepsOf(r *plan.Rule) []int64 {
	all := []int64{0}
	if r.Tiers != nil {
		for _, t := range r.Tiers.Steps {
			all = append(all, threshold(t))
		}
	}
	return all
}

// crowded gives an order that a rule pays on and, under SUM, every other that goes
// with it.
func (l *linter) crowded(i int) plan.Input {
	in := l.reach[i]
	if l.version.Precedence != plan.Sum || len(l.rules) > maxPairs {
		return in
	}
	kept := []demand{payable(&l.rules[i])}
	for j := range l.rules {
		if j == i || l.idle(j) {
			continue
		}
		if more, ok := l.find(l.all, append(slices.Clone(kept), payable(&l.rules[j]))...); ok == some {
			in, kept = more, append(kept, payable(&l.rules[j]))
		}
	}
	return in
}

// above reports what is paid above the margin, or above all of the sale.
func (l *linter) above(i int, in plan.Input, severity Severity) bool {
	margin, code, text := l.setting.Margin, PaysAboveMargin, "the margin of "+l.setting.Margin.String()+" %"
	if margin.Num == 0 {
		margin, code, text, severity = money.Rate{Num: 100}, PaysAboveSale, "was sold", Warning
	}
	p := l.pays(in)
	left, err := money.Of(in.Order, in.Currency).Percent(margin)
	if err != nil || p.Amount.Minor <= left.Minor || !slices.Contains(paidBy(p), l.rules[i].ID) {
		return false
	}
	paid := paidBy(p)
	l.report(Finding{
		Severity: severity, Code: code, Rules: append(l.ids(i), slices.DeleteFunc(paid, func(id string) bool { return id == l.rules[i].ID })...),
		Text: fmt.Sprintf("On an order of %s, %s is paid, which is more than %s.", money.Of(in.Order, in.Currency), p.Amount, text),
	}, in, left, func(plan.Result) bool { return true })
	return true
}
