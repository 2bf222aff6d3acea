package earn

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
)

// What follows a whole period, tiers that count for all of it and goals, is known only
// when all of it has been seen. Terms with such are computed in two walks: the first
// adds up what everybody would have sold by the end of each period, what lies before and
// after the simulated days as it is, and the second finds what differs.

// tally is what somebody sold, in all and of which the commission was approved.
type tally struct{ all, approved counts }

// sight is what somebody would have sold by the end of one period.
type sight struct {
	tally
	inside bool                   // some of it within the simulated days
	goals  map[string][]time.Time // by name, when a goal is reached: once, twice and so on
}

type sightKey struct {
	period plan.Period
	begin  int64
	purse
}

// sights are what is seen of all periods that the simulated days touch.
type sights struct {
	zone      *time.Location
	terms     plan.Version
	restating []plan.Rule
	periods   []plan.Period
	goals     []plan.Bonus
	seen      map[sightKey]*sight
}

// newSights opens them for terms; nil for terms that follow no period.
func newSights(v plan.Version, zone *time.Location) *sights {
	s := &sights{zone: zone, terms: v, restating: v.Restating(), seen: map[sightKey]*sight{}}
	once := map[plan.Period]bool{}
	want := func(p plan.Period) {
		if !once[p] {
			once[p], s.periods = true, append(s.periods, p)
		}
	}
	for _, r := range s.restating {
		want(r.Tiers.Period)
	}
	for _, b := range v.Bonuses {
		if b.Kind == plan.BonusGoal {
			s.goals = append(s.goals, b)
			want(b.Period)
		}
	}
	if len(s.periods) == 0 {
		return nil
	}
	return s
}

// bounds gives from when and until when sales count of periods that such days touch;
// the zero time where there is no bound.
func (s *sights) bounds(from, until time.Time) (time.Time, time.Time) {
	first, end := from, until
	for _, p := range s.periods {
		begin, _ := p.Of(from.In(s.zone))
		_, last := p.Of(until.Add(-1).In(s.zone))
		if begin.IsZero() {
			return time.Time{}, time.Time{}
		}
		if first = earliest(first, begin); last.After(end) {
			end = last
		}
	}
	return first, end
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (s *sights) key(p plan.Period, at time.Time, c money.Currency, who string) sightKey {
	return sightKey{p, s.begin(p, at), purse{c, who}}
}

func (s *sights) begin(p plan.Period, at time.Time) int64 {
	begin, _ := p.Of(at.In(s.zone))
	return begin.Unix()
}

// add counts a sale that happened at an instant, by affiliate. Sales come in the order of
// events, so the instant at which a sum comes to a goal is that of the sale which brings
// it there.
func (s *sights) add(at time.Time, c money.Currency, more map[string]tally, inside bool) {
	for _, p := range s.periods {
		begin := s.begin(p, at)
		for who, t := range more {
			k := sightKey{p, begin, purse{c, who}}
			x := s.seen[k]
			if x == nil {
				x = &sight{goals: map[string][]time.Time{}}
				s.seen[k] = x
			}
			x.all, x.approved, x.inside = x.all.plus(t.all), x.approved.plus(t.approved), x.inside || inside
			x.reach(s.goals, k, at)
		}
	}
}

func (x *sight) reach(goals []plan.Bonus, k sightKey, at time.Time) {
	for _, b := range goals {
		if b.Period != k.period || b.Amount.Currency != k.currency {
			continue
		}
		for n := b.Times(max(0, x.all.of(b.Metric))); len(x.goals[b.Name]) < n; {
			x.goals[b.Name] = append(x.goals[b.Name], at)
		}
	}
}

// standing gives which tiers somebody's period would have reached in the end.
func (s *sights) standing(at time.Time, c money.Currency, who string) plan.Standing {
	sold := map[string]int64{}
	for _, r := range s.restating {
		x := s.seen[s.key(r.Tiers.Period, at, c, who)]
		if x == nil {
			continue
		}
		of := x.all
		if r.Tiers.Counts == plan.CountsApproved {
			of = x.approved
		}
		sold[r.ID] = max(0, of.of(r.Tiers.Metric))
	}
	return s.terms.Standing(sold)
}

// tallied gives what a sale counts, by affiliate.
func tallied(sale *ent.Conversion, all []recounted) map[string]tally {
	out, revenue := map[string]tally{}, sale.BaseMinor-sale.RefundedMinor
	for _, r := range all {
		if r.kind != commission.KindCONVERSION || r.amount == 0 {
			continue
		}
		t := out[r.affiliate]
		t.all = counts{1, revenue, t.all.commission + r.left}
		if r.was != nil && cmp.Or(r.was.DecidedAt, r.was.AgreedAt) != nil {
			t.approved = counts{1, revenue, t.approved.commission + r.left}
		}
		out[r.affiliate] = t
	}
	return out
}

// unchanged are a conversion's commissions as they stand.
func unchanged(sale *ent.Conversion) (all []recounted) {
	for _, c := range sale.Edges.Commissions {
		if c.Status != commission.StatusREJECTED {
			all = append(all, standing(c))
		}
	}
	return all
}

// foresee walks once through the simulated days and what lies around them, finding
// nothing but what the periods come to.
func (w *simulating) foresee(ctx context.Context) error {
	place, err := time.LoadLocation(w.program.TimeZone)
	if err != nil {
		return fmt.Errorf("the program's time zone: %w", err)
	}
	seen := newSights(w.now.Version, place)
	if seen == nil {
		return nil
	}
	first, err := w.newSimulating(ctx, w.sim)
	if err != nil {
		return err
	}
	first.foreseeing, first.sights = true, seen
	from, until := seen.bounds(w.sim.PeriodFrom, w.sim.PeriodUntil)
	if err := first.around(ctx, earliest(from, first.sums.since(w.sim.PeriodFrom)), w.sim.PeriodFrom); err != nil {
		return err
	}
	if err := first.pages(ctx); err != nil {
		return err
	}
	w.sights = seen
	if !until.IsZero() && !until.After(w.sim.PeriodUntil) {
		return nil
	}
	return first.around(ctx, w.sim.PeriodUntil, until)
}

// around counts what was sold outside of the simulated days, as it is; until the zero
// time, all of it.
func (w *simulating) around(ctx context.Context, from, until time.Time) error {
	w.last = nil
	for more := until.IsZero() || from.Before(until); more; {
		sales, err := w.next(ctx, from, until, false)
		if err == nil {
			err = w.beat(ctx)
		}
		if err != nil {
			return err
		}
		for _, sale := range sales {
			w.sums.move(sale.OccurredAt)
			was := countsOf(sale, sale.Edges.Commissions)
			w.sums.add(sale.Currency, was, was)
			if w.foreseeing {
				w.sights.add(sale.OccurredAt, sale.Currency, tallied(sale, unchanged(sale)), false)
			}
		}
		more = len(sales) == simulatePage
	}
	w.last = nil
	return nil
}
