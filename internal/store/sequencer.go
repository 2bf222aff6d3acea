package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"
)

// Sequencing on PostgreSQL.
//
// Two commands may commit in another order than they took a number, so a
// number taken by the writer would let a reader pass a place that is filled
// later. Instead writers take no number and no lock; one elected server places
// committed events after the fact. It looks at events of transactions at or
// above a bound, the oldest transaction that was open when it last looked: every
// event below that bound is already placed or will never be. An open
// transaction therefore delays its own events only.
//
// Within one look events are placed in the order in which they were appended,
// by the database's own counter. A command that waited for another's rows
// appends after the other has committed, so no effect comes before its cause;
// by the events' ids, which carry the instants of the commands' beginnings, it
// could.

// sequencerLock is the advisory lock that elects the sequencer.
const sequencerLock = 0x7472_6962_7365_71

// sequencerBatch bounds one placing.
const sequencerBatch = 5000

const (
	sequencerPause = 20 * time.Millisecond // between looks while events come
	sequencerIdle  = 200 * time.Millisecond
	electionPause  = time.Second
)

const placeSQL = `
WITH fresh AS (
	SELECT e.id, e.merchant_id, e.appended FROM events e
	WHERE e.xid >= $1::xid8 AND NOT EXISTS (SELECT 1 FROM event_orders o WHERE o.event_id = e.id)
	ORDER BY e.appended LIMIT $2
), placed AS (
	INSERT INTO event_orders (seq, merchant_id, event_id)
	SELECT (SELECT coalesce(max(seq), 0) FROM event_orders) + row_number() OVER (ORDER BY appended), merchant_id, id FROM fresh
	RETURNING 1
)
SELECT (SELECT count(*) FROM placed), pg_snapshot_xmin(pg_current_snapshot())::text`

// Sequence gives committed events their places until ctx ends. Every server
// runs it; one is elected at a time, and another within two seconds of its
// loss. On SQLite the command places its events itself and this waits for ctx.
func (s *Store) Sequence(ctx context.Context) error {
	if !s.Postgres() {
		<-ctx.Done()
		return nil
	}
	for ctx.Err() == nil {
		if err := s.lead(ctx); err != nil && ctx.Err() == nil {
			s.Log().Warn("event sequencer stopped; another election follows", "error", err)
		}
		_ = sleep(ctx, electionPause)
	}
	return nil
}

// lead places events for as long as this server's connection holds the lock.
// The lock and the placing share one connection: when the connection is lost,
// so is the lock, and never one without the other.
func (s *Store) lead(ctx context.Context) error {
	conn, err := s.doorWrite.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	elected, err := tryLock(ctx, conn, sequencerLock)
	if err != nil || !elected {
		return err
	}
	defer unlock(ctx, conn, sequencerLock)
	b, err := startBound(ctx, conn)
	for err == nil {
		var placed int
		if placed, err = s.placeFrom(ctx, conn, b); err != nil {
			return err
		}
		s.sequenced(placed)
		err = s.sequencerWait(ctx, placed)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// placeFrom looks once and moves the bound, unless there may be more to see.
func (s *Store) placeFrom(ctx context.Context, conn *sql.Conn, b *bound) (int, error) {
	placed, xmin, err := place(ctx, conn, b.xid)
	if err != nil {
		return 0, err
	}
	if placed < sequencerBatch {
		b.xid = xmin
	}
	return placed, b.save(ctx, conn, placed, s.Now())
}

func place(ctx context.Context, conn *sql.Conn, xid string) (placed int, xmin string, err error) {
	bounded, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	err = conn.QueryRowContext(bounded, placeSQL, xid, sequencerBatch).Scan(&placed, &xmin)
	return placed, xmin, err
}

func (s *Store) sequenced(placed int) {
	s.lastSequenced.Store(s.cfg.Clock().UnixMilli())
	if placed > 0 {
		s.wakeReaders()
	}
}

// sequencerWait pauses: not at all behind a full batch, briefly while events
// come, longer when idle unless a commit wakes it.
func (s *Store) sequencerWait(ctx context.Context, placed int) error {
	switch {
	case placed == sequencerBatch:
		return ctx.Err()
	case placed > 0:
		return sleep(ctx, sequencerPause)
	}
	t := time.NewTimer(sequencerIdle)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.unplaced:
	case <-t.C:
	}
	return nil
}

// Lag is how many committed events have no place yet, up to 10 000: for
// readiness. It looks from the bound that was saved last.
func (s *Store) Lag(ctx context.Context) (n int64, err error) {
	if !s.Postgres() {
		return 0, nil
	}
	err = s.doorRead.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM events e
		WHERE e.xid >= coalesce((`+savedBound+`), '0')::xid8
		AND NOT EXISTS (SELECT 1 FROM event_orders o WHERE o.event_id = e.id) LIMIT 10000) AS waiting`, sequencerName).Scan(&n)
	return n, present(err)
}

// SequencerReady fails when no server has been seen to hold the sequencer's lock.
func (s *Store) SequencerReady(ctx context.Context) error {
	if !s.Postgres() {
		return nil
	}
	var held bool
	err := s.doorRead.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
		AND classid = $1 AND objid = $2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`,
		int64(sequencerLock>>32), int64(sequencerLock&0xffffffff)).Scan(&held)
	if err == nil && !held {
		err = fmt.Errorf("no server is sequencing events")
	}
	return err
}

func tryLock(ctx context.Context, conn *sql.Conn, key int64) (ok bool, err error) {
	err = conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, key).Scan(&ok)
	return ok, err
}

func unlock(ctx context.Context, conn *sql.Conn, key int64) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if _, err := conn.ExecContext(last, `SELECT pg_advisory_unlock($1)`, key); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // in the pool it would hold the lock for ever
	}
}
