package report

import (
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// Granularity is how long the periods are that a report is told by.
type Granularity string

// The granularities.
const (
	Whole Granularity = "WHOLE" // all days together
	Hour  Granularity = "HOUR"
	Day   Granularity = "DAY"
	Week  Granularity = "WEEK" // from Monday on
	Month Granularity = "MONTH"
)

// maxPeriods is how many periods a report may have: 31 days of hours, and one hour
// more where a day has 25.
const maxPeriods = 800

// days are the days of a report in its time zone, the last one included.
type days struct {
	first, last time.Time // at midnight UTC: dates, not instants
	zone        *time.Location
}

// parseDays reads a report's days and zone. Errors: Invalid at from, to or timeZone.
func parseDays(from, to, zone string) (days, error) {
	if err := checkPeriod(from, to); err != nil {
		return days{}, err
	}
	place, err := placed(zone)
	if err != nil {
		return days{}, err
	}
	first, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return days{}, err
	}
	last, err := time.Parse(time.DateOnly, to)
	return days{first, last, place}, err
}

// placed reads a time zone, UTC when it is empty. Errors: Invalid at timeZone.
func placed(zone string) (*time.Location, error) {
	place, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return nil, problem.At(problem.Invalid, "timeZone", "%q is no IANA time zone, such as Europe/Berlin", zone)
	}
	return place, nil
}

// bounds are the instants at which periods begin, and at which the last one ends, as
// they are in the zone: a day may have 23 or 25 hours (Q69). The first and the last
// week or month may be cut off by the days.
// Errors: Invalid at granularity for more periods than a report may have.
func (d days) bounds(by Granularity) ([]time.Time, error) {
	end := dayBegins(d.last.AddDate(0, 0, 1), d.zone)
	at := dayBegins(d.first, d.zone)
	var all []time.Time
	for date := d.first; at.Before(end); {
		if all = append(all, at); len(all) > maxPeriods {
			return nil, problem.At(problem.Invalid, "granularity", "would make more than %d periods: ask for fewer days, or longer periods", maxPeriods)
		}
		if by == Hour {
			at = at.Add(time.Hour)
			continue
		}
		date = nextDate(date, by)
		at = dayBegins(date, d.zone)
	}
	return append(all, end), nil
}

// nextDate is the date on which the next period begins.
func nextDate(date time.Time, by Granularity) time.Time {
	switch by {
	case Day:
		return date.AddDate(0, 0, 1)
	case Week:
		return date.AddDate(0, 0, 7-(int(date.Weekday())+6)%7)
	case Month:
		return time.Date(date.Year(), date.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	}
	return date.AddDate(maxDays, 0, 0) // beyond any report
}

// dayBegins is the first instant of a date in a zone, in that zone. Where clocks are
// put forward at midnight the day begins at one, and where they are put back to
// midnight it begins at the first of both.
func dayBegins(date time.Time, zone *time.Location) time.Time {
	at := time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, zone)
	begun, until := at.ZoneBounds()
	if at.Day() != date.Day() {
		return until
	}
	if begun.IsZero() {
		return at
	}
	_, now := at.Zone()
	_, before := begun.Add(-time.Second).Zone()
	if first := at.Add(time.Duration(now-before) * time.Second); first.Before(begun) {
		return first
	}
	return at
}

// Compare is the earlier days that a report is held against.
type Compare string

// The comparisons.
const (
	CompareNone           Compare = "NONE"
	ComparePreviousPeriod Compare = "PREVIOUS_PERIOD" // as many days right before
	ComparePreviousYear   Compare = "PREVIOUS_YEAR"   // the same dates a year before
)

// before are the days to compare with; not ok for none.
func (d days) before(c Compare) (_ days, ok bool) {
	switch c {
	case ComparePreviousPeriod:
		n := int(d.last.Sub(d.first).Hours()/24) + 1
		return days{d.first.AddDate(0, 0, -n), d.last.AddDate(0, 0, -n), d.zone}, true
	case ComparePreviousYear:
		return days{d.first.AddDate(-1, 0, 0), d.last.AddDate(-1, 0, 0), d.zone}, true
	}
	return d, false
}
