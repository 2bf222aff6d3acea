package store

import (
	"context"
	"database/sql"
	"slices"
	"time"
)

// The doors of receipts serve all merchants at once: receipts are the queue of what
// shops have sent, and whose turn it is, is known only from the rows. No lock is held
// but those of the receipts themselves.

// NewReceipt is a message that was proven.
type NewReceipt struct {
	ID, MerchantID, IntegrationID            string
	Topic, DeliveryID, EventID, Key, Subject string
	Status, Reason                           string // RECEIVED for one that is to be worked on
	Size                                     int
	Body                                     []byte // sealed
	At                                       time.Time
}

const statusReceived = "RECEIVED"

// DoorReceive stores messages of whatever merchants in one transaction: what many
// wait for at once costs one wait for the disk.
func (s *Store) DoorReceive(ctx context.Context, all []NewReceipt) error {
	_, err := Run(house(ctx), s, Command{Name: "webhooks.receive", Quiet: true}, func(ctx context.Context, tx *Tx) (int, error) {
		rows := insert{into: `webhook_receipts (id, merchant_id, created_at, integration_id, topic, delivery_id, event_id, business_key, subject, status, reason, size, body_sealed, next_at, done_at)`, width: 15}
		for _, r := range all {
			next, done := r.At, time.Time{}
			if r.Status != statusReceived {
				next, done = time.Time{}, r.At
			}
			rows.args = append(rows.args, r.ID, r.MerchantID, r.At, r.IntegrationID, r.Topic, r.DeliveryID, r.EventID, r.Key, r.Subject, r.Status, r.Reason, r.Size, r.Body, timeOrNil(next), timeOrNil(done))
		}
		return 0, tx.insertSome(ctx, rows)
	})
	return err
}

// ClaimedReceipt is a message that this server is to work on.
type ClaimedReceipt struct {
	ID, MerchantID, IntegrationID string
	Topic, Key                    string
	Body                          []byte // sealed
	Tries, Failures               int    // this try included
	At                            time.Time
}

// dueReceipts finds the integrations with something to work on, by hopping from one
// to the next in an index that holds only what is not done.
const dueReceipts = `WITH RECURSIVE who(id) AS (
		SELECT min(integration_id) FROM webhook_receipts WHERE next_at IS NOT NULL
		UNION ALL SELECT (SELECT min(r.integration_id) FROM webhook_receipts r WHERE r.next_at IS NOT NULL AND r.integration_id > who.id) FROM who WHERE who.id IS NOT NULL)
	SELECT id FROM who WHERE id IS NOT NULL AND EXISTS (SELECT 1 FROM webhook_receipts r WHERE r.integration_id = who.id AND r.next_at <= $1)`

// DoorReceiptsDue lists the integrations that have something to work on.
func (s *Store) DoorReceiptsDue(ctx context.Context) (all []string, err error) {
	rows, err := s.doorRead.QueryContext(ctx, s.rebind(dueReceipts), s.Now())
	if err != nil {
		return nil, present(err)
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, present(rows.Err())
}

// DoorClaimReceipts takes messages of the integrations, at most each of one and most
// in all, and of each subject only the first that is not done: what comes after it
// waits, also while it waits to be tried again. What is not settled when the lease
// ends is taken up again.
func (s *Store) DoorClaimReceipts(ctx context.Context, integrations []string, each, most int, lease time.Duration) ([]ClaimedReceipt, error) {
	return Run(house(ctx), s, Command{Name: "webhooks.take", Quiet: true}, func(ctx context.Context, tx *Tx) (all []ClaimedReceipt, err error) {
		for _, one := range integrations {
			if len(all) >= most {
				break
			}
			some, err := tx.claimReceipts(ctx, one, min(each, most-len(all)), lease)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
		return all, nil
	})
}

func (tx *Tx) claimReceipts(ctx context.Context, integrationID string, most int, lease time.Duration) ([]ClaimedReceipt, error) {
	skip := ``
	if tx.store.Postgres() {
		skip = ` FOR UPDATE OF r SKIP LOCKED` // another server is at it
	}
	rows, err := tx.Query(ctx, `UPDATE webhook_receipts SET next_at = $3, tries = tries + 1 WHERE next_at <= $2 AND id IN (
		SELECT r.id FROM webhook_receipts r WHERE r.integration_id = $1 AND r.next_at <= $2 AND NOT EXISTS (
			SELECT 1 FROM webhook_receipts b WHERE b.integration_id = r.integration_id AND b.subject = r.subject AND b.id < r.id AND b.next_at IS NOT NULL)
		ORDER BY r.next_at, r.id LIMIT $4`+skip+`)
		RETURNING id, merchant_id, integration_id, topic, business_key, body_sealed, tries, failures, created_at`, integrationID, tx.now, tx.now.Add(lease), most)
	if err != nil {
		return nil, err
	}
	all, err := readReceipts(rows)
	slices.SortFunc(all, func(a, b ClaimedReceipt) int { return a.At.Compare(b.At) })
	return all, err
}

func readReceipts(rows *sql.Rows) (all []ClaimedReceipt, err error) {
	defer rows.Close()
	for rows.Next() {
		var r ClaimedReceipt
		if err := rows.Scan(&r.ID, &r.MerchantID, &r.IntegrationID, &r.Topic, &r.Key, &r.Body, &r.Tries, &r.Failures, &r.At); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}
