package store

import (
	"context"
	"database/sql"
	"math/bits"
	"time"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
)

// Event is something a command says happened. Facts hold ids, hashes and
// amounts in minor units as text, never a personal value: the feed goes to
// partners and is kept for months.
type Event struct {
	ID          string
	Type        string // "commission.approved"
	Version     int    // of the facts' meaning; 1 when zero
	Subject     string // what it happened to
	ProgramID   string // "" when no program is concerned
	AffiliateID string // who may see it beside the merchant; "" for nobody
	Facts       canon.Facts
	MerchantID  string
	Seq         int64     // place in the order; set on read
	At          time.Time // the command's instant; set on read
}

// Emit says that something happened. It becomes visible to readers after the
// commit, at its place in the order.
func (tx *Tx) Emit(e Event) {
	e.ID, e.MerchantID, e.At = tx.ID(id.Event), tx.viewer.MerchantID, tx.now
	if e.Version == 0 {
		e.Version = 1
	}
	tx.events = append(tx.events, e)
}

// eventBatch and fewEvents bound how many events one statement inserts: on
// PostgreSQL a round trip is dear, on SQLite a long statement is.
const (
	eventBatch = 128
	fewEvents  = 8
)

// together is how many of n rows the next statement inserts. The few sizes that
// come keep the statements prepared.
func (s *Store) together(n int) int {
	switch {
	case n <= fewEvents:
		return n
	case !s.Postgres():
		return fewEvents
	}
	return min(1<<(bits.Len(uint(n))-1), eventBatch)
}

// appendEvents writes what happened, the last of it together with the records of
// the command.
func (tx *Tx) appendEvents(ctx context.Context, records []insert) error {
	rest := tx.events
	for n := tx.store.together(len(rest)); n < len(rest); n = tx.store.together(len(rest)) {
		if err := tx.insertAll(ctx, eventRows(rest[:n], tx.now)); err != nil {
			return err
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		records = append(records, eventRows(rest, tx.now))
	}
	if err := tx.insertAll(ctx, records...); err != nil || tx.store.Postgres() {
		return err // PostgreSQL: the sequencer places the events after the commit
	}
	return tx.placeEvents(ctx)
}

func eventRows(events []Event, at time.Time) insert {
	in := insert{into: `events (id, merchant_id, created_at, type, type_version, subject_id, program_id, affiliate_id, facts)`, width: 9}
	for _, e := range events {
		in.args = append(in.args, e.ID, e.MerchantID, at, e.Type, e.Version, e.Subject, orNil(e.ProgramID), orNil(e.AffiliateID), e.Facts.Encode())
	}
	return in
}

// placeEvents gives each event the next place: SQLite has one writer, so the
// order of commits is the order of commands.
func (tx *Tx) placeEvents(ctx context.Context) error {
	for rest := tx.events; len(rest) > 0; {
		n := tx.store.together(len(rest))
		args := make([]any, 0, 3*n)
		for i, e := range rest[:n] {
			args = append(args, i+1, e.MerchantID, e.ID)
		}
		_, err := tx.Exec(ctx, `INSERT INTO event_orders (seq, merchant_id, event_id)
			SELECT (SELECT coalesce(max(seq), 0) FROM event_orders) + column1, column2, column3 FROM (VALUES `+values(1, n, 3)+`)`, args...)
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Events reads a merchant's events after a place, in order.
func (s *Store) Events(ctx context.Context, merchantID string, after int64, limit int) ([]Event, error) {
	return readEvents(ctx, s.Read, `WHERE o.merchant_id = $3 AND o.seq > $1 ORDER BY o.seq LIMIT $2`, after, limit, merchantID)
}

// AllEvents reads every merchant's events after a place, in order: for
// followers and the tail, which serve all merchants.
func (s *Store) AllEvents(ctx context.Context, after int64, limit int) ([]Event, error) {
	return readEvents(house(ctx), s.Read, afterPlace, after, limit)
}

// eventsAfter is AllEvents in the transaction, without a second connection.
func (tx *Tx) eventsAfter(ctx context.Context, after int64, limit int) ([]Event, error) {
	return readEvents(ctx, tx.Query, afterPlace, after, limit)
}

const afterPlace = `WHERE o.seq > $1 ORDER BY o.seq LIMIT $2`

func readEvents(ctx context.Context, read func(context.Context, string, ...any) (*sql.Rows, error), where string, args ...any) ([]Event, error) {
	rows, err := read(ctx, `SELECT o.seq, e.id, e.merchant_id, e.created_at, e.type, e.type_version, e.subject_id, e.program_id, e.affiliate_id, e.facts
		FROM event_orders o JOIN events e ON e.id = o.event_id `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Event
	for rows.Next() {
		e, err := scanEvent(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, present(rows.Err())
}

func scanEvent(rows *sql.Rows) (e Event, err error) {
	var facts []byte
	var program, affiliate sql.NullString
	err = rows.Scan(&e.Seq, &e.ID, &e.MerchantID, &e.At, &e.Type, &e.Version, &e.Subject, &program, &affiliate, &facts)
	if err != nil {
		return e, err
	}
	e.At, e.ProgramID, e.AffiliateID = e.At.UTC(), program.String, affiliate.String
	e.Facts, err = canon.DecodeFacts(facts)
	return e, err
}

// Head is the last place in the order; 0 when nothing happened yet.
func (s *Store) Head(ctx context.Context) (head int64, err error) {
	err = s.doorRead.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM event_orders`).Scan(&head)
	return head, present(err)
}

// HeadOf is the last place of a merchant's events.
func (s *Store) HeadOf(ctx context.Context, merchantID string) (head int64, err error) {
	err = s.reader(ctx).QueryRowContext(ctx, s.rebind(`SELECT coalesce(max(seq), 0) FROM event_orders WHERE merchant_id = $1`), merchantID).Scan(&head)
	return head, present(err)
}
