package lint

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// maxPairs is how many rules are compared with each other.
const maxPairs = 100

// overlaps finds later rules that share orders with this one, neither being an
// exception from the other: there only the written order decides. Under SUM it finds
// rules that are alike.
func (l *linter) overlaps(i int) {
	if l.idle(i) || len(l.rules) > maxPairs {
		l.complete = l.complete && len(l.rules) <= maxPairs
		return
	}
	for j := i + 1; j < len(l.rules); j++ {
		switch a, b := &l.rules[i], &l.rules[j]; {
		case l.idle(j) || l.version.Precedence == plan.Best || l.specific() && a.Level != b.Level:
		case l.version.Precedence == plan.Sum:
			l.twice(i, j)
		case !l.apart(a, b):
			l.overlap(i, j)
		}
	}
}

// apart reports whether two rules never meet, or one is an exception from the other.
func (l *linter) apart(a, b *plan.Rule) bool {
	if _, both := l.find(l.all, payable(a), payable(b)); both != some {
		return true
	}
	_, onlyA := l.find(l.all, payable(a), payable(b).negated())
	_, onlyB := l.find(l.all, payable(b), payable(a).negated())
	return onlyA != some || onlyB != some
}

func (l *linter) overlap(i, j int) {
	in, _ := l.find(l.all, payable(&l.rules[i]), payable(&l.rules[j]))
	later := alone(l.rules[j], in).Amount
	l.report(Finding{
		Severity: Note, Code: RulesOverlap, Rules: l.ids(i, j),
		Text: fmt.Sprintf("Both %s and %s are for some orders; the one that is written first pays on them.", l.name(i), l.name(j)),
	}, in, later, func(r plan.Result) bool {
		return slices.Equal(paidBy(r), l.ids(i)) && r.Amount != later
	})
}

func (l *linter) twice(i, j int) {
	a, b := l.rules[i], l.rules[j]
	b.ID = a.ID
	if !reflect.DeepEqual(a, b) {
		return
	}
	one := alone(a, l.reach[i]).Amount
	l.report(Finding{
		Severity: Warning, Code: RuleTwice, Rules: l.ids(i, j),
		Text: fmt.Sprintf("%s and %s are alike, and both pay.", capital(l.name(i)), l.name(j)),
	}, l.reach[i], one, func(r plan.Result) bool {
		paid := paidBy(r)
		return slices.Contains(paid, a.ID) && slices.Contains(paid, l.rules[j].ID)
	})
}

func capital(s string) string { return "R" + s[1:] }

// noEffect finds rules that pay nothing where that keeps no other rule from paying.
func (l *linter) noEffect(i int) {
	r := l.rules[i]
	adds := l.version.Precedence == plan.Sum || l.version.Precedence == plan.Best
	if !adds || l.idle(i) || r.Tiers != nil || r.Rate.Num != 0 || r.Fixed.Minor != 0 || r.PerLine.Min.Minor != 0 || r.PerOrder.Min.Minor != 0 {
		return
	}
	in := l.reach[i]
	rest := l.without(func(v *plan.Version) { v.Rules = slices.Delete(v.Rules, i, i+1) }, in).Amount
	l.report(Finding{
		Severity: Note, Code: RuleWithoutEffect, Rules: l.ids(i),
		Text: fmt.Sprintf("%s pays nothing, and keeps no other rule from paying.", capital(l.name(i))),
	}, in, rest, func(p plan.Result) bool { return p.Amount == rest })
}

// unusedRule finds rules that are for currencies alone that the program does not use.
func (l *linter) unusedRule(i int) {
	r := &l.rules[i]
	used := append([]money.Currency{l.setting.Currency}, l.setting.Currencies...)
	here := l.all
	here.one[currency] = values{bound: true, only: texts(used)}
	if l.idle(i) {
		return
	}
	if _, answer := l.find(here, payable(r)); answer != none {
		return
	}
	in := l.reach[i]
	foreign := in.Currency
	in.Currency = l.setting.Currency
	in = resized(in, hundred(in.Currency))
	rest := l.without(func(v *plan.Version) { v.Rules = slices.Delete(v.Rules, i, i+1) }, in).Amount
	l.report(Finding{
		Severity: Warning, Code: CurrencyUnused, Rules: l.ids(i),
		Text: fmt.Sprintf("%s is for orders in %s alone, which the program does not use.", capital(l.name(i)), foreign),
	}, in, rest, func(p plan.Result) bool { return p.Amount == rest && !slices.Contains(paidBy(p), r.ID) })
}

// uncovered finds a sale that no rule is for, where there are rules for everybody.
func (l *linter) uncovered() {
	everybody := func(r plan.Rule) bool { return r.Level == plan.LevelProgram }
	if !slices.ContainsFunc(l.rules, everybody) {
		return
	}
	sales := l.all
	sales.one[kind] = values{bound: true, only: []string{"SALE"}}
	sales.one[currency] = values{bound: true, only: []string{string(l.setting.Currency)}}
	sales.amount.least(1)
	var missed []demand
	for i := range l.rules {
		missed = append(missed, payable(&l.rules[i]).negated())
	}
	in, answer := l.find(sales, missed...)
	if answer != some {
		return
	}
	l.report(Finding{
		Severity: Note, Code: OrderWithoutRule,
		Text: "There are sales that no rule is for: they earn nothing.",
	}, in, money.Zero(in.Currency), func(r plan.Result) bool {
		return r.Reason == plan.ReasonNoRule || r.Reason == plan.ReasonCurrencyMismatch
	})
}
