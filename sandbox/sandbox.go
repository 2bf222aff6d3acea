// Package sandbox lets a merchant try things out.
//
// It means: every live merchant has a twin, another merchant row behind the same
// wall, whose money is not real. Its clock can be put forward; the rules of the
// twin go by it, and what falls due by it is done at once.
//
// It owns no rows: the clock is the roster's, what falls due is the rooms' own.
//
// It refuses to move a live merchant's clock.
//
// Invariants: the clock only goes forward, and a year at most; ids, the order of
// events, sessions and tokens go by the server's clock; no row of a live merchant
// is written for a sandbox's sake.
package sandbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
)

// Due does at a merchant what has fallen due by its clock, at most limit things,
// and gives how many it did.
type Due func(ctx context.Context, merchantID string, limit int) (int, error)

// Config is what the room needs.
type Config struct {
	Store  *store.Store
	Roster *roster.Service
	Due    []Due
}

// Service is the room. It is safe for concurrent use and keeps no state.
type Service struct{ cfg Config }

// New opens the room.
func New(c Config) *Service { return &Service{c} }

// Outcome is what a move of the clock has led to.
type Outcome struct {
	MerchantID string
	Now        time.Time // by the sandbox's clock
	Done       int       // things that had fallen due
}

// dueBatch is how much one command does of what has fallen due.
const dueBatch = 200

// ClockAdvance puts the clock of the viewer's sandbox forward and does what falls
// due by it before it answers. What fails of that is logged and done by the
// schedule: the clock has moved. Errors: those of roster.ClockAdvance.
func (s *Service) ClockAdvance(ctx context.Context, in roster.ClockAdvanceInput) (Outcome, error) {
	moved, err := s.cfg.Roster.ClockAdvance(ctx, in)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{MerchantID: moved.MerchantID, Now: moved.Now}
	for _, do := range s.cfg.Due {
		n, err := exhaust(ctx, do, moved.MerchantID)
		if out.Done += n; err != nil {
			s.cfg.Store.Log().ErrorContext(ctx, "what fell due in a sandbox is left to the schedule", slog.String("merchant", moved.MerchantID), slog.Any("error", err))
		}
	}
	return out, nil
}

// exhaust repeats work until a batch was not full.
func exhaust(ctx context.Context, do Due, merchantID string) (done int, err error) {
	for {
		n, err := do(ctx, merchantID, dueBatch)
		if done += n; err != nil || n < dueBatch {
			return done, err
		}
	}
}
