package connect

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

const (
	// healthPause is between two looks at one integration, however many watch it.
	healthPause = time.Second
	// healthPatience is how long one look may take.
	healthPatience = 10 * time.Second
)

// healths keeps one watch for each integration that somebody looks at. Its zero value
// is ready.
type healths struct {
	mu      sync.Mutex
	watches map[watched]*healthWatch
	looks   atomic.Int64 // how often the database was asked
}

type watched struct{ merchant, integration string }

// healthWatch looks at one integration for everybody who watches it. All fields are
// under the lock of healths. It stays until the look after its last reader has left:
// who comes meanwhile causes no look of his own.
type healthWatch struct {
	readers map[chan Health]struct{}
	told    bool
	last    Health
}

// WatchHealth gives the state of an integration now and again whenever it has changed,
// until ctx ends or it is not there any more; then the channel is closed. A reader gets
// the latest, once a second at most, and never an older one after a newer. What another
// server has changed is told as well. Errors: those of SyncHealth.
func (s *Service) WatchHealth(ctx context.Context, integrationID string) (<-chan Health, error) {
	row, _, err := s.written(ctx, integrationID)
	if err != nil {
		return nil, err
	}
	return s.join(ctx, watched{row.MerchantID, row.ID}), nil
}

// join adds a reader to an integration's watch, the first one starting it.
func (s *Service) join(ctx context.Context, of watched) <-chan Health {
	h := &s.healths
	h.mu.Lock()
	defer h.mu.Unlock()
	w, running := h.watches[of]
	if !running {
		w = &healthWatch{readers: map[chan Health]struct{}{}}
		if h.watches == nil {
			h.watches = map[watched]*healthWatch{}
		}
		h.watches[of] = w
		go s.look(of, w) // #nosec G118 -- the watch outlives whoever was its first reader
	}
	c := make(chan Health, 1)
	w.readers[c] = struct{}{}
	if w.told {
		c <- w.last
	}
	context.AfterFunc(ctx, func() { h.leave(w, c) })
	return c
}

func (h *healths) leave(w *healthWatch, c chan Health) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, here := w.readers[c]; here {
		delete(w.readers, c)
		close(c)
	}
}

// watching reports whether somebody reads from a watch, and ends it when nobody does.
func (h *healths) watching(of watched, w *healthWatch) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(w.readers) == 0 {
		delete(h.watches, of)
	}
	return len(w.readers) > 0
}

// look reads an integration's state as its merchant's system, tells it, and looks again
// after the pause; between two looks a watch is no more than a timer. What cannot be read
// just now is read the next time.
func (s *Service) look(of watched, w *healthWatch) {
	if !s.healths.watching(of, w) {
		return
	}
	ctx, cancel := context.WithTimeout(trust.With(context.Background(), trust.System(of.merchant)), healthPatience)
	defer cancel()
	s.healths.looks.Add(1)
	now, err := s.SyncHealth(ctx, of.integration)
	switch code := problem.CodeOf(err); {
	case err == nil:
		s.healths.publish(w, now)
	case code == problem.NotFound || code == problem.State:
		s.healths.closeAll(of, w)
		return
	default:
		s.store.Log().Warn("how the writing to an integration goes could not be read", "integration", of.integration, "error", err)
	}
	time.AfterFunc(healthPause, func() { s.look(of, w) })
}

// publish hands a state that is another than the last to every reader; one who has not
// taken the last yet gets this one instead.
func (h *healths) publish(w *healthWatch, now Health) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if w.told && now.same(w.last) {
		return
	}
	w.told, w.last = true, now
	for c := range w.readers {
		select {
		case <-c:
		default:
		}
		c <- now // there is room: only this lock's holder sends
	}
}

// closeAll ends the watch of an integration that is not there any more.
func (h *healths) closeAll(of watched, w *healthWatch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range w.readers {
		close(c)
	}
	clear(w.readers)
	delete(h.watches, of)
}

// same reports whether two states say the same.
func (h Health) same(o Health) bool {
	for _, at := range [][2]*time.Time{{h.OldestSince, o.OldestSince}, {h.PausedUntil, o.PausedUntil}, {h.WorkedAt, o.WorkedAt}, {h.FailedAt, o.FailedAt}} {
		if (at[0] == nil) != (at[1] == nil) || at[0] != nil && !at[0].Equal(*at[1]) {
			return false
		}
	}
	h.OldestSince, h.PausedUntil, h.WorkedAt, h.FailedAt = o.OldestSince, o.PausedUntil, o.WorkedAt, o.FailedAt
	return h == o
}
