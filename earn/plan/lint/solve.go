package lint

import (
	"slices"
	"time"

	"github.com/tributary/tributary/earn/plan"
)

// demand is something that must, or must not, be true of an order. One of when and
// rule is set.
type demand struct {
	not   bool
	when  *plan.Condition
	rule  *plan.Rule
	fits  bool // the rule's amounts are in the order's currency too
	dates bool // and it is there then
	next  *demand
}

// The ways in which a rule is for a line.
func payable(r *plan.Rule) demand { return demand{rule: r, fits: true, dates: true} }
func present(r *plan.Rule) demand { return demand{rule: r, dates: true} }
func timeless(r *plan.Rule) demand {
	return demand{rule: r, fits: true}
}

func (d demand) negated() demand { d.not = !d.not; return d }

// search looks for an order that meets every demand. It branches where a demand may
// be met in several ways, so that ending without an order is a proof that there is
// none, unless its steps ran out.
type search struct {
	zone  *time.Location
	steps *int
	found plan.Input
}

// Steps of one search, and of all together; a step in a region that much is known of
// counts for more.
const (
	searchSteps = 20_000
	totalSteps  = 400_000
)

// answer is what a search came to.
type answer int

const (
	none answer = iota // proven
	some
	open // it ended before it was done
)

// find gives an order of a region that meets demands.
func (l *linter) find(in region, demands ...demand) (plan.Input, answer) {
	steps := min(searchSteps, l.steps)
	before := steps
	s := search{zone: l.setting.Zone, steps: &steps}
	var first *demand
	for i := range slices.Backward(demands) {
		demands[i].next = first
		first = &demands[i]
	}
	ok := s.meet(in, first)
	l.steps -= before - max(0, steps)
	switch {
	case ok:
		return s.found, some
	case steps < 0:
		l.complete = false
		return plan.Input{}, open
	}
	return plan.Input{}, none
}

func (s *search) meet(r region, d *demand) bool {
	if *s.steps -= 1 + r.size()/8; *s.steps < 0 {
		return false
	}
	switch {
	case d == nil:
		return s.settle(r)
	case d.rule != nil && d.not:
		return s.missRule(r, d)
	case d.rule != nil:
		return r.narrowToRule(d) && s.meet(r, also(d.rule.When, false, d.next))
	case d.not:
		return s.miss(r, d.when, d.next)
	}
	return s.hold(r, d.when, d.next)
}

// also puts a condition before other demands.
func also(c *plan.Condition, not bool, next *demand) *demand {
	if c == nil {
		return next
	}
	return &demand{when: c, not: not, next: next}
}

// hold makes a condition true.
func (s *search) hold(r region, c *plan.Condition, next *demand) bool {
	if !r.narrowTo(c) {
		return false
	}
	next = also(c.Not, true, next)
	for i := range c.All {
		next = also(&c.All[i], false, next)
	}
	for i := range c.Any {
		if s.meet(r, also(&c.Any[i], false, next)) {
			return true
		}
	}
	return len(c.Any) == 0 && s.meet(r, next)
}

// miss makes a condition false, by each of the things that it says.
func (s *search) miss(r region, c *plan.Condition, next *demand) bool {
	for _, way := range waysToMiss(c) {
		if missed := r; way(&missed) && s.meet(missed, next) {
			return true
		}
	}
	if c.Not != nil && s.meet(r, also(c.Not, false, next)) {
		return true
	}
	for i := range c.All {
		if s.meet(r, also(&c.All[i], true, next)) {
			return true
		}
	}
	if len(c.Any) == 0 {
		return false
	}
	for i := range c.Any {
		next = also(&c.Any[i], true, next)
	}
	return s.meet(r, next)
}
