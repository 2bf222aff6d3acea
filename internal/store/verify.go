package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tributary/tributary/internal/canon"
)

// Finding is something that must not be: which check found it, at what, and why.
type Finding struct {
	Check   string // "journal.order"
	Subject string // an id, or a place in the order
	Detail  string
}

// The checks of VerifyJournal.
const (
	checkOrder     = "journal.order"
	checkEvents    = "journal.events"
	checkFollowers = "journal.followers"
	checkKeys      = "idempotency.records"
)

// verifyPage is how many rows one query reads: no read transaction stays open
// for long. findingsLimit bounds what is reported of a database that is in ruins.
const (
	verifyPage    = 5000
	findingsLimit = 1000
)

// placingTime is how long a committed event may wait for its place.
const placingTime = 5 * time.Second

// verifier gathers the findings of one run.
type verifier struct {
	store    *Store
	progress func(check string, done int64)
	findings []Finding
}

// VerifyJournal checks what the journal promises: the order has no gap and
// names each event once, every event has its place (on PostgreSQL unless it is
// younger than five seconds) and can be read, no follower stands beyond the
// order, and each idempotency record can answer. progress, which may be nil,
// gets the rows looked at so far. At most 1000 findings are given.
func (s *Store) VerifyJournal(ctx context.Context, progress func(check string, done int64)) ([]Finding, error) {
	if progress == nil {
		progress = func(string, int64) {}
	}
	ctx = house(ctx)
	v := &verifier{store: s, progress: progress}
	for _, check := range []func(context.Context) error{v.order, v.events, v.followers, v.keys} {
		if err := check(ctx); err != nil {
			return v.findings, present(overdue(ctx, err))
		}
		if len(v.findings) >= findingsLimit {
			break
		}
	}
	return v.findings[:min(len(v.findings), findingsLimit)], nil
}

func (v *verifier) find(check, subject, detail string, a ...any) {
	v.findings = append(v.findings, Finding{check, subject, fmt.Sprintf(detail, a...)})
}

// pages reads a query page by page. Its first column is the key the next page
// begins after; row scans one row and gives that key.
func (v *verifier) pages(ctx context.Context, check, query string, after any, row func(*sql.Rows) (any, error)) error {
	for done := int64(0); len(v.findings) < findingsLimit; {
		n, err := v.page(ctx, query, &after, row)
		if err != nil {
			return err
		}
		done += n
		v.progress(check, done)
		if n < verifyPage {
			break
		}
	}
	return nil
}

func (v *verifier) page(ctx context.Context, query string, after *any, row func(*sql.Rows) (any, error)) (n int64, err error) {
	rows, err := v.store.Read(ctx, query, *after, verifyPage)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		if *after, err = row(rows); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// order walks the places: from 1, each taken, each by an event of its merchant.
func (v *verifier) order(ctx context.Context) error {
	last := int64(0)
	return v.pages(ctx, checkOrder, `SELECT o.seq, o.merchant_id, o.event_id, e.merchant_id
		FROM event_orders o LEFT JOIN events e ON e.id = o.event_id WHERE o.seq > $1 ORDER BY o.seq LIMIT $2`, last,
		func(rows *sql.Rows) (any, error) {
			var seq int64
			var merchant, event string
			var owner sql.NullString
			if err := rows.Scan(&seq, &merchant, &event, &owner); err != nil {
				return nil, err
			}
			if seq != last+1 {
				v.find(checkOrder, fmt.Sprintf("place %d", last+1), "the order has no place %d to %d", last+1, seq-1)
			}
			last = seq
			switch {
			case !owner.Valid:
				v.find(checkOrder, event, "place %d names an event that is not there", seq)
			case owner.String != merchant:
				v.find(checkOrder, event, "place %d names another merchant than its event", seq)
			}
			return seq, nil
		})
}

// events walks the events: each has one place and facts that can be read.
func (v *verifier) events(ctx context.Context) error {
	var unplaced []string
	young := v.store.Now().Add(-placingTime)
	err := v.pages(ctx, checkEvents, `SELECT e.id, e.created_at, e.facts, (SELECT count(*) FROM event_orders o WHERE o.event_id = e.id)
		FROM events e WHERE e.id > $1 ORDER BY e.id LIMIT $2`, "",
		func(rows *sql.Rows) (any, error) {
			var id string
			var at time.Time
			var facts []byte
			var places int
			if err := rows.Scan(&id, &at, &facts, &places); err != nil {
				return nil, err
			}
			if _, err := canon.DecodeFacts(facts); err != nil {
				v.find(checkEvents, id, "the facts cannot be read")
			}
			switch {
			case places > 1:
				v.find(checkEvents, id, "the event has %d places", places)
			case places == 0 && (!v.store.Postgres() || at.Before(young)):
				unplaced = append(unplaced, id)
			}
			return id, nil
		})
	if err != nil {
		return err
	}
	return v.unplaced(ctx, unplaced)
}

// unplaced looks again, a while later, at events that had no place: one whose
// command began long ago may have been committed just now.
func (v *verifier) unplaced(ctx context.Context, ids []string) error {
	if len(ids) > 0 && v.store.Postgres() {
		if err := sleep(ctx, 2*electionPause); err != nil {
			return err
		}
	}
	for _, id := range ids[:min(len(ids), findingsLimit)] {
		rows, err := v.store.Read(ctx, `SELECT 1 FROM event_orders WHERE event_id = $1`, id)
		if err != nil {
			return err
		}
		if !rows.Next() {
			v.find(checkEvents, id, "the event has no place in the order")
		}
		if err := rows.Close(); err != nil {
			return err
		}
	}
	return nil
}

// followers looks for a cursor beyond the order: its follower would skip what
// takes those places later.
func (v *verifier) followers(ctx context.Context) error {
	rows, err := v.store.Read(ctx, `SELECT id, seq FROM followers WHERE seq > (SELECT coalesce(max(seq), 0) FROM event_orders) ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var seq int64
		if err := rows.Scan(&name, &seq); err != nil {
			return err
		}
		v.find(checkFollowers, name, "the follower stands at %d, beyond the end of the order", seq)
	}
	return rows.Err()
}

// keys walks the idempotency records: each can say whether an input is the same
// and what came of it.
func (v *verifier) keys(ctx context.Context) error {
	return v.pages(ctx, checkKeys, `SELECT id, fingerprint, outcome, selection_hash, reply
		FROM idempotency_records WHERE id > $1 ORDER BY id LIMIT $2`, "",
		func(rows *sql.Rows) (any, error) {
			var id string
			var fingerprint, outcome, selection, reply []byte
			if err := rows.Scan(&id, &fingerprint, &outcome, &selection, &reply); err != nil {
				return nil, err
			}
			switch {
			case !json.Valid(outcome):
				v.find(checkKeys, id, "the outcome cannot be read")
			case len(fingerprint) != 32:
				v.find(checkKeys, id, "the fingerprint has %d bytes, not 32", len(fingerprint))
			case reply != nil && len(selection) != 32:
				v.find(checkKeys, id, "the answer does not say which selection it answers")
			}
			return id, nil
		})
}
