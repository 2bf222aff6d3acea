package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/trust"
)

// sealedColumn is where sealed values stand.
type sealedColumn struct {
	table, column string
	global        bool // of no merchant, in table and seal alike
}

// sealedColumns are all of them. A test fails when a column named …_sealed is not
// here. They are written by their rooms; this list is for sealing them again.
var sealedColumns = []sealedColumn{
	{"customers", "email_sealed", false}, {"customers", "name_sealed", false},
	{"integrations", "secret_sealed", false}, {"integrations", "prior_secret_sealed", false},
	{"integrations", "credentials_sealed", false}, {"integrations", "grant_sealed", false},
	{"payout_methods", "details_sealed", false},
	{"webhook_receipts", "body_sealed", false},
	{"webhook_endpoints", "url_sealed", false}, {"webhook_endpoints", "secret_sealed", false}, {"webhook_endpoints", "prior_secret_sealed", false},
	{"webhook_attempts", "answer_sealed", false},
	{"users", "second_factor", true},
}

// resealBatch is how many values one command seals again: it holds the writer
// for some milliseconds.
const resealBatch = 200

// Reseal seals every value again that is not under the key in use, and reports
// how many; those that cannot be opened are left, logged and counted in the
// error. Values that change meanwhile are left to the next pass. It remembers the
// key once a pass found nothing to do, so that the next passes cost nothing until
// another key is in use.
func (s *Store) Reseal(ctx context.Context) (done int, err error) {
	keys := s.Keys()
	current := strconv.Itoa(int(keys.KeyID()))
	if last, err := s.resealed(ctx); err != nil || last == current {
		return 0, err
	}
	merchants, err := s.DoorMerchants(ctx)
	if err != nil {
		return 0, err
	}
	for i, merchant := range merchants {
		for _, at := range sealedColumns {
			if at.global && i > 0 {
				continue
			}
			n, failed := s.resealColumn(trust.With(ctx, trust.System(merchant)), keys, at)
			done, err = done+n, errors.Join(err, failed)
		}
	}
	if done == 0 && err == nil {
		_, err = s.doorWrite.ExecContext(ctx, s.rebind(`INSERT INTO followers (id, seq, state, moved_at) VALUES ('resealed', 0, $1, $2)
			ON CONFLICT (id) DO UPDATE SET state = excluded.state, moved_at = excluded.moved_at`), current, s.Now())
	}
	return done, present(err)
}

// resealed is the key under which a whole pass found everything.
func (s *Store) resealed(ctx context.Context) (state string, err error) {
	err = s.doorWrite.QueryRowContext(ctx, `SELECT coalesce(max(state), '') FROM followers WHERE id = 'resealed'`).Scan(&state)
	return state, present(err)
}

// resealedBatch is what one command did, and how far it came.
type resealedBatch struct {
	Read, Done, Unopened int
	Last                 string
}

// resealColumn goes through a column of the context's merchant, batch by batch.
func (s *Store) resealColumn(ctx context.Context, keys *seal.Keyring, at sealedColumn) (done int, err error) {
	for after := ""; ; {
		b, failed := Run(ctx, s, Command{Name: "keysReseal", Quiet: true}, func(ctx context.Context, tx *Tx) (resealedBatch, error) {
			return tx.reseal(ctx, keys, at, after)
		})
		if b.Unopened > 0 {
			failed = fmt.Errorf("%d values of %s.%s cannot be opened", b.Unopened, at.table, at.column)
		}
		done, after, err = done+b.Done, b.Last, errors.Join(err, failed)
		if b.Read < resealBatch {
			return done, err
		}
	}
}

func (tx *Tx) reseal(ctx context.Context, keys *seal.Keyring, at sealedColumn, after string) (b resealedBatch, err error) {
	values, err := tx.underOtherKeys(ctx, keys.KeyID(), at, after)
	if err != nil {
		return b, err
	}
	for _, v := range values {
		n, err := tx.resealOne(ctx, keys, at, v)
		if errors.Is(err, seal.ErrOpen) || errors.Is(err, seal.ErrUnknownKey) {
			tx.store.Log().Error("a sealed value cannot be opened", "table", at.table, "column", at.column, "row", v.row, "error", err)
			b.Unopened++
		} else if err != nil {
			return b, err
		}
		b.Read, b.Done, b.Last = b.Read+1, b.Done+n, v.row
	}
	return b, nil
}

// whose limits a statement to the merchant's rows.
func (at sealedColumn) whose() string {
	if at.global {
		return `$1 <> ''`
	}
	return `merchant_id = $1`
}

// sealedValue is one value and the row it stands in.
type sealedValue struct {
	row    string
	sealed []byte
}

// underOtherKeys reads values whose header names another key than the one in use.
func (tx *Tx) underOtherKeys(ctx context.Context, current byte, at sealedColumn, after string) (all []sealedValue, err error) {
	rows, err := tx.Query(ctx, `SELECT id, `+at.column+` FROM `+at.table+` WHERE `+at.whose()+` AND id > $2 AND length(`+at.column+`) > 2
		AND substr(`+at.column+`, 2, 1) <> $3 ORDER BY id LIMIT `+strconv.Itoa(resealBatch), tx.MerchantID(), after, []byte{current})
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v sealedValue
		if err := rows.Scan(&v.row, &v.sealed); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// resealOne writes the value under the key in use, unless it has changed since
// it was read: what a room wrote meanwhile stands.
func (tx *Tx) resealOne(ctx context.Context, keys *seal.Keyring, at sealedColumn, v sealedValue) (int, error) {
	place := seal.AAD{Merchant: tx.MerchantID(), Table: at.table, Column: at.column, Row: v.row}
	if at.global {
		place.Merchant = ""
	}
	plain, err := keys.Open(v.sealed, place)
	if err != nil {
		return 0, err
	}
	fresh, err := keys.Seal(plain, place)
	if err != nil {
		return 0, err
	}
	done, err := tx.Exec(ctx, `UPDATE `+at.table+` SET `+at.column+` = $4 WHERE `+at.whose()+` AND id = $2 AND `+at.column+` = $3`,
		tx.MerchantID(), v.row, v.sealed, fresh)
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	return int(n), err
}
