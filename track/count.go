package track

import (
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
}

// ClickCount is how many clicks there were.
type ClickCount struct {
	All          int64
	Unpayable    int64 // that may not earn
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
	return n, err
}
