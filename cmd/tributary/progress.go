package main

import (
	"fmt"
	"io"
	"time"
)

// progress tells of long work, a line a second, and nothing of short work.
type progress struct {
	to   io.Writer
	next time.Time
}

func (a *app) progress() *progress {
	return &progress{to: a.stderr, next: time.Now().Add(time.Second)}
}

// tell says how far something is; total is 0 when nobody knows.
func (p *progress) tell(what string, done, total int64) {
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(time.Second)
	if total > 0 {
		fmt.Fprintf(p.to, "%s … %d of %d (%d %%)\n", what, done, total, 100*done/total)
		return
	}
	fmt.Fprintf(p.to, "%s … %d\n", what, done)
}
