package track

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store"
)

var clickColumns = []string{
	"id", "merchant_id", "created_at", "program_id", "affiliate_id", "link_id", "clicked_at",
	"kind", "payable", "reason", "consent", "sub_ids", "referrer", "agent", "network_hash", "visitor_hash",
}

func (r clickRow) values(now time.Time) []any {
	return []any{
		r.id.String(), r.owner.MerchantID, now, r.owner.ProgramID, r.owner.AffiliateID, r.owner.ID, r.id.clickedAt(),
		kindNames[r.kind], r.id.payable(), r.reason, r.consent, orNull(string(r.subIDs)), r.referrer, r.agent, blobOrNull(r.network), blobOrNull(r.visitor),
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func blobOrNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// putClicks inserts rows and gives those that were not there yet.
func putClicks(ctx context.Context, tx *store.Tx, postgres bool, rows []clickRow) ([]clickRow, error) {
	if !postgres {
		return putOneByOne(ctx, tx, rows)
	}
	err := tx.Savepoint(ctx, func(ctx context.Context) error { return copyClicks(ctx, tx, rows) })
	if store.IsUnique(err) || store.IsUnsupported(err) {
		return putMissing(ctx, tx, rows)
	}
	return rows, err
}

// copyClicks is the fast way, and all or nothing: one click that is there
// already fails it, and so does a log-in that row-level security applies to.
func copyClicks(ctx context.Context, tx *store.Tx, rows []clickRow) error {
	st, err := tx.Prepare(ctx, "COPY clicks ("+strings.Join(clickColumns, ", ")+") FROM STDIN")
	if err != nil {
		return err
	}
	defer st.Close()
	for _, r := range rows {
		if _, err := st.ExecContext(ctx, r.values(tx.Now())...); err != nil {
			return err
		}
	}
	if _, err := st.ExecContext(ctx); err != nil {
		return err
	}
	return st.Close()
}

// missingChunk bounds one statement to well below 65 535 parameters.
const missingChunk = 1000

// putMissing is for a batch that was delivered before, in part or whole, and for
// one that cannot be copied.
func putMissing(ctx context.Context, tx *store.Tx, rows []clickRow) (fresh []clickRow, err error) {
	byID := make(map[string]clickRow, len(rows))
	for _, r := range rows {
		byID[r.id.String()] = r
	}
	for chunk := range slices.Chunk(rows, missingChunk) {
		args := make([]any, 0, len(chunk)*len(clickColumns))
		for _, r := range chunk {
			args = append(args, r.values(tx.Now())...)
		}
		ids, err := insertedIDs(ctx, tx, `INSERT INTO clicks (`+strings.Join(clickColumns, ", ")+`) VALUES `+
			placeholders(len(chunk), len(clickColumns))+` ON CONFLICT DO NOTHING RETURNING id`, args)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			fresh = append(fresh, byID[id])
		}
	}
	return fresh, nil
}

func insertedIDs(ctx context.Context, tx *store.Tx, query string, args []any) (ids []string, err error) {
	found, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var id string
		if err := found.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, found.Err()
}

// putOneByOne is the fast way on SQLite: one prepared statement, no round trips.
func putOneByOne(ctx context.Context, tx *store.Tx, rows []clickRow) (fresh []clickRow, err error) {
	st, err := tx.Prepare(ctx, `INSERT INTO clicks (`+strings.Join(clickColumns, ", ")+`) VALUES `+
		placeholders(1, len(clickColumns))+` ON CONFLICT DO NOTHING`)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	fresh = make([]clickRow, 0, len(rows))
	for _, r := range rows {
		done, err := st.ExecContext(ctx, r.values(tx.Now())...)
		if err != nil {
			return nil, err
		}
		if n, err := done.RowsAffected(); err != nil {
			return nil, err
		} else if n == 1 {
			fresh = append(fresh, r)
		}
	}
	return fresh, nil
}

// placeholders spells n rows of k values.
func placeholders(n, k int) string {
	var b strings.Builder
	for i := range n * k {
		switch {
		case i == 0:
			b.WriteString("($")
		case i%k == 0:
			b.WriteString("),($")
		default:
			b.WriteString(",$")
		}
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}

// announce says how many clicks are new, so that a batch that comes again counts
// for nothing.
func announce(tx *store.Tx, fresh []clickRow) error {
	tallies := map[batch]*tally{}
	for _, r := range fresh {
		b := batch{r.owner.MerchantID, r.owner.ProgramID, r.owner.AffiliateID, r.id.clickedAt().Unix() / 900}
		if tallies[b] == nil {
			tallies[b] = &tally{}
		}
		tallies[b].add(r)
	}
	keys := make([]batch, 0, len(tallies))
	for b := range tallies {
		keys = append(keys, b)
	}
	slices.SortFunc(keys, func(a, b batch) int {
		return cmp.Or(cmp.Compare(a.merchant, b.merchant), cmp.Compare(a.program, b.program),
			cmp.Compare(a.affiliate, b.affiliate), cmp.Compare(a.quarter, b.quarter))
	})
	for _, b := range keys {
		if err := tx.As(b.merchant); err != nil {
			return fmt.Errorf("events of clicks: %w", err)
		}
		tx.Emit(b.event(tallies[b]))
	}
	return nil
}

func (b batch) event(t *tally) store.Event {
	return store.Event{
		Type: EventClicks, Subject: b.affiliate, ProgramID: b.program, AffiliateID: b.affiliate,
		Facts: canon.Facts{
			"clicks": strconv.Itoa(t.clicks), "unpayable": strconv.Itoa(t.unpayable),
			"first": t.first.Format(time.RFC3339Nano), "last": t.last.Format(time.RFC3339Nano),
		},
	}
}
