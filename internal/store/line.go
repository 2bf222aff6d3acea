package store

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// line is where commands stand for SQLite's one writer, first come, first served.
type line struct {
	mu      sync.Mutex
	taken   bool // somebody has the writer
	waiting []*waiter
	usual   map[string]time.Duration // how long a command of this name works
	longest time.Duration            // of a share, when it is not shareFor

	waits  int64 // how many had to wait, ever
	waited time.Duration
}

// waiter is one command in the line. Its turn comes with the transaction that it
// goes on with, or with none.
type waiter struct {
	name string
	turn chan *share
}

// namesKnown bounds the names whose time is remembered. There are fewer.
const namesKnown = 1000

// enter waits for the writer. Who has it must pass it or hand it on.
func (l *line) enter(ctx context.Context, name string) (*share, error) {
	p, free := l.stand(name)
	if free {
		return nil, nil
	}
	defer l.count(time.Now())
	select {
	case sh := <-p.turn:
		return sh, nil
	case <-ctx.Done():
	}
	if l.withdraw(p) {
		return nil, ctx.Err()
	}
	return <-p.turn, nil // it came in the same moment, with what others wrote
}

func (l *line) stand(name string) (p *waiter, free bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.taken {
		l.taken = true
		return nil, true
	}
	p = &waiter{name: name, turn: make(chan *share, 1)}
	l.waiting = append(l.waiting, p)
	return p, false
}

// count adds a wait to the metrics.
func (l *line) count(since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits++
	l.waited += time.Since(since)
}

func (l *line) withdraw(p *waiter) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.Index(l.waiting, p)
	if at >= 0 {
		l.waiting = slices.Delete(l.waiting, at, at+1)
	}
	return at >= 0
}

// pass gives the writer to the next in line, without a transaction.
func (l *line) pass() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.taken = false
		return
	}
	l.first() <- nil
}

// handOn gives the writer and the open transaction to the next in line, and reports
// false when it must be committed now: nobody waits, it holds enough, or the next
// would keep those who are done waiting for too long. A command that nobody has
// timed yet is taken for a long one.
func (l *line) handOn(sh *share) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 || sh.members >= shareMost || sh.lost() != nil {
		return false
	}
	takes, known := l.usual[l.waiting[0].name]
	if !known || time.Since(sh.began)+takes > cmp.Or(l.longest, shareFor) {
		return false
	}
	l.first() <- sh
	return true
}

func (l *line) first() chan<- *share {
	p := l.waiting[0]
	l.waiting = slices.Delete(l.waiting, 0, 1)
	return p.turn
}

// learn takes in how long a command worked; one long run is not forgotten at once.
func (l *line) learn(name string, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was, known := l.usual[name]
	switch {
	case l.usual == nil || !known && len(l.usual) >= namesKnown:
		l.usual = map[string]time.Duration{name: took}
	case !known || took > was && took > shareFor:
		l.usual[name] = took
	default:
		l.usual[name] = (3*was + took) / 4
	}
}
