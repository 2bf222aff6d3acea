package plan

import "time"

// Period is how long something is counted, on the clocks of the program (Q28).
type Period string

// The periods.
const (
	Day     Period = "DAY"
	Month   Period = "MONTH"
	Quarter Period = "QUARTER"
	Year    Period = "YEAR"
	Always  Period = "ALWAYS"
)

var periods = []Period{Day, Month, Quarter, Year, Always}

// Of gives the first instant of the period that an instant is in, and the first
// after it, both in the instant's location; zero for a period without bounds.
func (p Period) Of(at time.Time) (from, until time.Time) {
	year, month, day := at.Date()
	begin := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, at.Location())
	}
	switch p {
	case Day:
		return begin(year, month, day), begin(year, month, day+1)
	case Month:
		return begin(year, month, 1), begin(year, month+1, 1)
	case Quarter:
		first := month - (month-1)%3
		return begin(year, first, 1), begin(year, first+3, 1)
	case Year:
		return begin(year, 1, 1), begin(year+1, 1, 1)
	}
	return time.Time{}, time.Time{}
}
