package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tributary/tributary/trust/pace"
)

// DoorSpend takes cost units from the allowance called id, which all servers of
// a house share: a kind, a colon, and an id or a keyed hash, up to 80 bytes,
// never a personal value. It is global because an allowance is spent before
// anybody is known. One statement decides and writes, so that of many who spend
// at once no two are granted the same unit. A refusal writes nothing.
func (s *Store) DoorSpend(ctx context.Context, id string, l pace.Limit, cost int) (pace.Verdict, error) {
	now := s.Now()
	if _, v := l.Spend(now, now, cost); !v.Granted {
		return v, nil // more than a full allowance
	}
	took := time.Duration(cost) * l.Every
	var arrival int64
	err := s.doorWrite.QueryRowContext(ctx, s.rebind(`INSERT INTO rate_buckets (id, arrival_us) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET arrival_us = CASE WHEN rate_buckets.arrival_us > $3 THEN rate_buckets.arrival_us ELSE $4 END + $5
		WHERE rate_buckets.arrival_us <= $6 RETURNING arrival_us`),
		id, now.Add(took).UnixMicro(), now.UnixMicro(), now.UnixMicro(), took.Microseconds(), now.Add(l.Span()-took).UnixMicro()).Scan(&arrival)
	if errors.Is(err, sql.ErrNoRows) {
		return s.refusal(ctx, id, l, now, cost)
	}
	_, v := l.Spend(time.UnixMicro(arrival), now, 0)
	return v, present(err)
}

// refusal tells how long to wait. Should the allowance have been refilled since,
// the wait is one unit's.
func (s *Store) refusal(ctx context.Context, id string, l pace.Limit, now time.Time, cost int) (pace.Verdict, error) {
	var arrival int64
	err := s.doorWrite.QueryRowContext(ctx, s.rebind(`SELECT arrival_us FROM rate_buckets WHERE id = $1`), id).Scan(&arrival)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return pace.Verdict{}, present(err)
	}
	_, v := l.Spend(time.UnixMicro(arrival), now, cost)
	if v.Granted {
		v.Granted, v.RetryAfter = false, l.Every
	}
	return v, nil
}

// DoorLook says what is left of an allowance without taking from it.
func (s *Store) DoorLook(ctx context.Context, id string, l pace.Limit) (pace.Verdict, error) {
	var arrival int64
	err := s.doorRead.QueryRowContext(ctx, s.rebind(`SELECT coalesce(max(arrival_us), 0) FROM rate_buckets WHERE id = $1`), id).Scan(&arrival)
	_, v := l.Spend(time.UnixMicro(arrival), s.Now(), 0)
	return v, present(err)
}

// DoorReturn gives back cost units of an allowance, as if they had not been
// taken. What is full stays full.
func (s *Store) DoorReturn(ctx context.Context, id string, l pace.Limit, cost int) error {
	back := time.Duration(cost) * l.Every
	_, err := s.doorWrite.ExecContext(ctx, s.rebind(`UPDATE rate_buckets SET arrival_us = arrival_us - $1 WHERE id = $2`), back.Microseconds(), id)
	return present(err)
}

// DoorRefill makes the allowance full again.
func (s *Store) DoorRefill(ctx context.Context, id string) error {
	_, err := s.doorWrite.ExecContext(ctx, s.rebind(`DELETE FROM rate_buckets WHERE id = $1`), id)
	return present(err)
}

// ForgetAllowances deletes up to limit allowances that are full again and
// reports how many: a full one and none are the same.
func (s *Store) ForgetAllowances(ctx context.Context, limit int) (int, error) {
	done, err := s.doorWrite.ExecContext(ctx, s.rebind(`DELETE FROM rate_buckets WHERE id IN
		(SELECT id FROM rate_buckets WHERE arrival_us <= $1 LIMIT $2)`), s.Now().UnixMicro(), limit)
	if err != nil {
		return 0, present(err)
	}
	n, err := done.RowsAffected()
	return int(n), err
}
