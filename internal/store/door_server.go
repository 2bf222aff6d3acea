package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/tributary/tributary/internal/id"
)

// ForgetKeys deletes up to limit idempotency records whose time is over and
// reports how many: it is global because time runs out for all merchants alike,
// and a record is nobody's data but the retry's it was made for. The keys that
// went may be used again.
func (s *Store) ForgetKeys(ctx context.Context, limit int) (int, error) {
	done, err := s.doorWrite.ExecContext(ctx, s.rebind(`DELETE FROM idempotency_records WHERE id IN
		(SELECT id FROM idempotency_records WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`), s.Now(), limit)
	if err != nil {
		return 0, present(err)
	}
	n, err := done.RowsAffected()
	return int(n), err
}

// ForgetBodies deletes the bodies of at most limit webhook receipts after one, in
// the order of their ids, that were received before an instant and wait for
// nothing. It gives the last one it came to and how many there were. It is global
// because time runs out for all merchants alike. The receipts stay, with the keys
// by which a message that comes again is known.
func (s *Store) ForgetBodies(ctx context.Context, before time.Time, after string, limit int) (last string, n int, err error) {
	rows, err := s.Read(house(ctx), `SELECT id FROM webhook_receipts
		WHERE id > $1 AND id < $2 AND body_sealed IS NOT NULL AND status NOT IN ('PARKED', 'RECEIVED') ORDER BY id LIMIT $3`, after, id.First(id.Receipt, before), limit)
	if err != nil {
		return "", 0, err
	}
	if last, n, err = lastOf(rows); err != nil || n == 0 {
		return last, n, present(err)
	}
	_, err = s.doorWrite.ExecContext(ctx, s.rebind(`UPDATE webhook_receipts SET body_sealed = NULL
		WHERE id > $1 AND id <= $2 AND status NOT IN ('PARKED', 'RECEIVED')`), after, last)
	return last, n, present(err)
}

func lastOf(rows *sql.Rows) (last string, n int, err error) {
	defer rows.Close()
	for ; rows.Next(); n++ {
		if err := rows.Scan(&last); err != nil {
			return "", n, err
		}
	}
	return last, n, rows.Err()
}
