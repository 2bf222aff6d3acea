package track

import (
	"bytes"
	"context"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
)

// EventClicks says that clicks of an affiliate in a program were stored, all within one
// quarter of an hour. Facts clicks, unpayable of them, first and last instant.
const EventClicks = "clicks.recorded"

// ClickSpan is clicks of an affiliate in a program, from an instant until another, to
// the millisecond. Their rows were stored between two others, by the server's clock.
type ClickSpan struct {
	ProgramID, AffiliateID  string
	From, Until             time.Time
	StoredFrom, StoredUntil time.Time
	// Repeats looks at every visitor's clicks too, for those that repeat within minutes
	// and were answered by servers that did not know of each other.
	Repeats bool
}

// ClickCount is how many clicks there were.
type ClickCount struct {
	All          int64
	Unpayable    int64 // that may not earn, of what was looked at
	Unidentified int64 // that may, of visitors who allow no identifiers
	Networks     int64 // from how many networks the others came
}

// CountClicksIn counts the viewer's merchant's clicks of a span. It reads as many rows
// as the affiliate has in it, by the index of its list: a click's id begins with when it
// was clicked, its row says when it was stored.
func CountClicksIn(ctx context.Context, tx *store.Tx, c ClickSpan) (n ClickCount, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*), COUNT(CASE WHEN NOT payable THEN 1 END),
			COUNT(CASE WHEN payable AND network_hash IS NULL THEN 1 END), COUNT(DISTINCT CASE WHEN payable THEN network_hash END)
		FROM clicks WHERE merchant_id = $1 AND affiliate_id = $2 AND created_at >= $3 AND created_at <= $4 AND program_id = $5 AND id >= $6 AND id < $7`,
		tx.MerchantID(), c.AffiliateID, c.StoredFrom, c.StoredUntil, c.ProgramID, id.First(id.Click, c.From), id.First(id.Click, c.Until),
	).Scan(&n.All, &n.Unpayable, &n.Unidentified, &n.Networks)
	if err != nil || !c.Repeats {
		return n, err
	}
	repeats, err := repeatsIn(ctx, tx, c)
	n.Unpayable += repeats
	return n, err
}

// repeatsIn counts the clicks of visitors that came within repeatWithin of one that counts.
func repeatsIn(ctx context.Context, tx *store.Tx, c ClickSpan) (n int64, err error) {
	rows, err := tx.Query(ctx, `SELECT visitor_hash, clicked_at FROM clicks
		WHERE merchant_id = $1 AND affiliate_id = $2 AND created_at >= $3 AND created_at <= $4 AND program_id = $5 AND id >= $6 AND id < $7
		AND payable AND visitor_hash IS NOT NULL ORDER BY visitor_hash, id`,
		tx.MerchantID(), c.AffiliateID, c.StoredFrom, c.StoredUntil, c.ProgramID, id.First(id.Click, c.From), id.First(id.Click, c.Until))
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // only read
	var who, last []byte
	var at, counted time.Time
	for rows.Next() {
		if err := rows.Scan(&who, &at); err != nil {
			return 0, err
		}
		if bytes.Equal(who, last) && at.Sub(counted) < repeatWithin {
			n++
			continue
		}
		last, counted = append(last[:0], who...), at
	}
	return n, rows.Err()
}
