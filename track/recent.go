package track

import (
	"encoding/binary"
	"hash/maphash"
	"sync"
	"time"
)

// A second click of one visitor on one link within repeatWithin is a duplicate.
const (
	repeatWithin = 10 * time.Minute
	recentRoom   = 100_000
)

// recentClicks remembers the first click of each visitor and link for a short
// while, in bounded memory: two generations, the older of which is dropped when
// the younger is full or old. Another server does not know them; a duplicate it
// lets through is one click too many in a report, never money.
type recentClicks struct {
	seed       maphash.Seed // of this process, so that nobody can choose two visitors that collide
	mu         sync.Mutex
	young, old map[uint64]clickID
	since      time.Time // when the young generation began
}

func newRecentClicks() *recentClicks {
	return &recentClicks{seed: maphash.MakeSeed(), young: map[uint64]clickID{}}
}

// visitor tells visitors of a link apart by their network and browser.
func (r *recentClicks) visitor(network [8]byte, link uint64, userAgent string) uint64 {
	var h maphash.Hash
	h.SetSeed(r.seed)
	var head [16]byte
	copy(head[:], network[:])
	binary.BigEndian.PutUint64(head[8:], link)
	_, _ = h.Write(head[:])
	_, _ = h.WriteString(userAgent)
	return h.Sum64()
}

// first gives the earlier click of the same visitor, or keeps this one as the first.
// now is the server's: a click's own instant may be that of a sandbox.
func (r *recentClicks) first(visitor uint64, c clickID, now time.Time) (clickID, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.since) >= repeatWithin || len(r.young) >= recentRoom {
		r.old, r.young, r.since = r.young, make(map[uint64]clickID, len(r.young)/2), now
	}
	earlier, known := r.young[visitor]
	if !known {
		earlier, known = r.old[visitor]
	}
	if known && c.clickedAt().Sub(earlier.clickedAt()) < repeatWithin {
		return earlier, true
	}
	r.young[visitor] = c
	return c, false
}
