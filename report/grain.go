package report

import (
	"context"
	"time"
)

// grain is a length of period that numbers are kept by. Quarters of an hour know
// everything, and any day begins on one (Q69), as it does not on the hour in Kathmandu.
// Longer periods spare a report of months thousands of quarters, and know only what most
// reports ask by: hours, and days and months where the merchant is, whose zone never
// changes.
type grain struct {
	letter string        // begins the names of its periods, so that they lie together
	length time.Duration // of what is shorter than a day
	days   func(time.Time) (first, next time.Time)
	zone   *time.Location // where days begin
}

var quarters = grain{letter: "Q", length: 15 * time.Minute}

// longer are the longer periods of a merchant, the longest first.
func longer(zone *time.Location) []grain {
	return []grain{{letter: "M", days: monthOf, zone: zone}, {letter: "D", days: dayOf, zone: zone}, {letter: "H", length: time.Hour}}
}

func dayOf(date time.Time) (first, next time.Time) { return date, date.AddDate(0, 0, 1) }

func monthOf(date time.Time) (first, next time.Time) {
	first = date.AddDate(0, 0, 1-date.Day())
	return first, first.AddDate(0, 1, 0)
}

// longerOf reads where a merchant is.
func longerOf(ctx context.Context, query queryer, merchant string) ([]grain, error) {
	zone, err := texts(ctx, query, `SELECT time_zone FROM merchants WHERE id = $1`, merchant)
	if err != nil || len(zone) == 0 {
		return longer(time.UTC), err
	}
	return longer(zoneOf(zone[0])), nil
}

// period is the first instant of the period that an instant is in, and the first after it.
func (g grain) period(at time.Time) (since, till time.Time) {
	if g.days == nil {
		since = at.Truncate(g.length)
		return since, since.Add(g.length)
	}
	year, month, day := at.In(g.zone).Date()
	first, next := g.days(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	return dayBegins(first, g.zone), dayBegins(next, g.zone)
}

const periodLayout = "2006-01-02T15:04"

// of names the period that an instant is in.
func (g grain) of(at time.Time) string {
	since, _ := g.period(at)
	return g.letter + since.UTC().Format(periodLayout)
}

// onlyQuarters are the parts that longer periods do not keep.
var onlyQuarters = []int{atCoupon, atCountry, atDevice, atChannel, atSubIDs}

// withLonger adds to a share of quarters what it is to longer periods.
func (s share) withLonger(by []grain) share {
	all := share{}
	for b, f := range s {
		all.add(b, f)
		at, err := time.Parse(quarters.letter+periodLayout, b[atPeriod])
		if err != nil { // named by quarters.of
			panic(err)
		}
		for _, part := range onlyQuarters {
			b[part] = ""
		}
		for _, g := range by {
			b[atPeriod] = g.of(at)
			all.add(b, f)
		}
	}
	return all
}

// span is periods of a grain, from one up to another.
type span struct {
	grain       grain
	since, till time.Time
}

// spans cover what lies between two quarters, by as few periods as there can be.
func spans(since, till time.Time, by []grain) []span {
	if !since.Before(till) {
		return nil
	}
	if len(by) == 0 {
		return []span{{quarters, since, till}}
	}
	first, next := by[0].period(since)
	if first.Before(since) {
		first = next
	}
	last, _ := by[0].period(till)
	if !first.Before(last) {
		return spans(since, till, by[1:])
	}
	all := append(spans(since, first, by[1:]), span{by[0], first, last})
	return append(all, spans(last, till, by[1:])...)
}
