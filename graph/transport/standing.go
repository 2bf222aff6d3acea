package transport

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// standing looks again and again at the credentials of connections that outlive
// their request, each once however many connections it opened. It runs while
// there are any.
type standing struct {
	again Authenticate
	every time.Duration

	mu   sync.Mutex
	held map[credential]map[*watch]struct{}
	stop chan struct{} // nil while nothing runs
}

// credential is what a connection was opened with.
type credential struct{ bearer, origin string }

// watch is one connection's interest in its credential.
type watch struct {
	viewer trust.Viewer
	lost   func(error)
}

func newStanding(again Authenticate, every time.Duration) *standing {
	return &standing{again: again, every: every, held: map[credential]map[*watch]struct{}{}}
}

// watch calls lost, which must not wait, when the credential no longer makes its
// holder the viewer it made, until leave is called.
func (s *standing) watch(c credential, v trust.Viewer, lost func(error)) (leave func()) {
	w := &watch{v, lost}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[c] == nil {
		s.held[c] = map[*watch]struct{}{}
	}
	s.held[c][w] = struct{}{}
	if s.stop == nil {
		s.stop = make(chan struct{})
		go s.run(s.stop)
	}
	return func() { s.leave(c, w) }
}

func (s *standing) leave(c credential, w *watch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if delete(s.held[c], w); len(s.held[c]) > 0 {
		return
	}
	if delete(s.held, c); len(s.held) == 0 && s.stop != nil {
		close(s.stop)
		s.stop = nil
	}
}

func (s *standing) run(stop chan struct{}) {
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			s.round()
		}
	}
}

// lookers is how many credentials are looked at at once; lookTime is what the
// database has for one. A credential that could not be looked at stands.
const (
	lookers  = 4
	lookTime = 5 * time.Second
)

func (s *standing) round() {
	work := make(chan credential)
	var wg sync.WaitGroup
	all := s.credentials()
	for range min(lookers, len(all)) {
		wg.Go(func() {
			for c := range work {
				s.look(c)
			}
		})
	}
	for _, c := range all {
		work <- c
	}
	close(work)
	wg.Wait()
}

func (s *standing) credentials() []credential {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]credential, 0, len(s.held))
	for c := range s.held {
		all = append(all, c)
	}
	return all
}

func (s *standing) look(c credential) {
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	v, err := s.again(ctx, c.bearer, c.origin)
	code := problem.CodeOf(err)
	if err != nil && code != problem.Unauthenticated && code != problem.Forbidden {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.held[c] {
		if err != nil || !same(v, w.viewer) {
			w.lost(problem.New(problem.Unauthenticated, "the token has expired, was revoked or means something else now").Because(err))
		}
	}
}

// same reports whether two viewers may do the same.
func same(a, b trust.Viewer) bool {
	return a.MerchantID == b.MerchantID && a.PrincipalID == b.PrincipalID && a.Kind == b.Kind && a.Role == b.Role &&
		a.AffiliateID == b.AffiliateID && a.Unverified == b.Unverified && slices.Equal(a.Scopes, b.Scopes)
}
