package store

import (
	"context"
	"time"

	"github.com/tributary/tributary/internal/id"
)

// deliveriesFor is how long deliveries and their tries are kept.
const deliveriesFor = 30 * 24 * time.Hour

// ForgetDeliveries deletes up to limit deliveries of events that are older than
// thirty days and not on their way, with their tries, and reports how many. It is
// global because time runs out for all merchants alike. The event's id and the
// endpoint's make the same id again, should it be sent once more.
func (s *Store) ForgetDeliveries(ctx context.Context, limit int) (int, error) {
	return Run(house(ctx), s, Command{Name: "webhooks.forget", Quiet: true}, func(ctx context.Context, tx *Tx) (int, error) {
		rows, err := tx.Query(ctx, `SELECT id FROM webhook_deliveries WHERE id < $1 AND next_at IS NULL ORDER BY id LIMIT $2`,
			id.First(id.Delivery, tx.now.Add(-deliveriesFor)), limit)
		if err != nil {
			return 0, err
		}
		last, n, err := lastOf(rows)
		if err != nil || n == 0 {
			return 0, err
		}
		for _, statement := range []string{
			`DELETE FROM webhook_attempts WHERE delivery_id IN (SELECT id FROM webhook_deliveries WHERE id <= $1 AND next_at IS NULL)`,
			`DELETE FROM webhook_deliveries WHERE id <= $1 AND next_at IS NULL`,
		} {
			if _, err := tx.Exec(ctx, statement, last); err != nil {
				return 0, err
			}
		}
		return n, nil
	})
}
