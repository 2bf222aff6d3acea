package report

import (
	"context"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
)

// epoch is part of every cursor. It changes when places in the order come to
// mean something else, and makes all cursors from before expired.
const epoch = 1

func (s *Service) seal(merchant string, seq int64) string {
	return s.store.Keys().SealCursor(epoch, merchant, seq)
}

// place opens a cursor; without one it is where the kept feed begins. Errors:
// Invalid at after for a cursor that is malformed or another merchant's,
// CursorExpired for one whose next event is not kept any more, or that names a
// place this database has not reached (it was restored from an older copy).
func (s *Service) place(ctx context.Context, merchant, after string) (int64, error) {
	if after == "" {
		return s.beginning(ctx, merchant)
	}
	era, seq, err := s.store.Keys().OpenCursor(after, merchant)
	if err != nil {
		return 0, problem.At(problem.Invalid, "after", "is no cursor of this feed").Because(err)
	}
	if era != epoch {
		return 0, expired()
	}
	return seq, s.reachable(ctx, merchant, seq)
}

func (s *Service) reachable(ctx context.Context, merchant string, seq int64) error {
	head, err := s.store.Head(ctx)
	if err != nil {
		return err
	}
	if seq > head {
		return expired()
	}
	next, err := s.store.Events(ctx, merchant, seq, 1)
	if err == nil && len(next) > 0 && next[0].At.Before(s.oldest()) {
		err = expired()
	}
	return err
}

func expired() error {
	return problem.New(problem.CursorExpired, "the cursor is too old: take a snapshot and go on from its cursor")
}

// oldest is the instant from which events are kept.
func (s *Service) oldest() time.Time { return s.store.Now().Add(-s.keep) }

// beginning is the place before the first event that is kept. Event ids begin
// with their instant, so the last event that is too old is found by its id.
func (s *Service) beginning(ctx context.Context, merchant string) (seq int64, err error) {
	rows, err := s.store.Read(ctx, `SELECT o.seq FROM events e JOIN event_orders o ON o.event_id = e.id
		WHERE e.merchant_id = $1 AND e.id < $2 ORDER BY e.id DESC LIMIT 1`, merchant, firstID(s.oldest()))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&seq); err != nil {
			return 0, err
		}
	}
	return seq, rows.Err()
}

// firstID is below every event id made in at's millisecond or after it.
func firstID(at time.Time) string {
	var low [16]byte
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		low[i] = byte(ms >> (8 * (5 - i)))
	}
	return id.FromUUID(id.Event, low)
}
