package report

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// hub keeps one watch for each scope that somebody looks at.
type hub struct {
	store   *store.Store
	reads   atomic.Int64 // how often the database was asked
	mu      sync.Mutex
	watches map[scope]*watch
	number  int64 // of the last snapshot that was told
}

func newHub(s *store.Store) *hub { return &hub{store: s, watches: map[scope]*watch{}} }

// join adds a reader to its scope's watch, the first one starting it. The reader
// leaves when ctx ends, the last one ending the watch.
func (h *hub) join(ctx context.Context, sc scope) <-chan LiveStats {
	h.mu.Lock()
	defer h.mu.Unlock()
	w, running := h.watches[sc]
	if !running {
		w = h.start(sc)
	}
	c := make(chan LiveStats, 1)
	w.readers[c] = struct{}{}
	if w.told {
		c <- w.last
	}
	context.AfterFunc(ctx, func() { h.leave(w, c) })
	return c
}

// start begins a watch of its own lifetime: the first reader may leave before
// the others. It reads as the merchant's system, and its scope says what. The
// caller holds the hub's lock.
func (h *hub) start(sc scope) *watch {
	ctx, end := context.WithCancel(trust.With(context.Background(), trust.System(sc.merchant)))
	w := &watch{hub: h, scope: sc, end: end, counted: make(chan struct{}, 1), readers: map[chan LiveStats]struct{}{}}
	h.watches[sc] = w
	go w.run(ctx)
	return w
}

func (h *hub) leave(w *watch, c chan LiveStats) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, here := w.readers[c]; !here {
		return
	}
	delete(w.readers, c)
	close(c)
	if len(w.readers) == 0 {
		h.drop(w)
	}
}

// drop ends a watch. The caller holds the hub's lock.
func (h *hub) drop(w *watch) {
	w.end()
	if h.watches[w.scope] == w {
		delete(h.watches, w.scope)
	}
}

// closeAll ends a watch that the server's stop has cut off.
func (h *hub) closeAll(w *watch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range w.readers {
		close(c)
	}
	clear(w.readers)
	h.drop(w)
}

// counted tells a merchant's watches that its tallies have just moved here.
// Where another server's follower moves them, the watches find out by looking.
func (h *hub) counted(merchant string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for sc, w := range h.watches {
		if sc.merchant == merchant {
			select {
			case w.counted <- struct{}{}:
			default:
			}
		}
	}
}

// publish hands a snapshot to every reader; one who has not taken the last yet
// gets this one instead.
func (h *hub) publish(w *watch, l LiveStats) {
	h.mu.Lock()
	defer h.mu.Unlock()
	changed := !w.told || !l.same(w.last)
	h.number++
	l.Number = h.number
	w.told, w.last = true, l
	if !changed {
		return
	}
	for c := range w.readers {
		select {
		case <-c:
		default:
		}
		c <- l // there is room: only this lock's holder sends
	}
}
