package lint

import (
	"cmp"
	"slices"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// Setting is what terms are for.
type Setting struct {
	Currency   money.Currency   // the program's
	Currencies []money.Currency // others in which it has sold
	Zone       *time.Location   // the program's; nil for UTC
	From       time.Time        // the first instant of the terms
	Margin     money.Rate       // percent of a sale that is left to pay from; zero when nobody says
}

// most is how many findings of one code are told.
const most = 20

// Check gives what is wrong with terms that Validate accepts, the worst first.
func Check(v plan.Version, s Setting) Report {
	l := begin(v, s)
	for i := range l.rules {
		l.reachable(i)
	}
	for i := range l.rules {
		l.alternatives(i)
		l.overlaps(i)
		l.noEffect(i)
		l.unusedRule(i)
		l.tiers(i)
		l.bounds(i)
		l.leads(i)
	}
	l.caps()
	l.uncovered()
	for i := range l.rules {
		l.tooMuch(i)
	}
	rank := []Severity{Error, Warning, Note}
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		return cmp.Or(slices.Index(rank, a.Severity)-slices.Index(rank, b.Severity), slices.Index(Codes(), a.Code)-slices.Index(Codes(), b.Code))
	})
	return Report{Findings: l.found, Complete: l.complete}
}

type linter struct {
	version  plan.Version
	terms    *plan.Terms
	setting  Setting
	rules    []plan.Rule // by ascending id
	reach    []plan.Input
	reached  []bool // of rules by place: an order that they pay on is in reach
	all      region
	steps    int
	complete bool
	found    []Finding
	counts   map[Code]int
}

func begin(v plan.Version, s Setting) *linter {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	rules := slices.SortedStableFunc(slices.Values(v.Rules), func(a, b plan.Rule) int { return cmp.Compare(a.ID, b.ID) })
	v.Rules = rules
	return &linter{
		version: v, terms: v.Ready(), setting: s, rules: rules, reach: make([]plan.Input, len(rules)), reached: make([]bool, len(rules)),
		all: s.everything(mentioned(v)), steps: totalSteps, complete: true, counts: map[Code]int{},
	}
}

// mentioned gives every currency that the terms name.
func mentioned(v plan.Version) (all []money.Currency) {
	add := func(list ...money.Currency) {
		for _, c := range list {
			if c != "" && !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	var walk func(*plan.Condition)
	walk = func(c *plan.Condition) {
		if c == nil {
			return
		}
		add(c.OrderAtLeast.Currency, c.OrderBelow.Currency)
		for _, list := range [][]plan.Condition{c.All, c.Any} {
			for i := range list {
				walk(&list[i])
			}
		}
		walk(c.Not)
	}
	for i := range v.Rules {
		add(v.Rules[i].Currency())
		walk(v.Rules[i].When)
	}
	for _, c := range v.Caps {
		add(c.Amount.Currency)
	}
	return all
}

// pays evaluates the terms; the zero Result for what they cannot be evaluated on.
func (l *linter) pays(in plan.Input) plan.Result { return resultOf(l.terms, in) }

// alone evaluates one rule without caps.
func alone(r plan.Rule, in plan.Input) plan.Result {
	return resultOf(plan.Version{ID: "alone", Number: 1, Rules: []plan.Rule{r}}.Ready(), in)
}

// without evaluates the terms after something was changed in them.
func (l *linter) without(change func(*plan.Version), in plan.Input) plan.Result {
	v := l.version
	v.Rules, v.Caps = slices.Clone(v.Rules), slices.Clone(v.Caps)
	change(&v)
	return resultOf(v.Ready(), in)
}

func resultOf(t *plan.Terms, in plan.Input) plan.Result {
	r, err := t.Evaluate(in)
	if err != nil {
		return plan.Result{Amount: money.Of(-1, in.Currency)}
	}
	return r
}

// paidBy gives the rules that pay, by id.
func paidBy(r plan.Result) (ids []string) {
	for _, line := range r.Lines {
		for _, p := range line.Parts {
			if !slices.Contains(ids, p.RuleID) {
				ids = append(ids, p.RuleID)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// report keeps a finding whose order shows it: shows is asked of what the terms pay.
func (l *linter) report(f Finding, in plan.Input, instead money.Money, shows func(plan.Result) bool) {
	r := l.pays(in)
	if r.Amount.Minor < 0 || instead.Minor < 0 || !shows(r) || l.counts[f.Code] == most {
		return
	}
	l.counts[f.Code]++
	f.Example = Example{Order: in, Pays: r.Amount, Reason: r.Reason, PaidBy: paidBy(r), Instead: instead}
	l.found = append(l.found, f)
}

// idle reports whether no order of a rule is known: there is nothing more to say of it.
func (l *linter) idle(i int) bool { return !l.reached[i] }

func (l *linter) ids(places ...int) (ids []string) {
	for _, i := range places {
		ids = append(ids, l.rules[i].ID)
	}
	return ids
}
