package report

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tributary/tributary/internal/store"
)

// entry is what an event adds to one tally.
type entry struct {
	key
	sums
}

// reading reads one event's facts. A fact that is missing or no number is kept
// as the reading's error, and reads as zero.
type reading struct {
	store.Event
	zones map[string]*time.Location // of programs, by id
	err   error
}

// rules says what each type of event adds. Types that are not here add nothing.
var rules = map[string]func(*reading) []entry{
	"clicks.recorded": func(r *reading) []entry {
		lost := r.number("unpayable")
		return []entry{{key{r.ProgramID, r.AffiliateID, r.localDay("first"), ""}, sums{clicks: r.number("clicks") - lost, unpayable: lost}}}
	},
	"conversion.accepted": func(r *reading) []entry { return []entry{r.entry(r.conversion())} },
	"conversion.credited": func(r *reading) []entry {
		nobodys, now := r.entry(r.conversion().neg()), r.entry(r.conversion())
		nobodys.affiliate = ""
		return []entry{nobodys, now}
	},
	"conversion.uncredited": func(r *reading) []entry {
		before, nobodys := r.entry(r.conversion().neg()), r.entry(r.conversion())
		nobodys.affiliate = ""
		return []entry{before, nobodys}
	},
	"conversion.amended":   func(r *reading) []entry { return r.ofAccepted(sums{sales: r.number("base_delta")}) },
	"conversion.cancelled": func(r *reading) []entry { return r.ofAccepted(sums{refunded: r.number("amount")}) },
	"chargeback.opened":    func(r *reading) []entry { return r.ofAccepted(sums{refunded: r.number("amount")}) },
	"chargeback.won":       func(r *reading) []entry { return r.ofAccepted(sums{refunded: r.number("amount")}) },
	"refund.recorded":      func(r *reading) []entry { return r.ofAccepted(sums{refunded: r.number("amount")}) },
	"commission.accrued":   func(r *reading) []entry { return []entry{r.entry(sums{accrued: r.number("amount")})} },
	"commission.approved":  func(r *reading) []entry { return []entry{r.entry(sums{approved: r.number("amount")})} },
	"commission.rejected":  func(r *reading) []entry { return []entry{r.entry(sums{accrued: -r.number("amount")})} },
	"commission.adjusted": func(r *reading) []entry {
		return []entry{r.entry(sums{accrued: r.number("amount"), approved: r.number("amount")})}
	},
	"commission.reversed": func(r *reading) []entry {
		back := sums{accrued: -r.number("amount")}
		if r.text("from") == "APPROVED" {
			back.approved = back.accrued
		}
		return []entry{r.entry(back)}
	},
	"commission.recalculated": func(r *reading) []entry {
		more := sums{accrued: r.number("amount")}
		if r.text("from") == "APPROVED" {
			more.approved = more.accrued
		}
		return []entry{r.entry(more)}
	},
	"payout.settled":  func(r *reading) []entry { return []entry{r.entry(sums{paid: r.number("amount")})} },
	"payout.returned": func(r *reading) []entry { return []entry{r.entry(sums{paid: -r.number("amount")})} },
}

// conversion is all of a conversion as it is at the event.
func (r *reading) conversion() sums {
	return sums{conversions: 1, sales: r.number("base"), refunded: r.number("refunded")}
}

// ofAccepted is for what happens to conversions: one that was not accepted yet
// is not in the numbers, and comes in whole when it is.
func (r *reading) ofAccepted(s sums) []entry {
	switch r.text("rating") {
	case "RATED", "NO_CREDIT":
		return []entry{r.entry(s)}
	}
	return nil
}

// entry puts sums into the tally the event's facts name.
func (r *reading) entry(s sums) entry {
	return entry{key{r.ProgramID, r.AffiliateID, r.text("day"), r.text("currency")}, s}
}

func (r *reading) text(fact string) string {
	v, there := r.Facts[fact]
	if !there {
		r.fail(fact, errors.New("is missing"))
	}
	return v
}

func (r *reading) number(fact string) int64 {
	n, err := strconv.ParseInt(r.text(fact), 10, 64)
	if err != nil {
		r.fail(fact, errors.New("is no number"))
	}
	return n
}

// localDay gives the day of an instant where the event's program keeps its books.
func (r *reading) localDay(fact string) string {
	at, err := time.Parse(time.RFC3339Nano, r.text(fact))
	if err != nil {
		r.fail(fact, errors.New("is no instant"))
	}
	return dayIn(at, r.zones[r.ProgramID])
}

func (r *reading) fail(fact string, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("event %s, %s: fact %s %w", r.ID, r.Type, fact, err)
	}
}

// dayIn is the day of an instant in a zone, UTC when there is none.
func dayIn(at time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return at.In(zone).Format(time.DateOnly)
}

// zoneOf finds a zone by name; names are checked when they are written.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}
