package bus

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// health remembers since when publishing has failed without a single success.
type health struct {
	bad   atomic.Bool
	mu    sync.Mutex
	since time.Time
	cause error
}

// fail notes a failure and reports whether it is the first since the last success.
func (h *health) fail(now time.Time, cause error) (first bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cause = cause
	if h.bad.Swap(true) {
		return false
	}
	h.since = now
	return true
}

// ok notes a success and reports whether it ends a run of failures.
func (h *health) ok() (recovered bool) { return h.bad.Load() && h.bad.Swap(false) }

// failing gives the time and the last cause of a run of failures.
func (h *health) failing() (since time.Time, cause error, bad bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.since, h.cause, h.bad.Load()
}

// counters are what Stats reads.
type counters struct {
	appended, groups, delivered, recycles atomic.Uint64
	refused                               [reasons]atomic.Uint64
}

// Stats counts what this process has done since Open. Reading it is free.
type Stats struct {
	Appended  uint64            // records made durable
	Groups    uint64            // messages they were published in
	Refused   map[Reason]uint64 // records refused, by reason; reasons without any are absent
	Delivered uint64            // records a handler has stored
	Recycles  uint64            // restarts of the embedded server
}

// Stats gives the counts so far.
func (b *Bus) Stats() Stats {
	s := Stats{
		Appended: b.counts.appended.Load(), Groups: b.counts.groups.Load(),
		Delivered: b.counts.delivered.Load(), Recycles: b.counts.recycles.Load(),
		Refused: map[Reason]uint64{},
	}
	for r := range b.counts.refused {
		if n := b.counts.refused[r].Load(); n > 0 {
			s.Refused[Reason(r)] = n
		}
	}
	return s
}

// Healthy is nil when an Append would be tried and is expected to succeed;
// otherwise a problem with code Unavailable that says why not.
func (b *Bus) Healthy() error {
	switch _, cause, bad := b.health.failing(); {
	case b.soft.Err() != nil || b.down.Load():
		return refusals[Stopped]
	case b.low.Load():
		return refusals[Disk]
	case b.full.Load():
		return refusals[Full]
	case bad:
		return problem.New(problem.Unavailable, "the click stream fails").Because(cause)
	case !b.conn.IsConnected():
		return problem.New(problem.Unavailable, "the click stream is out of reach")
	}
	return nil
}
