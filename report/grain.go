package report

import "time"

// grain is a length of period that numbers are kept by, in UTC. A day begins on a quarter
// of an hour in every time zone (Q69), as it does not on the hour in Kathmandu. Longer
// periods are there so that a month is not thousands of quarters, and keep only what most
// reports ask by.
type grain struct {
	length time.Duration
	layout string // of the name, which begins with the grain's letter: those of a grain lie together
}

var (
	quarters = grain{15 * time.Minute, "Q2006-01-02T15:04"}
	longer   = []grain{{24 * time.Hour, "D2006-01-02"}, {time.Hour, "H2006-01-02T15"}}
)

// of names the period that an instant is in.
func (g grain) of(at time.Time) string { return at.UTC().Truncate(g.length).Format(g.layout) }

// onlyQuarters are the parts that longer periods do not keep.
var onlyQuarters = []int{atCoupon, atCountry, atDevice, atChannel, atSubIDs}

// withLonger adds to a share of quarters what it is to longer periods.
func (s share) withLonger() share {
	all := share{}
	for b, f := range s {
		all.add(b, f)
		at, err := time.Parse(quarters.layout, b[atPeriod])
		if err != nil { // named by quarters.of
			panic(err)
		}
		for _, part := range onlyQuarters {
			b[part] = ""
		}
		for _, g := range longer {
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
	first, last := since.Truncate(by[0].length), till.Truncate(by[0].length)
	if first.Before(since) {
		first = first.Add(by[0].length)
	}
	if !first.Before(last) {
		return spans(since, till, by[1:])
	}
	all := append(spans(since, first, by[1:]), span{by[0], first, last})
	return append(all, spans(last, till, by[1:])...)
}
