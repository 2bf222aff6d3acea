package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"
)

// sequencerName is the row of followers in which the sequencer keeps its bound.
const sequencerName = "sequencer"

// savedBound reads the saved bound. The row says which transaction saved it;
// after a dump is restored into a new cluster, another transaction wrote the
// row, transactions count from anew, and the bound means nothing.
const savedBound = `SELECT split_part(state, '/', 1) FROM followers
	WHERE id = $1 AND state LIKE '%/%' AND xmin::text::bigint = split_part(state, '/', 2)::bigint % 4294967296`

// savePause is how often the bound is saved while events come. A sequencer that
// is elected looks again at the events of this time.
const savePause = time.Second

// sweepPage is how many events a sweep looks at in one query, of about a fifth
// of a second.
const sweepPage = 100_000

// endOfIDs is greater than every id.
const endOfIDs = "~"

// oldestUnplaced looks at the events of a range of ids.
const oldestUnplaced = `SELECT min(e.xid::text::bigint)::text FROM events e WHERE e.id > $1 AND e.id <= $2
	AND NOT EXISTS (SELECT 1 FROM event_orders o WHERE o.event_id = e.id AND o.event_id > $1 AND o.event_id <= $2)`

// bound is the transaction below which every event is placed or will never be.
type bound struct {
	xid    string
	moved  bool // events were placed since it was saved
	saveAt time.Time
}

// startBound is the bound of the sequencer before, or that of a sweep through
// the whole journal when there is none: the price of a first start.
func startBound(ctx context.Context, conn *sql.Conn) (*bound, error) {
	b := &bound{}
	err := conn.QueryRowContext(ctx, savedBound, sequencerName).Scan(&b.xid)
	if errors.Is(err, sql.ErrNoRows) {
		b.xid, err = sweep(ctx, conn, sweepPage)
		b.moved = true
	}
	return b, err
}

// save keeps the bound for the next sequencer.
func (b *bound) save(ctx context.Context, conn *sql.Conn, placed int, now time.Time) error {
	b.moved = b.moved || placed > 0
	if !b.moved || time.Now().Before(b.saveAt) {
		return nil
	}
	b.moved, b.saveAt = false, time.Now().Add(savePause)
	_, err := conn.ExecContext(ctx, `INSERT INTO followers (id, seq, state, moved_at)
		VALUES ($1, (SELECT coalesce(max(seq), 0) FROM event_orders), $2 || '/' || pg_current_xact_id()::text, $3)
		ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, state = excluded.state, moved_at = excluded.moved_at`,
		sequencerName, b.xid, now)
	return err
}

// sweep finds the oldest transaction with an event that has no place, among all
// events, or the oldest that was open when it began.
func sweep(ctx context.Context, conn *sql.Conn, page int) (string, error) {
	var oldest string
	if err := conn.QueryRowContext(ctx, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text`).Scan(&oldest); err != nil {
		return "", err
	}
	for low, high := "", ""; high != endOfIDs; low = high {
		err := conn.QueryRowContext(ctx, `SELECT coalesce((SELECT id FROM events WHERE id > $1 ORDER BY id OFFSET $2 LIMIT 1), $3)`, low, page, endOfIDs).Scan(&high)
		if err != nil {
			return "", err
		}
		var unplaced sql.NullString
		if err := conn.QueryRowContext(ctx, oldestUnplaced, low, high).Scan(&unplaced); err != nil {
			return "", err
		}
		if unplaced.Valid {
			oldest = older(oldest, unplaced.String)
		}
	}
	return oldest, nil
}

// older is the lesser of two transactions' numbers.
func older(a, b string) string {
	x, _ := strconv.ParseUint(a, 10, 64)
	y, _ := strconv.ParseUint(b, 10, 64)
	return strconv.FormatUint(min(x, y), 10)
}
