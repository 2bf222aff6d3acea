package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tributary/tributary/internal/id"
)

// The doors of what is written to CRMs serve all merchants at once, as a queue does:
// whose turn it is, is known only from the rows. Locks are taken in the order feed →
// items: a claim that held items and waited for their feed would meet one that holds
// the feed and waits for the items.

// Marked is a record that has changed.
type Marked struct {
	Kind, SubjectID string
	Linked          bool // it is a deal that is linked to its customer
}

// markAtOnce is how many records one statement marks.
const markAtOnce = 100

// DoorMark leaves records to be written to an integration as they will stand then.
// What is left already is left once; what has failed is tried anew. rank is 0 for
// what has just changed, 1 for what was there before. A record must be named once.
func (tx *Tx) DoorMark(ctx context.Context, integrationID string, rank int, all []Marked) error {
	if len(all) == 0 {
		return nil
	}
	if err := tx.DoorFeedDue(ctx, integrationID); err != nil {
		return err
	}
	for ; len(all) > 0; all = all[min(markAtOnce, len(all)):] {
		in := insert{into: `sync_items (id, merchant_id, created_at, integration_id, kind, subject_id, rank, since, next_at, link_at)`, width: 10}
		for _, m := range all[:min(markAtOnce, len(all))] {
			link := any(nil)
			if m.Linked {
				link = tx.now
			}
			in.args = append(in.args, tx.ID(id.Item), tx.MerchantID(), tx.now, integrationID, m.Kind, m.SubjectID, rank, tx.now, tx.now, link)
		}
		_, err := tx.Exec(ctx, in.spell(1)+` ON CONFLICT (merchant_id, integration_id, kind, subject_id) DO UPDATE SET changed = sync_items.changed + 1, tries = 0, status = 'PENDING',
			rank = CASE WHEN sync_items.next_at IS NULL OR sync_items.rank > excluded.rank THEN excluded.rank ELSE sync_items.rank END,
			since = CASE WHEN sync_items.since IS NULL THEN excluded.since ELSE sync_items.since END,
			next_at = CASE WHEN sync_items.next_at IS NULL OR sync_items.next_at > excluded.next_at OR sync_items.rank > excluded.rank THEN excluded.next_at ELSE sync_items.next_at END`, in.args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// DoorFeedDue makes an integration be written to now.
func (tx *Tx) DoorFeedDue(ctx context.Context, integrationID string) error {
	_, err := tx.Exec(ctx, `INSERT INTO sync_feeds (id, merchant_id, created_at, integration_id, due_at) VALUES ($1, $2, $3, $4, $3)
		ON CONFLICT (merchant_id, integration_id) DO UPDATE SET due_at = CASE WHEN sync_feeds.due_at IS NULL OR sync_feeds.due_at > excluded.due_at THEN excluded.due_at ELSE sync_feeds.due_at END`,
		tx.ID(id.Feed), tx.MerchantID(), tx.now, integrationID)
	return err
}

// Remark names records of an integration that it knows already.
type Remark struct {
	IntegrationID   string
	Kind, SubjectID string // only these; empty for all
	Dead            bool   // only dead letters
	Limit           int    // at most so many, by their ids; 0 for all
}

// DoorRemark leaves records to be written. It says how many.
func (tx *Tx) DoorRemark(ctx context.Context, r Remark) (int, error) {
	if err := tx.DoorFeedDue(ctx, r.IntegrationID); err != nil {
		return 0, err
	}
	args := []any{tx.now, tx.MerchantID(), r.IntegrationID}
	which := `merchant_id = $2 AND integration_id = $3`
	and := func(column, value string) {
		if value != "" {
			args = append(args, value)
			which += fmt.Sprintf(` AND %s = $%d`, column, len(args))
		}
	}
	if r.Dead {
		which += ` AND status = 'DEAD'`
	}
	and(`kind`, r.Kind)
	and(`subject_id`, r.SubjectID)
	if r.Limit > 0 {
		args = append(args, r.Limit)
		which = fmt.Sprintf(`id IN (SELECT id FROM sync_items WHERE %s ORDER BY id LIMIT $%d)`, which, len(args)) // #nosec G201 -- fixed words and places; every value is bound
	}
	done, err := tx.Exec(ctx, `UPDATE sync_items SET changed = changed + 1, tries = 0, status = 'PENDING',
		rank = CASE WHEN next_at IS NULL THEN 1 ELSE rank END, since = CASE WHEN since IS NULL THEN $1 ELSE since END, next_at = CASE WHEN next_at IS NULL THEN $1 ELSE next_at END
		WHERE `+which, args...)
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	return int(n), err
}

// ClaimedFeed is an integration that this server writes to, alone until the lease ends.
type ClaimedFeed struct {
	ID, MerchantID, IntegrationID string
	Turn                          int64
	Failures, Prepared            int
}

// DoorClaimFeed takes the integration that has waited longest, none of the merchants
// that have enough. It gives nil when there is none.
func (s *Store) DoorClaimFeed(ctx context.Context, lease time.Duration, enough []string) (*ClaimedFeed, error) {
	const due = ` FROM sync_feeds WHERE due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) AND (paused_until IS NULL OR paused_until <= $1)`
	var there bool // the writer is left alone while there is nothing
	if err := s.doorRead.QueryRowContext(ctx, s.rebind(`SELECT EXISTS (SELECT 1`+due+`)`), s.Now()).Scan(&there); err != nil || !there {
		return nil, present(err)
	}
	return Run(house(ctx), s, Command{Name: "sync.claim", Quiet: true}, func(ctx context.Context, tx *Tx) (*ClaimedFeed, error) {
		query, args := `SELECT id`+due, []any{tx.now}
		if len(enough) > 0 {
			query += ` AND merchant_id NOT IN ` + values(2, 1, len(enough))
			for _, one := range enough {
				args = append(args, one)
			}
		}
		query += ` ORDER BY due_at, id LIMIT 1`
		if tx.store.Postgres() {
			query += ` FOR UPDATE SKIP LOCKED` // another server is at it
		}
		args = append(args, tx.now.Add(lease))
		rows, err := tx.Query(ctx, `UPDATE sync_feeds SET lease_until = $`+itoa(len(args))+`, turn = turn + 1 WHERE id IN (`+query+`)
			RETURNING id, merchant_id, integration_id, turn, failures, prepared`, args...)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		if !rows.Next() {
			return nil, rows.Err()
		}
		var f ClaimedFeed
		return &f, rows.Scan(&f.ID, &f.MerchantID, &f.IntegrationID, &f.Turn, &f.Failures, &f.Prepared)
	})
}

// DueItem is a record to be written.
type DueItem struct {
	ID, Kind, SubjectID string
	Changed             int64
	Tries               int
	Since               time.Time
	Called              string // what it was known by there when it was last written
}

// DoorDueItems lists what is to be written of a kind, what has just changed first.
func (s *Store) DoorDueItems(ctx context.Context, f *ClaimedFeed, kind string, most int) (all []DueItem, err error) {
	for rank := 0; rank < 2 && len(all) < most; rank++ {
		rows, err := s.doorRead.QueryContext(ctx, s.rebind(`SELECT id, kind, subject_id, changed, tries, since, remote_id FROM sync_items
			WHERE integration_id = $1 AND kind = $2 AND rank = $3 AND next_at <= $4 ORDER BY next_at, id LIMIT $5`), f.IntegrationID, kind, rank, s.Now(), most-len(all))
		if err != nil {
			return nil, present(err)
		}
		for rows.Next() {
			var d DueItem
			if err = rows.Scan(&d.ID, &d.Kind, &d.SubjectID, &d.Changed, &d.Tries, &d.Since, &d.Called); err != nil {
				break
			}
			all = append(all, d)
		}
		if err = present(firstOf(err, rows.Err(), rows.Close())); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// DueLink is a deal and its customer, both written, that are not linked.
type DueLink struct{ ID, From, To string }

// DoorDueLinks lists deals that are to be linked. One whose customer is not written
// yet has no To.
func (s *Store) DoorDueLinks(ctx context.Context, f *ClaimedFeed, most int) (all []DueLink, err error) {
	rows, err := s.doorRead.QueryContext(ctx, s.rebind(`SELECT d.id, d.remote_id, coalesce(c.remote_id, '') FROM sync_items d
		JOIN conversions v ON v.merchant_id = d.merchant_id AND v.id = d.subject_id
		LEFT JOIN sync_items c ON c.merchant_id = d.merchant_id AND c.integration_id = d.integration_id AND c.kind = 'CUSTOMER' AND c.subject_id = v.customer_id
		WHERE d.integration_id = $1 AND d.link_at <= $2 ORDER BY d.link_at, d.id LIMIT $3`), f.IntegrationID, s.Now(), most)
	if err != nil {
		return nil, present(err)
	}
	defer rows.Close()
	for rows.Next() {
		var l DueLink
		if err := rows.Scan(&l.ID, &l.From, &l.To); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, present(rows.Err())
}
