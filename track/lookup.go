package track

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

const (
	lookupPatience = 250 * time.Millisecond // a visitor waits no longer for a link that is not in memory
	lookupsAtOnce  = 32                     // strangers guessing addresses must not take the database's connections
	missingFor     = 5 * time.Second
	missingRoom    = 10_000
)

// errAway is for an address that cannot be looked up now.
var errAway = errors.New("track: links cannot be looked up")

// misses handles addresses that are not in memory: each is looked up once by
// however many ask, and remembered as unknown for a short while.
type misses struct {
	slots chan struct{}

	mu      sync.Mutex
	unknown map[key]time.Time // until when
	flights map[key]*flight
}

type flight struct {
	done chan struct{}
	link *link
	err  error
}

func newMisses() *misses {
	return &misses{slots: make(chan struct{}, lookupsAtOnce), unknown: map[key]time.Time{}, flights: map[key]*flight{}}
}

// find gives the link at an address, nil when there is none, or errAway.
func (s *Service) find(ctx context.Context, k key) (*link, error) {
	if l := s.index.find(k); l != nil {
		return l, nil
	}
	f := s.misses.join(k, s.store.Now(), func(f *flight) { s.lookUp(k, f) })
	if f == nil {
		return nil, nil
	}
	select {
	case <-f.done:
		return f.link, f.err
	case <-ctx.Done():
		return nil, errAway
	}
}

// join gives the flight for an address, started if none is under way; nil when
// the address is known to be unknown.
func (m *misses) join(k key, now time.Time, fly func(*flight)) *flight {
	m.mu.Lock()
	defer m.mu.Unlock()
	if until, ok := m.unknown[k]; ok && now.Before(until) {
		return nil
	}
	f := m.flights[k]
	if f == nil {
		f = &flight{done: make(chan struct{})}
		m.flights[k] = f
		go fly(f)
	}
	return f
}

// lookUp asks the database once. It does not end with the visitor who asked
// first: others may be waiting.
func (s *Service) lookUp(k key, f *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), lookupPatience)
	defer cancel()
	f.link, f.err = s.lookUpWithin(ctx, k)
	s.misses.land(k, f, s.store.Now(), func() *link { return s.index.find(k) })
}

func (s *Service) lookUpWithin(ctx context.Context, k key) (*link, error) {
	select {
	case s.misses.slots <- struct{}{}:
		defer func() { <-s.misses.slots }()
	case <-ctx.Done():
		return nil, errAway
	}
	s.counts.looked.Add(1)
	row, err := s.store.DoorLink(ctx, k.host, k.slug)
	switch {
	case problem.CodeOf(err) == problem.NotFound:
		return nil, nil
	case err != nil:
		s.store.Log().Warn("a link could not be looked up", "error", err)
		return nil, errAway
	}
	if err := s.takeIn(ctx, *row); err != nil {
		s.store.Log().Warn("a link's hosts could not be read", "error", err)
		return nil, errAway
	}
	return s.index.byNumber(row.Number), nil
}

// land ends a flight. A link that was created while the look-up read the rows
// before it is found all the same: whoever waits would otherwise get a 404 after
// linkCreate had returned. "Unknown" hides no link, because memory is asked first.
func (m *misses) land(k key, f *flight, now time.Time, again func() *link) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.flights, k)
	if f.link == nil && f.err == nil {
		if f.link = again(); f.link == nil {
			m.remember(k, now)
		}
	}
	close(f.done)
}

// remember keeps the list short: it is a shield, not a record.
func (m *misses) remember(k key, now time.Time) {
	if len(m.unknown) >= missingRoom {
		clear(m.unknown)
	}
	m.unknown[k] = now.Add(missingFor)
}
