package lint

import (
	"slices"
	"time"

	"github.com/tributary/tributary/earn/plan"
)

const (
	minutesOfDay  = 24 * 60
	minutesOfWeek = 7 * minutesOfDay
)

// week is a set of minutes of the week, from Monday 00:00 on.
type week [minutesOfWeek/64 + 1]uint64

func (w *week) has(minute int) bool { return w == nil || w[minute/64]&(1<<(minute%64)) != 0 }

// weekOf gives the minutes of times of the week, nil for always.
func weekOf(parts []plan.DayPart) *week {
	if len(parts) == 0 {
		return nil
	}
	w := new(week)
	for _, p := range parts {
		for day := range 7 {
			if p.Days&(1<<day) == 0 {
				continue
			}
			for at := day*minutesOfDay + p.From; at < day*minutesOfDay+p.Until; at++ {
				w[at/64] |= 1 << (at % 64)
			}
		}
	}
	return w
}

// and gives the minutes of both, or of the first without the second.
func (w *week) and(o *week, without bool) *week {
	out := new(week)
	for i := range out {
		mine, theirs := ^uint64(0), o[i]
		if w != nil {
			mine = w[i]
		}
		if without {
			theirs = ^theirs
		}
		out[i] = mine & theirs
	}
	return out
}

func (w *week) empty() bool {
	return w != nil && !slices.ContainsFunc(w[:], func(bits uint64) bool { return bits != 0 })
}

// around is how near to a change of clocks minutes are looked at one by one.
const around = 180

// instant gives the first instant from one on, and before another, at which the
// clocks of a place show one of the minutes; false when there is none.
func (w *week) instant(from, until time.Time, zone *time.Location) (at time.Time, minute int, ok bool) {
	for at = from; until.IsZero() || at.Before(until); {
		minute = minuteOf(at, zone)
		if w.has(minute) {
			return at, minute, true
		}
		if at.Sub(from) > 15*24*time.Hour {
			break
		}
		step := 1
		for step < minutesOfWeek && !w.has((minute+step)%minutesOfWeek) {
			step++
		}
		at = at.Truncate(time.Minute).Add(time.Duration(max(1, step-around)) * time.Minute)
	}
	return at, 0, false
}

func minuteOf(at time.Time, zone *time.Location) int {
	local := at.In(zone)
	day := (int(local.Weekday()) + 6) % 7
	return day*minutesOfDay + local.Hour()*60 + local.Minute()
}
