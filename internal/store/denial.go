package store

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/tributary/tributary/trust"
)

// Bounds of what refusals may write.
const (
	denialsEach    = 20          // rows for one principal in one denialSpan
	denialSpan     = time.Minute // then one row with the count of the rest
	denialsKnown   = 10_000      // principals remembered at once; the rest are counted in the log
	denialsAside   = 1024        // waiting to be found out about
	denialPatience = 5 * time.Second
)

// actionDenials is the action of a row that stands for many refusals.
const actionDenials = "denials"

// Denial is something that was refused to somebody who is known.
type Denial struct {
	Viewer  trust.Viewer // who, at which merchant
	Action  string       // the mutation, query or door
	Subject string       // what it was to be done to
	Reason  string       // why, in one word or two: a scope, "origin"
}

// denials bounds refusals: they cost the asker nothing, and must not fill the
// disk. Each server counts by itself.
type denials struct {
	mu    sync.Mutex
	heard map[string]*hearing // by merchant and principal
	lost  int                 // not remembered at all, since it was last told
	aside chan aside
}

// aside is a refusal whose asker is still to be found out.
type aside struct {
	request string
	find    func(context.Context) (Denial, bool)
}

// hearing is one principal's refusals since an instant.
type hearing struct {
	since         time.Time
	written, more int
	last          Denial
}

// admit reports whether a refusal gets a row of its own, and gives the row that
// is due for those of the span before that got none.
func (d *denials) admit(one Denial, now time.Time) (own bool, due *hearing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := one.Viewer.MerchantID + one.Viewer.PrincipalID
	h := d.heard[key]
	if h != nil && h.over(now) {
		due, h = h, nil
		delete(d.heard, key)
	}
	if h == nil {
		if len(d.heard) >= denialsKnown {
			d.lost++
			return false, due
		}
		if d.heard == nil {
			d.heard = map[string]*hearing{}
		}
		h = &hearing{since: now}
		d.heard[key] = h
	}
	if h.written < denialsEach {
		h.written++
		return true, due
	}
	h.more, h.last = h.more+1, one
	return false, due
}

// over also ends a span that began in the future: the clock was set back.
func (h *hearing) over(now time.Time) bool {
	return now.Sub(h.since) >= denialSpan || now.Before(h.since)
}

// take gives the spans that are over, or all, and forgets them.
func (d *denials) take(now time.Time, all bool) (due []*hearing, lost int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, h := range d.heard {
		if all || h.over(now) {
			due = append(due, h)
			delete(d.heard, key)
		}
	}
	lost, d.lost = d.lost, 0
	return due, lost
}

// Deny writes the audit row of a refusal, in a transaction of its own: the
// request's is taken back. Of one principal the first twenty in a minute get a
// row each, and the rest one row with their count, written within a minute after.
// It waits for the row. What cannot be written is logged: the refusal stands.
func (s *Store) Deny(ctx context.Context, one Denial) {
	if one.Viewer.MerchantID == "" {
		return
	}
	own, due := s.denials.admit(one, s.Now())
	s.tellRest(ctx, due)
	if own {
		s.writeDenial(ctx, one, map[string]string{"reason": one.Reason})
	}
}

// DenyAside is Deny for what must not be felt by the asker, not even by how long
// it takes: who was refused is found out, and written, by WriteDenials. When too
// many wait, the refusal is logged only.
func (s *Store) DenyAside(ctx context.Context, find func(context.Context) (Denial, bool)) {
	select {
	case s.denials.aside <- aside{RequestID(ctx), find}:
	default:
		s.Log().Warn("refusals come faster than they can be written")
	}
}

// WriteDenials writes what DenyAside put aside, and the counts of spans that are
// over, until ctx ends, then once more.
func (s *Store) WriteDenials(ctx context.Context) error {
	tick := time.NewTicker(denialSpan / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.settleDenials(context.WithoutCancel(ctx))
			return nil
		case one := <-s.denials.aside:
			s.findDenial(ctx, one)
		case <-tick.C:
			s.tellDue(ctx, false)
		}
	}
}

// settleDenials writes all that waits.
func (s *Store) settleDenials(ctx context.Context) {
	for {
		select {
		case one := <-s.denials.aside:
			s.findDenial(ctx, one)
		default:
			s.tellDue(ctx, true)
			return
		}
	}
}

func (s *Store) findDenial(ctx context.Context, a aside) {
	ctx, cancel := context.WithTimeout(WithRequest(context.WithoutCancel(ctx), a.request), denialPatience)
	defer cancel()
	if one, found := a.find(ctx); found {
		s.Deny(ctx, one)
	}
}

func (s *Store) tellDue(ctx context.Context, all bool) {
	due, lost := s.denials.take(s.Now(), all)
	for _, h := range due {
		s.tellRest(ctx, h)
	}
	if lost > 0 {
		s.Log().Warn("refusals of too many principals at once are in no audit", "count", lost)
	}
}

// tellRest writes the one row of the refusals that got none.
func (s *Store) tellRest(ctx context.Context, h *hearing) {
	if h == nil || h.more == 0 {
		return
	}
	rest := h.last
	rest.Action, rest.Subject = actionDenials, ""
	s.writeDenial(ctx, rest, map[string]string{"count": strconv.Itoa(h.more), "last": h.last.Action, "reason": h.last.Reason})
}

// writeDenial has a context of its own: the request may be over, and its
// idempotency key is the refused command's.
func (s *Store) writeDenial(ctx context.Context, one Denial, notes map[string]string) {
	fresh, cancel := context.WithTimeout(WithRequest(trust.With(context.Background(), one.Viewer), RequestID(ctx)), denialPatience)
	defer cancel()
	_, err := Run(fresh, s, Command{Name: one.Action, Subject: one.Subject, denied: true}, func(_ context.Context, tx *Tx) (int, error) {
		tx.Note("", notes)
		return 0, nil
	})
	if err != nil {
		s.Log().Error("a refusal is not in the audit", "action", one.Action, "principal", one.Viewer.PrincipalID, "error", err)
	}
}
