package lint

import (
	"fmt"
	"slices"
	"time"

	"github.com/tributary/tributary/earn/plan"
)

// specific reports whether a more specific level keeps others from paying.
func (l *linter) specific() bool {
	return l.version.Precedence == "" || l.version.Precedence == plan.MostSpecific
}

// reachable looks for an order that a rule pays on.
func (l *linter) reachable(i int) {
	r := &l.rules[i]
	own, answer := l.find(l.all, payable(r))
	switch {
	case answer == none:
		l.neverHolds(i)
		return
	case answer == open:
		return
	}
	l.reach[i] = own
	before, ways := l.before(i)
	in, answer := l.find(l.all, append([]demand{payable(r)}, ways...)...)
	switch answer {
	case some:
		l.reach[i], l.reached[i] = in, true
	case none:
		l.unreachable(i, own, before)
	}
}

// before gives the rules that take lines from a rule, and what is demanded of a line
// that they leave.
func (l *linter) before(i int) (places []int, ways []demand) {
	r := &l.rules[i]
	for j := range l.rules {
		other, d := &l.rules[j], demand{}
		switch {
		case l.version.Precedence == plan.Sum || j == i:
			continue
		case l.version.Precedence == plan.Best:
			if j > i || !pays(other, r) {
				continue
			}
			d = payable(other)
		case l.specific() && level(other) > level(r):
			d = present(other)
		case j < i && (!l.specific() || level(other) == level(r)):
			d = payable(other)
		default:
			continue
		}
		if strangers(other, r) {
			continue
		}
		places, ways = append(places, j), append(ways, d.negated())
	}
	return places, ways
}

// strangers reports two rules of which a look tells that they never meet: for different
// affiliates or groups, or for different values of one attribute. Most of many are.
func strangers(a, b *plan.Rule) bool {
	if at, all := target(a); !all {
		if own, everybody := target(b); !everybody && own == at && a.TargetID != b.TargetID {
			return true
		}
	}
	if a.When == nil || b.When == nil {
		return false
	}
	of := listed(b.When)
	for at, list := range listed(a.When) {
		if len(list) > 0 && len(of[at]) > 0 && !slices.ContainsFunc(list, func(s string) bool { return slices.Contains(of[at], s) }) {
			return true
		}
	}
	return false
}

func level(r *plan.Rule) int {
	return slices.Index([]plan.Level{plan.LevelProgram, plan.LevelGroup, plan.LevelAffiliate}, r.Level)
}

// pays reports whether a rule always pays at least what another does on a line:
// percentages without tiers and bounds do, because rounding keeps their order.
func pays(a, b *plan.Rule) bool {
	return simple(a) && simple(b) && a.Rate.Num*pow10(int(b.Rate.Scale)) >= b.Rate.Num*pow10(int(a.Rate.Scale))
}

func simple(r *plan.Rule) bool {
	return r.Kind == plan.KindPercent && r.Tiers == nil && r.PerLine == (plan.Clamp{}) && r.PerOrder == (plan.Clamp{})
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// unreachable names the one rule that takes all orders of another, or all that share
// them.
func (l *linter) unreachable(i int, own plan.Input, before []int) {
	takers := before
	for _, j := range before {
		d := payable(&l.rules[j])
		if l.specific() && level(&l.rules[j]) > level(&l.rules[i]) {
			d = present(&l.rules[j])
		}
		if _, answer := l.find(l.all, payable(&l.rules[i]), d.negated()); answer == none {
			takers = []int{j}
			break
		}
	}
	paid := alone(l.rules[i], own)
	if len(takers) > 1 {
		takers = slices.DeleteFunc(slices.Clone(takers), func(j int) bool {
			_, answer := l.find(l.all, payable(&l.rules[i]), present(&l.rules[j]))
			return answer == none
		})
	}
	l.report(Finding{
		Severity: Error, Code: RuleUnreachable, Rules: l.ids(append([]int{i}, takers...)...),
		Text: fmt.Sprintf("No order reaches %s: every one that it is for goes to %s.", l.name(i), l.names(takers)),
	}, own, paid.Amount, func(r plan.Result) bool {
		return !slices.Contains(paidBy(r), l.rules[i].ID) && (paid.Amount.Minor > 0 || r.Rule.ID != l.rules[i].ID)
	})
}

// name spells a rule by its place as written.
func (l *linter) name(i int) string { return fmt.Sprintf("rule %d", i+1) }

func (l *linter) names(places []int) string {
	text := ""
	for k, i := range places {
		switch {
		case k == 5:
			return text + fmt.Sprintf(" and %d more", len(places)-k)
		case k > 0 && k == len(places)-1:
			text += " and "
		case k > 0:
			text += ", "
		}
		text += l.name(i)
	}
	return text
}

// neverHolds tells why no order is one that a rule is for: its dates, or its condition.
func (l *linter) neverHolds(i int) {
	r := l.rules[i]
	if in, answer := l.find(l.all, timeless(&r)); answer == some {
		free := r
		free.From, free.Until, free.DayParts = time.Time{}, time.Time{}, nil
		l.report(Finding{
			Severity: Error, Code: DatesNeverCome, Rules: l.ids(i),
			Text: fmt.Sprintf("The dates and times of %s never come while these terms are in force.", l.name(i)),
		}, in, alone(free, in).Amount, func(plan.Result) bool { return alone(r, in).Reason == plan.ReasonNoRule })
		return
	}
	free := r
	free.When = nil
	in, ok := l.nearly(&free, parts(r.When))
	if !ok {
		return
	}
	l.report(Finding{
		Severity: Error, Code: ConditionNeverHolds, Rules: l.ids(i),
		Text: fmt.Sprintf("The condition of %s contradicts itself or whom the rule is for: no order meets it.", l.name(i)),
	}, in, alone(free, in).Amount, func(plan.Result) bool {
		return alone(r, in).Reason == plan.ReasonNoRule || alone(r, in).Reason == plan.ReasonCurrencyMismatch
	})
}

// parts takes a condition apart into what it joins.
func parts(c *plan.Condition) (all []plan.Condition) {
	if c == nil {
		return nil
	}
	all = []plan.Condition{
		{ProductIDs: c.ProductIDs}, {SKUs: c.SKUs}, {CouponCodes: c.CouponCodes}, {AffiliateIDs: c.AffiliateIDs}, {GroupIDs: c.GroupIDs},
		{Buyers: c.Buyers}, {Kinds: c.Kinds}, {SubIDs: c.SubIDs}, {OrderAtLeast: c.OrderAtLeast}, {OrderBelow: c.OrderBelow},
		{Payments: c.Payments}, {Months: c.Months}, {Countries: c.Countries}, {Devices: c.Devices}, {Channels: c.Channels},
		{Categories: c.Categories}, {Fields: c.Fields}, {Any: c.Any}, {Not: c.Not},
	}
	for i := range c.All {
		all = append(all, parts(&c.All[i])...)
	}
	return all
}

// nearly gives an order that a rule is for and that meets as many of some conditions
// as go together.
func (l *linter) nearly(r *plan.Rule, wishes []plan.Condition) (plan.Input, bool) {
	best, answer := l.find(l.all, payable(r))
	if answer != some {
		best, answer = l.find(l.all, demand{rule: r})
	}
	kept := []demand{payable(r)}
	for i := range wishes {
		if in, ok := l.find(l.all, append(slices.Clone(kept), demand{when: &wishes[i]})...); ok == some {
			best, kept = in, append(kept, demand{when: &wishes[i]})
		}
	}
	return best, answer == some
}

// alternatives finds those of a condition that never hold.
func (l *linter) alternatives(i int) {
	r := l.rules[i]
	if r.When == nil || len(r.When.Any) < 2 || l.idle(i) {
		return
	}
	for k := range r.When.Any {
		only := *r.When
		only.Any, only.All = nil, append(slices.Clone(only.All), r.When.Any[k])
		narrow, free := r, r
		narrow.When, free.When = &only, nil
		if _, answer := l.find(l.all, payable(&narrow)); answer != none {
			continue
		}
		if in, ok := l.nearly(&free, parts(&only)); ok {
			l.report(Finding{
				Severity: Warning, Code: AlternativeNeverHolds, Rules: l.ids(i),
				Text: fmt.Sprintf("Alternative %d in the condition of %s never holds with the rest of it.", k+1, l.name(i)),
			}, in, alone(free, in).Amount, func(plan.Result) bool { return alone(narrow, in).Reason == plan.ReasonNoRule })
		}
	}
}
