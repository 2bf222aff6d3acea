// Package allowance lets a caller do so much at so many servers, and no more,
// without asking the database about each request.
//
// Means: an allowance is named by a text and bounded by a pace.Limit. A server
// takes a lease, a tenth of the burst or what is asked for at once when that is
// more, out of the allowance that all servers share, and spends it from memory.
// Where there is one server nothing is shared and the allowance itself is in memory.
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
	return d.TakeMany(ctx, id, l, 1)
}

// TakeMany takes so many units at once, all or none. No units are a look, and more
// than Burst are never granted.
func (d *Desk) TakeMany(ctx context.Context, id string, l pace.Limit, units int) pace.Verdict {
	now := d.cfg.Clock()
	c := d.caller(id, l, now)
	c.mu.Lock() // one request at a time finds the lease spent and takes the next
	defer c.mu.Unlock()
	if d.cfg.Shared == nil {
		next, v := l.Spend(earlier(c.arrival, now.Add(l.Span())), now, units) // a clock set back finds it empty, no worse
		c.arrival = next
		return v
	}
	if c.lease > 0 && now.Sub(c.taken) >= l.Span() {
		c.lease = 0
	}
	if more := units - c.lease; more > 0 && !now.Before(c.opens(l, more)) {
		d.draw(ctx, id, c, l, now, more)
	}
	if c.lease < units {
		return c.refusal(l, now, units)
	}
	c.lease -= units
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

// Remembered is how many callers are.
func (d *Desk) Remembered() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.callers)
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

// draw takes a lease, or more where that is not enough, or what is left when that
// is less and enough.
func (d *Desk) draw(ctx context.Context, id string, c *caller, l pace.Limit, now time.Time, more int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	want := max(more, l.Burst/shares)
	v, err := d.cfg.Shared(ctx, id, l, want)
	if err == nil && !v.Granted && v.Remaining >= more {
		want = v.Remaining
		v, err = d.cfg.Shared(ctx, id, l, want)
	}
	c.left, c.seen, c.empty = v.Remaining, now, now.Add(v.Full-l.Span())
	if err != nil {
		d.cfg.Log.Warn("a shared allowance cannot be read; requests pass", "error", err)
		c.empty = time.Time{}
	} else if !v.Granted {
		c.refused = now
		return
	}
	c.lease, c.taken = c.lease+want, now
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
