package bus

import (
	"slices"
	"sync"
	"time"
)

// maxWaiting groups may queue behind the one being published: 64 × 256 callers.
const maxWaiting = 64

// group is the records that share one message, and with it one fate.
type group struct {
	frame []byte
	count int
	timer *time.Timer
	once  sync.Once
	done  chan struct{} // closed when fate is known
	fate  Reason        // accepted or why not; read after done
}

// settle decides the group once and releases everyone who waits for it.
func (g *group) settle(fate Reason) {
	g.once.Do(func() {
		g.timer.Stop()
		g.fate = fate
		close(g.done)
	})
}

func (g *group) fits(record []byte) bool {
	return g.count < maxGroupRecords && len(g.frame)+len(record)+3 <= maxGroupBytes
}

// queue gathers waiting records into groups, first come, first published.
//
// The lock covers the copy of a record into its group: a caller that gives up
// may reuse its bytes at once, while the publisher still reads the frame.
type queue struct {
	deadline time.Duration
	ready    chan struct{} // a token: some group waits

	mu      sync.Mutex
	waiting []*group
	closed  bool
	spare   [][]byte // frames of published groups, to be filled again
}

func newQueue(deadline time.Duration) *queue {
	return &queue{deadline: deadline, ready: make(chan struct{}, 1)}
}

// join puts a copy of record into the last group that has room, or a new one.
// At most limit groups may wait; then, and after close, it gives a reason instead.
func (q *queue) join(record []byte, limit int) (*group, Reason) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, Stopped
	}
	n := len(q.waiting)
	if n == 0 || !q.waiting[n-1].fits(record) {
		if n >= limit {
			return nil, Busy
		}
		q.begin()
	}
	g := q.waiting[len(q.waiting)-1]
	g.frame = appendRecord(g.frame, record)
	g.count++
	return g, accepted
}

// begin opens a group whose clock starts now: its first caller waits longest.
func (q *queue) begin() {
	g := &group{frame: q.buffer(), done: make(chan struct{})}
	g.timer = time.AfterFunc(q.deadline, func() { q.expire(g) })
	q.waiting = append(q.waiting, g)
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

func (q *queue) buffer() []byte {
	if n := len(q.spare); n > 0 {
		frame := q.spare[n-1]
		q.spare = q.spare[:n-1]
		return frame[:frameHeader]
	}
	return make([]byte, frameHeader, 16<<10)
}

// take removes the oldest waiting group; nil when none waits.
func (q *queue) take() *group {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil
	}
	g := q.waiting[0]
	q.waiting = slices.Delete(q.waiting, 0, 1)
	return g
}

// recycle gives the frame of a published group back. Two are enough: one is
// published while the other fills.
func (q *queue) recycle(g *group) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.spare) < 2 {
		q.spare = append(q.spare, g.frame)
	}
	g.frame = nil
}

// expire refuses a group whose time is up. If it still waits it is forgotten,
// so that nobody joins a group that has already been answered.
func (q *queue) expire(g *group) {
	q.mu.Lock()
	q.waiting = slices.DeleteFunc(q.waiting, func(w *group) bool { return w == g })
	q.mu.Unlock()
	g.settle(Late)
}

// refuseAll answers everyone who waits with why.
func (q *queue) refuseAll(why Reason) {
	q.mu.Lock()
	waiting := q.waiting
	q.waiting = nil
	q.mu.Unlock()
	for _, g := range waiting {
		g.settle(why)
	}
}

// close lets nobody join any more; those who wait are still published.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}
