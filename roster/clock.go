package roster

import (
	"context"
	"strconv"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// MaxAhead is how far a sandbox's clock may be put forward in all: a year and a
// day, so that an order of today is not too old for it.
const MaxAhead = 366 * 24 * time.Hour

// ClockAdvanceInput puts a sandbox's clock forward: by a span or to an instant,
// one of the two.
type ClockAdvanceInput struct {
	By time.Duration
	To time.Time
}

// ClockOutcome is where the clock stands.
type ClockOutcome struct {
	MerchantID string
	Now        time.Time
}

// ClockAdvance puts the clock of the viewer's sandbox forward. It never goes
// back. What falls due by it is not done here. Errors: WRONG_STATE for a live
// merchant; INVALID bySeconds or to, TOO_LARGE beyond MaxAhead; CONFLICT when it was
// moved at the same time.
func (s *Service) ClockAdvance(ctx context.Context, in ClockAdvanceInput) (ClockOutcome, error) {
	if (in.By != 0) == !in.To.IsZero() {
		return ClockOutcome{}, problem.At(problem.Invalid, "bySeconds", "give either a span or an instant")
	}
	return store.Run(ctx, s.store, store.Command{Name: "clockAdvance"}, in.run)
}

func (in ClockAdvanceInput) run(ctx context.Context, tx *store.Tx) (ClockOutcome, error) {
	m, err := tx.Ent().Merchant.Get(ctx, tx.MerchantID())
	if err != nil {
		return ClockOutcome{}, err
	}
	if m.Mode != merchant.ModeTEST {
		return ClockOutcome{}, problem.New(problem.State, "only a sandbox's clock can be moved")
	}
	ahead, err := in.ahead(time.Duration(m.ClockAheadMs)*time.Millisecond, tx.Now())
	if err != nil {
		return ClockOutcome{}, err
	}
	// Of two moves from one state the second finds no row: it would else take the
	// first one back.
	err = tx.Ent().Merchant.UpdateOne(m).Where(merchant.ClockAheadMs(m.ClockAheadMs)).SetClockAheadMs(ahead.Milliseconds()).Exec(ctx)
	if ent.IsNotFound(err) {
		return ClockOutcome{}, problem.New(problem.Conflict, "the clock was moved at the same time")
	}
	if err != nil {
		return ClockOutcome{}, err
	}
	tx.Note(m.ID, nil)
	tx.Emit(store.Event{Type: store.EventClock, Subject: m.ID, Facts: canon.Facts{"ahead_ms": strconv.FormatInt(ahead.Milliseconds(), 10)}})
	tx.AfterCommit(func() { tx.Store().PutForward(m.ID, ahead) })
	return ClockOutcome{MerchantID: m.ID, Now: tx.Now().Add(ahead)}, nil
}

// ahead is how far the clock is to be ahead of the server's.
func (in ClockAdvanceInput) ahead(before time.Duration, now time.Time) (time.Duration, error) {
	field, ahead := "bySeconds", before+min(in.By, MaxAhead+time.Millisecond)
	if !in.To.IsZero() {
		field, ahead = "to", in.To.Sub(now)
	}
	ahead = ahead.Truncate(time.Millisecond)
	switch {
	case ahead <= before:
		return 0, problem.At(problem.Invalid, field, "must lead to later than %s", now.Add(before).Format(time.RFC3339))
	case ahead > MaxAhead:
		return 0, problem.At(problem.TooLarge, field, "the clock may be at most %d days ahead", MaxAhead/(24*time.Hour))
	}
	return ahead, nil
}
