package store

import (
	"context"
	"time"
)

// SettledReceipt is what became of a try to work on a message.
type SettledReceipt struct {
	ClaimedReceipt
	Status, Reason string
	WaitsFor       string    // the order that a parked message waits for
	NextAt         time.Time // when it is tried again; zero when it is done
	Failed         bool      // the try counts as a failure
	Forget         bool      // the body is kept elsewhere
}

// DoorSettleReceipt writes what became of a try, and reports whether the try was
// still its own: one whose lease has ended, and that was taken up by another server
// since, is left to that one.
func (s *Store) DoorSettleReceipt(ctx context.Context, d SettledReceipt) (bool, error) {
	return Run(house(ctx), s, Command{Name: "webhooks.done", Quiet: true}, func(ctx context.Context, tx *Tx) (bool, error) {
		done := time.Time{}
		if d.NextAt.IsZero() {
			done = tx.now
		}
		failures, forget := d.Failures, 0
		if d.Forget {
			forget = 1
		}
		if d.Failed {
			failures++
		}
		out, err := tx.Exec(ctx, `UPDATE webhook_receipts SET status = $3, reason = $4, waits_for = $5, next_at = $6, done_at = $7, failures = $8,
			body_sealed = CASE WHEN $9 = 1 THEN NULL ELSE body_sealed END WHERE id = $1 AND tries = $2 AND next_at IS NOT NULL`,
			d.ID, d.Tries, d.Status, d.Reason, textOrNil(d.WaitsFor), timeOrNil(d.NextAt), timeOrNil(done), failures, forget)
		if err != nil {
			return false, err
		}
		n, err := out.RowsAffected()
		return n == 1, err
	})
}

func textOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// Replay names messages to be worked on again.
type Replay struct {
	ReceiptID     string // one, dead or refused; or
	IntegrationID string // the dead ones of an integration
	From, To      time.Time
	Limit         int
}

// DoorReplay lets messages be worked on again, as if they had just come, and counts
// them. Those whose body is forgotten, or was kept in part only, are left alone.
func (tx *Tx) DoorReplay(ctx context.Context, r Replay) (int, error) {
	which, args := `id = $3 AND status IN ('DEAD', 'REFUSED')`, []any{tx.MerchantID(), tx.now, r.ReceiptID}
	if r.ReceiptID == "" {
		which = `id IN (SELECT id FROM webhook_receipts WHERE merchant_id = $1 AND integration_id = $3 AND status = 'DEAD' AND body_sealed IS NOT NULL AND created_at >= $4 AND created_at < $5 ORDER BY created_at, id LIMIT $6)`
		args = append(args[:2], r.IntegrationID, r.From, r.To, r.Limit)
	}
	out, err := tx.Exec(ctx, `UPDATE webhook_receipts SET status = 'RECEIVED', reason = '', tries = 0, failures = 0, next_at = $2, done_at = NULL
		WHERE merchant_id = $1 AND business_key <> '' AND body_sealed IS NOT NULL AND `+which, args...)
	if err != nil {
		return 0, err
	}
	n, err := out.RowsAffected()
	return int(n), err
}
