package report

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// question is what a watch reads for everybody who asks it, and so names all that
// they may see.
type question interface {
	comparable
	of() string                   // the merchant
	concerns(e *store.Event) bool // whether an event may change the answer
}

// answer is the numbers of an instant.
type answer[A any] interface {
	same(A) bool                     // in its numbers
	numbered(n int64) A              // as the n-th that is told
	read() (seq int64, at time.Time) // the event up to which it counts at least, and when it was read
}

// hub keeps one watch for each question that somebody asks.
type hub[Q question, A answer[A]] struct {
	store   *store.Store
	ask     func(context.Context, Q) (A, error)
	pause   time.Duration // between two readings of one question
	every   time.Duration // after which it is read again whatever happens; 0 for never
	reads   atomic.Int64  // how often the database was asked
	mu      sync.Mutex
	watches map[Q]*watch[Q, A]
	number  int64 // of the last answer that was told
}

func newHub[Q question, A answer[A]](s *store.Store, pause time.Duration, ask func(context.Context, Q) (A, error)) *hub[Q, A] {
	return &hub[Q, A]{store: s, ask: ask, pause: pause, watches: map[Q]*watch[Q, A]{}}
}

// join adds a reader to its question's watch, the first one starting it. The reader
// leaves when ctx ends, the last one ending the watch.
func (h *hub[Q, A]) join(ctx context.Context, q Q) <-chan A {
	h.mu.Lock()
	defer h.mu.Unlock()
	w, running := h.watches[q]
	if !running {
		w = h.start(q)
	}
	c := make(chan A, 1)
	w.readers[c] = struct{}{}
	if w.told {
		c <- w.last
	}
	context.AfterFunc(ctx, func() { h.leave(w, c) })
	return c
}

// start begins a watch of its own lifetime: the first reader may leave before
// the others. It reads as the merchant's system, and its question says what. The
// caller holds the hub's lock.
func (h *hub[Q, A]) start(q Q) *watch[Q, A] {
	ctx, end := context.WithCancel(trust.With(context.Background(), trust.System(q.of()))) // #nosec G118 -- the watch ends it
	w := &watch[Q, A]{hub: h, asked: q, end: end, counted: make(chan struct{}, 1), readers: map[chan A]struct{}{}}
	h.watches[q] = w
	go w.run(ctx)
	return w
}

func (h *hub[Q, A]) leave(w *watch[Q, A], c chan A) {
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
func (h *hub[Q, A]) drop(w *watch[Q, A]) {
	w.end()
	if h.watches[w.asked] == w {
		delete(h.watches, w.asked)
	}
}

// closeAll ends a watch that the server's stop has cut off.
func (h *hub[Q, A]) closeAll(w *watch[Q, A]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range w.readers {
		close(c)
	}
	clear(w.readers)
	h.drop(w)
}

// counted tells a merchant's watches that its numbers have just moved here.
// Where another server's follower moves them, the watches find out by looking.
func (h *hub[Q, A]) counted(merchant string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for q, w := range h.watches {
		if q.of() == merchant {
			select {
			case w.counted <- struct{}{}:
			default:
			}
		}
	}
}

// publish hands an answer to every reader; one who has not taken the last yet
// gets this one instead.
func (h *hub[Q, A]) publish(w *watch[Q, A], a A) {
	h.mu.Lock()
	defer h.mu.Unlock()
	changed := !w.told || !a.same(w.last)
	h.number++
	a = a.numbered(h.number)
	w.told, w.last = true, a
	if !changed {
		return
	}
	for c := range w.readers {
		select {
		case <-c:
		default:
		}
		c <- a // there is room: only this lock's holder sends
	}
}
