package track

import (
	"sync"
	"time"
)

// A second click of one visitor on one link, with the same labels, within repeatWithin is
// a duplicate.
const (
	repeatWithin = 10 * time.Minute
	recentRoom   = 100_000
)

// recentClicks remembers the first click of each visitor and link for a short
// while, in bounded memory: two generations, the older of which is dropped when
// the younger is full or old. Another server, or this one after a restart, does not know
// them: what it lets through is one click too many in a report, and no money, for what is
// paid is counted from the rows of all (CountClicksIn).
type recentClicks struct {
	mu         sync.Mutex
	young, old map[visitor]clickID
	since      time.Time // when the young generation began
}

// visitor tells visitors of a link apart by their network and browser, and by the labels of
// the address where it has any: a keyed hash, so
// that nobody can choose two that collide.
type visitor [8]byte

func newRecentClicks() *recentClicks {
	return &recentClicks{young: map[visitor]clickID{}}
}

// first gives the earlier click of the same visitor, or keeps this one as the first.
// now is the server's: a click's own instant may be that of a sandbox.
func (r *recentClicks) first(who visitor, c clickID, now time.Time) (clickID, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.since) >= repeatWithin || len(r.young) >= recentRoom {
		r.old, r.young, r.since = r.young, make(map[visitor]clickID, len(r.young)/2), now
	}
	earlier, known := r.young[who]
	if !known {
		earlier, known = r.old[who]
	}
	if known && c.clickedAt().Sub(earlier.clickedAt()) < repeatWithin {
		return earlier, true
	}
	r.young[who] = c
	return c, false
}
