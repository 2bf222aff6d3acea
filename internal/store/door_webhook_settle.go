package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SettledDelivery is what became of a try.
type SettledDelivery struct {
	ClaimedDelivery
	Status  string // DELIVERED, FAILED, or PENDING for one that is tried again at NextAt
	NextAt  time.Time
	PauseTo time.Time // the endpoint asked not to be called before; zero when not
	Undone  bool      // the try was broken off by ourselves and does not count

	At       time.Time // when it began
	Duration time.Duration
	HTTP     int    // status; 0 without an answer
	Error    string // why it failed, in words that hold nothing of the address
	Answer   []byte // the beginning of the answer, sealed
	Attempt  string // the id of the try's row
}

// DoorSettleWebhooks writes what became of tries. One whose lease has ended, and
// that was taken up by another server since, is left to that one.
func (s *Store) DoorSettleWebhooks(ctx context.Context, all []SettledDelivery) error {
	_, err := Run(house(ctx), s, Command{Name: "webhooks.settle", Quiet: true}, func(ctx context.Context, tx *Tx) (int, error) {
		if err := tx.settleEndpoints(ctx, all); err != nil {
			return 0, err
		}
		attempts := insert{into: `webhook_attempts (id, merchant_id, created_at, delivery_id, number, status, duration_ms, error, retry_at, answer_sealed)`, width: 10}
		for _, d := range all {
			if err := tx.settleDelivery(ctx, d); err != nil {
				return 0, err
			}
			if !d.Undone {
				attempts.args = append(attempts.args, d.Attempt, d.Endpoint.MerchantID, d.At, d.ID, d.Number, d.HTTP, d.Duration.Milliseconds(), d.Error, timeOrNil(d.NextAt), d.Answer)
			}
		}
		return 0, tx.insertSome(ctx, attempts)
	})
	return err
}

// insertSome inserts rows in statements of few sizes.
func (tx *Tx) insertSome(ctx context.Context, in insert) error {
	for rest := in.args; len(rest) > 0; {
		n := tx.store.together(len(rest)/in.width) * in.width
		if err := tx.insertAll(ctx, insert{in.into, in.width, rest[:n]}); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

func (tx *Tx) settleDelivery(ctx context.Context, d SettledDelivery) error {
	if d.Undone {
		_, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET tries = tries - 1, next_at = $3 WHERE id = $1 AND tries = $2 AND next_at IS NOT NULL`, d.ID, d.Number, tx.now)
		return err
	}
	delivered := time.Time{}
	if d.Status == "DELIVERED" {
		delivered = tx.now
	}
	_, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET status = $3, next_at = $4, delivered_at = $5, last_status = $6, last_error = $7
		WHERE id = $1 AND tries = $2`, d.ID, d.Number, d.Status, timeOrNil(d.NextAt), timeOrNil(delivered), d.HTTP, d.Error)
	return err
}

// settledEndpoint is what a group of tries says of an endpoint.
type settledEndpoint struct {
	at             *ClaimedEndpoint
	due, pause     time.Time
	failed, worked time.Time // the first failure and the last success
}

func (tx *Tx) settleEndpoints(ctx context.Context, all []SettledDelivery) error {
	by := map[string]*settledEndpoint{}
	for _, d := range all {
		e := by[d.Endpoint.ID]
		if e == nil {
			e = &settledEndpoint{at: d.Endpoint}
			by[d.Endpoint.ID] = e
		}
		e.add(d, tx.now)
	}
	endpoints := make([]*settledEndpoint, 0, len(by))
	for _, e := range by {
		endpoints = append(endpoints, e)
	}
	slices.SortFunc(endpoints, func(a, b *settledEndpoint) int { return strings.Compare(a.at.ID, b.at.ID) })
	for _, e := range endpoints {
		if err := tx.settleEndpoint(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (e *settledEndpoint) add(d SettledDelivery, now time.Time) {
	next := d.NextAt
	if d.Undone || d.Endpoint.Ordered {
		next = now
	}
	if !next.IsZero() && (e.due.IsZero() || next.Before(e.due)) {
		e.due = next
	}
	if d.PauseTo.After(e.pause) {
		e.pause = d.PauseTo
	}
	switch {
	case d.Undone:
	case d.Status == "DELIVERED":
		e.worked = now
	case e.failed.IsZero() || d.At.Before(e.failed):
		e.failed = d.At
	}
}

// settleEndpoint writes what changed: nothing for an endpoint that works as before.
func (tx *Tx) settleEndpoint(ctx context.Context, e *settledEndpoint) error {
	var set []string
	args := []any{e.at.ID}
	to := func(column string, value any) string {
		args = append(args, value)
		return strings.ReplaceAll(column, "?", "$"+strconv.Itoa(len(args)))
	}
	if !e.due.IsZero() {
		set = append(set, to(`due_at = CASE WHEN due_at IS NULL OR due_at > ? THEN ? ELSE due_at END`, e.due))
	}
	if !e.pause.IsZero() {
		set = append(set, to(`paused_until = ?`, e.pause))
	}
	switch {
	case !e.worked.IsZero() && (e.at.FailingSince != nil || !e.failed.IsZero()):
		set = append(set, `failing_since = NULL`)
	case e.worked.IsZero() && !e.failed.IsZero() && e.at.FailingSince == nil:
		set = append(set, to(`failing_since = CASE WHEN failing_since IS NULL THEN ? ELSE failing_since END`, e.failed))
	}
	if len(set) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE webhook_endpoints SET `+strings.Join(set, `, `)+` WHERE id = $1`, args...)
	return err
}

func timeOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
