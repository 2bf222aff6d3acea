package lint

import (
	"fmt"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// tiers compares each tier of a rule with the terms before it.
func (l *linter) tiers(i int) {
	r := l.rules[i]
	if r.Tiers == nil || l.idle(i) {
		return
	}
	before := r
	before.Tiers = nil
	for k, step := range r.Tiers.Steps {
		now := before
		now.Rate, now.Fixed = step.Rate, step.Fixed
		l.step(i, k, before, now)
		l.outOfReach(i, k, before, now)
		before = now
	}
}

// threshold is where a tier begins.
func threshold(t plan.Tier) int64 { return t.Count + t.Amount.Minor }

// had gives an order of an affiliate who has sold so much in the period before.
func had(in plan.Input, r *plan.Rule, before int64) plan.Input {
	if before == 0 {
		return in
	}
	in.Counters = []plan.Counter{{RuleID: r.ID, AffiliateID: in.AffiliateID, Before: before}}
	return in
}

// step tells of a tier that pays less than what holds below it, or as much. The order
// lies in the tier alone.
func (l *linter) step(i, k int, before, now plan.Rule) {
	r := l.rules[i]
	in := l.reach[i]
	steps := r.Tiers.Steps
	if r.Tiers.Mode == plan.Marginal && k+1 < len(steps) {
		in = resized(in, min(in.Order, threshold(steps[k+1])-threshold(steps[k])))
	}
	in = had(in, &r, threshold(steps[k]))
	reached, lower := alone(r, in).Amount, alone(before, in).Amount
	f := Finding{Rules: l.ids(i)}
	switch {
	case reached.Minor < lower.Minor:
		f.Severity, f.Code = Warning, TierPaysLess
		f.Text = fmt.Sprintf("Tier %d of %s pays less than what holds below it.", k+1, l.name(i))
	case now.Rate == before.Rate && now.Fixed == before.Fixed:
		f.Severity, f.Code = Note, TierChangesNothing
		f.Text = fmt.Sprintf("Tier %d of %s pays what holds below it.", k+1, l.name(i))
	default:
		return
	}
	l.report(f, in, lower, func(plan.Result) bool { return reached.Minor <= lower.Minor })
}

// times is how often a period is in another at most; 0 when it is not.
func times(short, long plan.Period) int64 {
	in := map[plan.Period]map[plan.Period]int64{
		plan.Day:     {plan.Day: 1, plan.Month: 31, plan.Quarter: 92, plan.Year: 366},
		plan.Month:   {plan.Month: 1, plan.Quarter: 3, plan.Year: 12},
		plan.Quarter: {plan.Quarter: 1, plan.Year: 4},
		plan.Year:    {plan.Year: 1},
		plan.Always:  {plan.Day: 1, plan.Month: 1, plan.Quarter: 1, plan.Year: 1, plan.Always: 1},
	}
	if short != plan.Always && long != plan.Always && in[short][long] == 0 {
		return 1 // the longer one holds the shorter whole
	}
	return in[short][long]
}

// outOfReach tells of a threshold of commission that a cap keeps it below.
func (l *linter) outOfReach(i, k int, before, now plan.Rule) {
	r := l.rules[i]
	step := r.Tiers.Steps[k]
	if r.Tiers.Metric != plan.MetricCommission || now.Rate == before.Rate && now.Fixed == before.Fixed {
		return
	}
	for c, limit := range l.version.Caps {
		n := times(limit.Period, r.Tiers.Period)
		if n == 0 || limit.Amount.Currency != step.Amount.Currency || limit.Amount.Minor > (step.Amount.Minor-1)/n {
			continue
		}
		in := had(l.reach[i], &r, limit.Amount.Minor)
		in.Used = []plan.Used{{Cap: c, Minor: limit.Amount.Minor}}
		l.report(Finding{
			Severity: Warning, Code: TierOutOfReach, Rules: l.ids(i), Caps: []int{c},
			Text: fmt.Sprintf("Tier %d of %s is never reached: cap %d keeps commission below %s.", k+1, l.name(i), c+1, step.Amount),
		}, in, alone(now, in).Amount, func(p plan.Result) bool { return p.Amount.IsZero() && p.Reason == plan.ReasonOverCap })
		return
	}
}

// caps finds those below what a rule promises, those of currencies that are not used,
// and those that another one is always reached before.
func (l *linter) caps() {
	for c := range l.version.Caps {
		if !l.unusedCap(c) {
			l.belowRule(c)
			l.idleCap(c)
		}
	}
}

func (l *linter) unusedCap(c int) bool {
	limit := l.version.Caps[c].Amount
	if limit.Currency == l.setting.Currency || slices.Contains(l.setting.Currencies, limit.Currency) {
		return false
	}
	for i := range l.rules {
		if l.idle(i) || l.rules[i].Currency() != "" && l.rules[i].Currency() != l.setting.Currency {
			continue
		}
		in := l.reach[i]
		in.Currency = l.setting.Currency
		in = resized(in, min(plan.MaxLine, 1000*(limit.Minor+hundred(in.Currency))))
		free := l.without(func(v *plan.Version) { v.Caps = slices.Delete(v.Caps, c, c+1) }, in).Amount
		l.report(Finding{
			Severity: Warning, Code: CurrencyUnused, Caps: []int{c},
			Text: fmt.Sprintf("Cap %d counts commission in %s, which the program does not use: it keeps nothing from being paid.", c+1, limit.Currency),
		}, in, free, func(p plan.Result) bool { return p.Amount == free && free.Minor > 0 })
		break
	}
	return true
}

// belowRule tells of what one order is promised and never gets whole.
func (l *linter) belowRule(c int) {
	limit := l.version.Caps[c]
	for i := range l.rules {
		r := l.rules[i]
		promised, closed := promise(r), limit.Amount.Minor == 0
		if below := promised.Currency == limit.Amount.Currency && promised.Minor > limit.Amount.Minor; l.idle(i) || !below && !closed {
			continue
		}
		in := l.reach[i]
		if limit.Amount.Currency != in.Currency {
			in.Currency = limit.Amount.Currency
			in = resized(in, hundred(in.Currency))
		}
		free := l.without(func(v *plan.Version) { v.Caps = nil }, in).Amount
		f := Finding{
			Severity: Warning, Code: CapBelowRule, Rules: l.ids(i), Caps: []int{c},
			Text: fmt.Sprintf("Cap %d is below what %s promises for one order.", c+1, l.name(i)),
		}
		if limit.Over == plan.OverNothing || closed {
			f.Severity = Error
			f.Text = fmt.Sprintf("Cap %d is below what %s promises for one order, so that it never pays.", c+1, l.name(i))
		}
		l.report(f, in, free, func(p plan.Result) bool { return p.Amount.Minor < free.Minor })
	}
}

// promise is the least that a rule pays on an order that it is for, whatever the order.
func promise(r plan.Rule) money.Money {
	least := money.Zero(r.Currency())
	if r.Kind != plan.KindPercent && r.Tiers == nil {
		least.Minor = r.Fixed.Minor
	}
	least.Minor = max(least.Minor, r.PerLine.Min.Minor, r.PerOrder.Min.Minor)
	if r.PerOrder.Max.Currency != "" {
		least.Minor = min(least.Minor, r.PerOrder.Max.Minor)
	}
	return least
}

// idleCap tells of a cap that takes effect only when another one has: of a period that
// the other's holds, counting no more, and not below it.
func (l *linter) idleCap(c int) {
	own := l.version.Caps[c]
	for d, other := range l.version.Caps {
		wider := own.Scope == other.Scope || other.Scope == plan.CapProgram
		if c == d || !wider || own.Amount.Currency != other.Amount.Currency || own.Over != plan.OverCut || other.Over != plan.OverCut {
			continue
		}
		same := own == other
		if !holds(other.Period, own.Period) || own.Amount.Minor < other.Amount.Minor || same && c < d {
			continue
		}
		l.tellIdle(c, d)
		return
	}
}

// holds reports whether every period of the second sort is within one of the first.
func holds(long, short plan.Period) bool {
	order := []plan.Period{plan.Day, plan.Month, plan.Quarter, plan.Year, plan.Always}
	return slices.Index(order, long) >= slices.Index(order, short)
}

func (l *linter) tellIdle(c, d int) {
	for i := range l.rules {
		own := l.rules[i].Currency()
		if l.idle(i) || own != "" && own != l.version.Caps[c].Amount.Currency {
			continue
		}
		in := l.reach[i]
		in.Currency = l.version.Caps[c].Amount.Currency
		in = resized(in, min(plan.MaxLine, 1000*(l.version.Caps[c].Amount.Minor+hundred(in.Currency))))
		free := l.without(func(v *plan.Version) { v.Caps = slices.Delete(v.Caps, c, c+1) }, in).Amount
		l.report(Finding{
			Severity: Note, Code: CapWithoutEffect, Caps: []int{c, d},
			Text: fmt.Sprintf("Cap %d has no effect: cap %d is always reached before it.", c+1, d+1),
		}, in, free, func(p plan.Result) bool { return p.Amount == free && free == l.version.Caps[d].Amount })
		return
	}
}
