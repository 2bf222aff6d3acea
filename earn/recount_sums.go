package earn

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
)

// What tiers and caps count while a period is computed again is added up on the way,
// in the order of events: as it was, and as it would have been. Where the trace of
// an order has frozen what was counted when it was rated, that stands, and what
// would have been different before it is added; else the sum itself does.

// counts are what an affiliate, or everybody, had in a period.
type counts struct{ sales, revenue, commission int64 }

func (c counts) of(m plan.Metric) int64 {
	switch m {
	case plan.MetricCount:
		return c.sales
	case plan.MetricRevenue:
		return c.revenue
	}
	return c.commission
}

func (c counts) plus(o counts) counts {
	return counts{c.sales + o.sales, c.revenue + o.revenue, c.commission + o.commission}
}

// purse is whose counts they are; nobody's name for everybody's.
type purse struct {
	currency  money.Currency
	affiliate string
}

// span is one period of a kind, the one that the walk is in: earlier ones count no
// more, which is what bounds the memory.
type span struct {
	from, until time.Time
	was, would  map[purse]counts
}

// tallies are the sums under way, by kind of period; none where nothing counts.
type tallies struct {
	zone  *time.Location
	spans map[plan.Period]*span
}

// newTallies opens the sums that terms look at. Errors: a time zone that is none.
func newTallies(v plan.Version, p *ent.Program) (*tallies, error) {
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the program's time zone: %w", err)
	}
	t := &tallies{zone: zone, spans: map[plan.Period]*span{}}
	for _, r := range v.Rules {
		if r.Tiers != nil && r.Tiers.Mode != plan.Retroactive {
			t.spans[r.Tiers.Period] = nil
		}
	}
	for _, c := range v.Caps {
		t.spans[c.Period] = nil
	}
	return t, nil
}

// since gives the instant from which sums are needed for events from another on: the
// zero time when they count for ever.
func (t *tallies) since(from time.Time) time.Time {
	for p := range t.spans {
		begin, _ := p.Of(from.In(t.zone))
		if begin.IsZero() {
			return begin
		}
		if begin.Before(from) {
			from = begin
		}
	}
	return from
}

// move goes on to an event's instant.
func (t *tallies) move(at time.Time) {
	for p, s := range t.spans {
		if s != nil && (s.until.IsZero() || at.Before(s.until)) {
			continue
		}
		from, until := p.Of(at.In(t.zone))
		t.spans[p] = &span{from: from, until: until, was: map[purse]counts{}, would: map[purse]counts{}}
	}
}

// add counts a conversion, as it is and as it would be, by affiliate.
func (t *tallies) add(c money.Currency, was, would map[string]counts) {
	for _, s := range t.spans {
		s.add(s.was, c, was)
		s.add(s.would, c, would)
	}
}

func (s *span) add(to map[purse]counts, c money.Currency, more map[string]counts) {
	for _, who := range slices.Sorted(maps.Keys(more)) {
		to[purse{c, who}] = to[purse{c, who}].plus(more[who])
		to[purse{c, ""}] = to[purse{c, ""}].plus(more[who])
	}
}

// of gives what somebody had in the period under way, as it was and would be.
func (t *tallies) of(p plan.Period, c money.Currency, who string) (was, would counts) {
	s := t.spans[p]
	if s == nil {
		return was, would
	}
	return s.was[purse{c, who}], s.would[purse{c, who}]
}

// countsOf gives what a conversion adds to the sums, by affiliate.
func countsOf(sale *ent.Conversion, commissions []*ent.Commission) map[string]counts {
	all := map[string]counts{}
	for _, c := range commissions {
		if c.Kind == commission.KindCONVERSION && c.Status != commission.StatusREJECTED {
			all[c.AffiliateID] = counts{1, sale.BaseMinor - sale.RefundedMinor, all[c.AffiliateID].commission + c.AmountMinor - c.ReversedMinor}
		}
	}
	return all
}
