package report

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
)

// queryer reads rows, in a transaction or out of one.
type queryer func(ctx context.Context, query string, args ...any) (*sql.Rows, error)

// list spells values as "($2, $3)" and adds them to args.
func list(args *[]any, values []string) string {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = bind(args, v)
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// texts reads one column.
func texts(ctx context.Context, query queryer, text string, args ...any) (out []string, err error) {
	rows, err := query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// keep remembers as what sources are counted now; those that count for nothing
// are forgotten.
func keep(ctx context.Context, tx *store.Tx, counted map[string]string) error {
	if len(counted) == 0 {
		return nil
	}
	args := []any{tx.MerchantID()}
	names := slices.Sorted(maps.Keys(counted))
	_, err := tx.Exec(ctx, `DELETE FROM rollup_sources WHERE merchant_id = $1 AND name IN `+list(&args, names), args...)
	if err != nil {
		return err
	}
	args = nil
	var rows []string
	for _, name := range names {
		if counted[name] != "" {
			rows = append(rows, values(&args, tx.ID(id.RollupSource), tx.MerchantID(), tx.Now(), name, counted[name]))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err = tx.Exec(ctx, `INSERT INTO rollup_sources (id, merchant_id, created_at, name, counted) VALUES `+strings.Join(rows, ", "), args...)
	return err
}

func values(args *[]any, all ...any) string {
	marks := make([]string, len(all))
	for i, v := range all {
		marks[i] = bind(args, v)
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// move adds to buckets, making those that are not there and removing those that
// hold nothing any more, in the order of their names.
func move(ctx context.Context, tx *store.Tx, moved share) error {
	sets := make([]string, len(figureColumns))
	empty := make([]string, len(figureColumns))
	for i, c := range figureColumns {
		sets[i], empty[i] = c+" = rollups."+c+" + excluded."+c, c+" = 0"
	}
	for chunk := range slices.Chunk(moved.sorted(), putRows) {
		var args []any
		rows, digests := make([]string, len(chunk)), make([]string, len(chunk))
		for i, b := range chunk {
			digests[i] = b.digest()
			rows[i] = values(&args, bucketRow(tx, digests[i], b, moved[b])...)
		}
		_, err := tx.Exec(ctx, `INSERT INTO rollups (id, merchant_id, created_at, digest, `+strings.Join(bucketColumns, ", ")+`, `+strings.Join(figureColumns, ", ")+`)
			VALUES `+strings.Join(rows, ", ")+` ON CONFLICT (merchant_id, digest) DO UPDATE SET `+strings.Join(sets, ", "), args...)
		if err != nil {
			return err
		}
		args = []any{tx.MerchantID()}
		_, err = tx.Exec(ctx, `DELETE FROM rollups WHERE merchant_id = $1 AND digest IN `+list(&args, digests)+` AND `+strings.Join(empty, " AND "), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func bucketRow(tx *store.Tx, digest string, b bucket, f figures) []any {
	row := []any{tx.ID(id.Rollup), tx.MerchantID(), tx.Now(), digest}
	for _, v := range b {
		row = append(row, v)
	}
	for _, n := range f {
		row = append(row, n)
	}
	return row
}
