package store

import (
	"context"
	"time"
)

// NewDelivery is an event that is meant for an endpoint.
type NewDelivery struct{ ID, EventID, Type, Subject string }

// DoorDeliver numbers what is meant for an endpoint and leaves it to be sent, or to
// be seen as skipped while the endpoint is disabled. The numbers are given under the
// row's lock: without it, two commands would give one number twice.
func (tx *Tx) DoorDeliver(ctx context.Context, endpointID string, skipped bool, all []NewDelivery) error {
	var last int64
	err := tx.QueryRow(ctx, `UPDATE webhook_endpoints SET last_sequence = last_sequence + $1 WHERE merchant_id = $2 AND id = $3 RETURNING last_sequence`,
		len(all), tx.MerchantID(), endpointID).Scan(&last)
	if err != nil {
		return err
	}
	status, next := "SKIPPED", any(nil)
	if !skipped {
		status, next = "PENDING", tx.now
		if err := tx.DoorWebhookDue(ctx, endpointID); err != nil {
			return err
		}
	}
	in := insert{into: `webhook_deliveries (id, merchant_id, created_at, endpoint_id, event_id, event_type, subject_id, sequence, status, next_at)`, width: 10}
	for i, d := range all {
		in.args = append(in.args, d.ID, tx.MerchantID(), tx.now, endpointID, d.EventID, d.Type, d.Subject, last-int64(len(all)-1-i), status, next)
	}
	return tx.insertSome(ctx, in)
}

// DoorWebhookDue makes an endpoint's deliveries be looked for now.
func (tx *Tx) DoorWebhookDue(ctx context.Context, endpointID string) error {
	_, err := tx.Exec(ctx, `UPDATE webhook_endpoints SET due_at = $1 WHERE merchant_id = $2 AND id = $3 AND (due_at IS NULL OR due_at > $1)`,
		tx.now, tx.MerchantID(), endpointID)
	return err
}

// Again says which deliveries of an endpoint are sent anew.
type Again struct {
	EndpointID string
	DeliveryID string    // this one alone; "" for those of a time
	From, To   time.Time // made from From until before To
	Delivered  bool      // those as well that arrived
	Limit      int
}

// DoorDeliverAgain leaves deliveries to be sent anew, the first of them first, and
// gives how many. Those that are on their way are left alone, unless one is named.
func (tx *Tx) DoorDeliverAgain(ctx context.Context, a Again) (int, error) {
	args := []any{tx.now, tx.MerchantID(), a.EndpointID, a.Limit}
	which := ` AND d.status IN ('FAILED', 'SKIPPED'`
	if a.Delivered {
		which += `, 'DELIVERED'`
	}
	which += `) AND d.created_at >= $5 AND d.created_at < $6`
	if a.DeliveryID == "" {
		args = append(args, a.From, a.To)
	} else {
		which, args = ` AND d.id = $5`, append(args, a.DeliveryID)
	}
	done, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET status = 'PENDING', next_at = $1, tries_before = tries, delivered_at = NULL WHERE id IN (
		SELECT d.id FROM webhook_deliveries d WHERE d.merchant_id = $2 AND d.endpoint_id = $3`+which+` ORDER BY d.sequence LIMIT $4)`, args...)
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	if err != nil || n == 0 {
		return 0, err
	}
	return int(n), tx.DoorWebhookDue(ctx, a.EndpointID)
}
