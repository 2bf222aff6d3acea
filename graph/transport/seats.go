package transport

import (
	"context"
	"sync"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// seats counts what each client of this server holds.
type seats struct {
	mu    sync.Mutex
	taken map[string]int
}

func newSeats() *seats { return &seats{taken: map[string]int{}} }

// seat names what is counted: the principal's things of a kind, or the address's
// when there is no token.
func seat(kind string, ctx context.Context, address string) string {
	if v, known := trust.From(ctx); known {
		return kind + " " + v.PrincipalID
	}
	return kind + " at " + address
}

// take gives a seat until leave is called. Errors: RateLimited when all that the
// client may have are taken.
func (s *seats) take(name string, limit int) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[name] >= limit {
		return nil, &problem.Error{Code: problem.RateLimited, Message: "too many connections: close one first", RetryAfter: seatRetry}
	}
	s.taken[name]++
	return sync.OnceFunc(func() { s.leave(name) }), nil
}

// seatRetry is when a seat may be free again.
const seatRetry = time.Second

func (s *seats) leave(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[name]--; s.taken[name] == 0 {
		delete(s.taken, name)
	}
}
