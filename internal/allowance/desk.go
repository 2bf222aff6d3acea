// Package allowance lets a caller do so much at so many servers, and no more,
// without asking the database about each request.
//
// Means: an allowance is named by a text and bounded by a pace.Limit. A server
// takes a lease, a tenth of the burst, out of the allowance that all servers
// share, and spends it from memory. Where there is one server nothing is shared
// and the allowance itself is in memory.
//
// Owns: the leases. The shared allowances are the store's (RateBucket).
//
// Refuses nothing itself: it says whether a request is within the allowance.
//
// Invariants: what is granted by all servers together within any time is within
// one burst of the formula, for up to ten servers, since a lease is taken out of
// the allowance before it is spent; a lease that was not spent while a whole
// allowance would have filled is given up. When the shared allowances cannot be
// read, requests are let through: a limit must not take the house down.
package allowance

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tributary/tributary/trust/pace"
)

const (
	// shares is into how many leases an allowance falls.
	shares = 10
	// breath is how long an empty allowance is left alone: a caller that keeps
	// knocking costs the database at most twenty questions a second per server.
	breath = 50 * time.Millisecond
	// patience bounds the wait for the shared allowance.
	patience = 250 * time.Millisecond
	// limit bounds the callers remembered.
	limit = 1 << 16
)

// Spend takes cost units from an allowance that all servers share.
type Spend func(ctx context.Context, id string, l pace.Limit, cost int) (pace.Verdict, error)

// Config of a desk.
type Config struct {
	Shared Spend // nil where this is the only server
	Clock  func() time.Time
	Log    *slog.Logger
}

// Desk hands out allowances at one server. It is safe for concurrent use.
type Desk struct {
	cfg     Config
	mu      sync.Mutex
	callers map[string]*caller
}

// New opens a desk.
func New(c Config) *Desk { return &Desk{cfg: c, callers: map[string]*caller{}} }

// Take takes one unit from an allowance. A refusal takes nothing.
func (d *Desk) Take(ctx context.Context, id string, l pace.Limit) pace.Verdict {
	now := d.cfg.Clock()
	c := d.caller(id, l, now)
	c.mu.Lock() // one request at a time finds the lease spent and takes the next
	defer c.mu.Unlock()
	if d.cfg.Shared == nil {
		next, v := l.Spend(c.arrival, now, 1)
		c.arrival = next
		return v
	}
	if c.lease > 0 && now.Sub(c.taken) >= l.Span() {
		c.lease = 0
	}
	if c.lease == 0 && !now.Before(c.closed) {
		d.draw(ctx, id, c, l, now)
	}
	if c.lease == 0 {
		return c.refusal(l, now)
	}
	c.lease--
	return c.grant(l, now)
}

// caller finds what is known of an allowance. When too many are remembered
// those are forgotten that would be full again by now; should that not help,
// all are, which costs each at most a lease.
func (d *Desk) caller(id string, l pace.Limit, now time.Time) *caller {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.callers[id]
	if c == nil {
		if len(d.callers) >= limit {
			d.sweep(now)
		}
		c = &caller{}
		d.callers[id] = c
	}
	c.forget = now.Add(l.Span())
	return c
}

func (d *Desk) sweep(now time.Time) {
	for id, c := range d.callers {
		if c.forget.Before(now) {
			delete(d.callers, id)
		}
	}
	if len(d.callers) >= limit {
		clear(d.callers)
	}
}

// draw takes a lease, or what is left when that is less.
func (d *Desk) draw(ctx context.Context, id string, c *caller, l pace.Limit, now time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	want := max(1, l.Burst/shares)
	v, err := d.cfg.Shared(ctx, id, l, want)
	if err == nil && !v.Granted && v.Remaining > 0 {
		want = v.Remaining
		v, err = d.cfg.Shared(ctx, id, l, want)
	}
	c.taken, c.left = now, v.Remaining
	switch {
	case err != nil:
		d.cfg.Log.Warn("a shared allowance cannot be read; requests pass", "error", err)
		c.lease = want
	case v.Granted:
		c.lease = want
	default:
		c.opens = now.Add(max(v.Full+l.Every-l.Span(), l.Every/2))
		c.closed = later(c.opens, now.Add(breath))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
