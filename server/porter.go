package server

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// class is how much a request matters when there is too much to do. Redirects
// have no class: they never wait here.
type class int

// The classes, what matters most first.
const (
	intake  class = iota // orders, refunds, applications
	writing              // whatever else changes something
	reading              // questions, the explorer, streams that begin
	classes
)

// String is the class in metrics.
func (c class) String() string { return [...]string{"intake", "writing", "reading"}[c] }

// porter lets so many requests work at once, keeps some room free for those that
// matter more, and turns away what would wait too long. Beyond what the machine
// can do at once more work under way only makes each slower: in a queue without
// an end every request is answered too late and none is answered well.
type porter struct {
	mu      sync.Mutex
	room    [classes]int // how many may be under way when one of the class enters
	under   int
	waiting [classes][]chan struct{}
	shed    [classes]atomic.Uint64
}

// wait is how long a request may wait to enter: long enough for a burst to pass,
// short enough for the client to be told while it still listens.
var wait = [classes]time.Duration{intake: 2 * time.Second, writing: 500 * time.Millisecond, reading: 250 * time.Millisecond}

// waiters bounds how many of a class wait, in multiples of the room.
const waiters = 4

func newPorter(room int) *porter {
	return &porter{room: [classes]int{intake: room, writing: max(1, room*7/8), reading: max(1, room*3/4)}}
}

// enter waits until the request may work, and gives what to call afterwards;
// false when it is turned away.
func (p *porter) enter(ctx context.Context, c class) (leave func(), ok bool) {
	turn, ok := p.queue(c)
	if !ok {
		p.shed[c].Add(1)
		return nil, false
	}
	if turn == nil {
		return p.leave, true
	}
	patience := time.NewTimer(wait[c])
	defer patience.Stop()
	select {
	case <-turn:
		return p.leave, true
	case <-patience.C:
	case <-ctx.Done():
	}
	if p.giveUp(c, turn) {
		p.shed[c].Add(1)
		return nil, false
	}
	return p.leave, true // its turn came at the same moment
}

// queue takes a place: at work (nil), or in the queue of the class.
func (p *porter) queue(c class) (turn chan struct{}, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.under < p.room[c] && !p.awaited(c) {
		p.under++
		return nil, true
	}
	if len(p.waiting[c]) >= waiters*p.room[c] {
		return nil, false
	}
	turn = make(chan struct{})
	p.waiting[c] = append(p.waiting[c], turn)
	return turn, true
}

// awaited reports whether somebody who matters as much or more waits already.
func (p *porter) awaited(c class) bool {
	for more := range c + 1 {
		if len(p.waiting[more]) > 0 {
			return true
		}
	}
	return false
}

// leave ends one and lets in those who matter most and have waited longest.
func (p *porter) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.under--
	for c := range classes {
		for len(p.waiting[c]) > 0 && p.under < p.room[c] {
			close(p.waiting[c][0])
			p.waiting[c] = p.waiting[c][1:]
			p.under++
		}
		if len(p.waiting[c]) > 0 {
			return
		}
	}
}

// giveUp leaves the queue; false when the turn had come.
func (p *porter) giveUp(c class, turn chan struct{}) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.waiting[c] {
		if other == turn {
			p.waiting[c] = append(p.waiting[c][:i:i], p.waiting[c][i+1:]...)
			return true
		}
	}
	return false
}

// crowded reports whether somebody waits: no time for what can come later.
func (p *porter) crowded() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.awaited(reading)
}
