package store

import "context"

// ForgetKeys deletes up to limit idempotency records whose time is over and
// reports how many: it is global because time runs out for all merchants alike,
// and a record is nobody's data but the retry's it was made for. The keys that
// went may be used again.
func (s *Store) ForgetKeys(ctx context.Context, limit int) (int, error) {
	done, err := s.write.ExecContext(ctx, s.rebind(`DELETE FROM idempotency_records WHERE id IN
		(SELECT id FROM idempotency_records WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`), s.Now(), limit)
	if err != nil {
		return 0, present(err)
	}
	n, err := done.RowsAffected()
	return int(n), err
}
