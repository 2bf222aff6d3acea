package lint

import (
	"time"

	"github.com/tributary/tributary/earn/plan"
)

// target gives the attribute that a rule's level is about.
func target(r *plan.Rule) (attribute int, any bool) {
	switch r.Level {
	case plan.LevelAffiliate:
		return affiliate, false
	case plan.LevelGroup:
		return group, false
	}
	return 0, true
}

// narrowToRule keeps what a rule is for, but for its condition.
func (r *region) narrowToRule(d *demand) bool {
	rule := d.rule
	if at, all := target(rule); !all && !r.one[at].narrow([]string{rule.TargetID}) {
		return false
	}
	if c := rule.Currency(); d.fits && c != "" && !r.one[currency].narrow([]string{string(c)}) {
		return false
	}
	return !d.dates || r.after(rule.From) && r.before(rule.Until) && r.during(weekOf(rule.DayParts), false)
}

func (r *region) after(at time.Time) bool {
	if at.After(r.from) {
		r.from = at
	}
	return r.until.IsZero() || r.from.Before(r.until)
}

func (r *region) before(at time.Time) bool {
	if !at.IsZero() && (r.until.IsZero() || at.Before(r.until)) {
		r.until = at
	}
	return r.until.IsZero() || r.from.Before(r.until)
}

func (r *region) during(w *week, without bool) bool {
	if w != nil {
		r.hours = r.hours.and(w, without)
	}
	return !r.hours.empty()
}

// missRule finds an order that a rule is not for.
func (s *search) missRule(r region, d *demand) bool {
	rule := d.rule
	var ways []func(*region) bool
	if at, all := target(rule); !all {
		ways = append(ways, func(r *region) bool { return r.one[at].forbid([]string{rule.TargetID}) })
	}
	if c := rule.Currency(); d.fits && c != "" {
		ways = append(ways, func(r *region) bool { return r.one[currency].forbid([]string{string(c)}) })
	}
	if d.dates && !rule.From.IsZero() {
		ways = append(ways, func(r *region) bool { return r.before(rule.From) })
	}
	if d.dates && !rule.Until.IsZero() {
		ways = append(ways, func(r *region) bool { return r.after(rule.Until) })
	}
	if d.dates && len(rule.DayParts) > 0 {
		ways = append(ways, func(r *region) bool { return r.during(weekOf(rule.DayParts), true) })
	}
	for _, way := range ways {
		if missed := r; way(&missed) && s.meet(missed, d.next) {
			return true
		}
	}
	return rule.When != nil && s.miss(r, rule.When, d.next)
}
