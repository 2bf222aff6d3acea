package store

import (
	"context"
	"fmt"
	"strings"
)

// SQLite picks an index by what ANALYZE counted, and by guesses before it has: that any
// index finds ten rows, whether its first column tells merchants apart or orders. With
// these guesses it reads all commissions of a merchant for those of fifty orders, and
// all accounts for three. It is told instead what a grown merchant's tables look like,
// so that the plans of the first day are those of the thousandth.

// grownRows is how many rows a grown table has.
const grownRows = 1_000_000

// distinct is how many values a column has among them where its name does not tell
// otherwise: an id of another row has a tenth of all rows, anything else a thousand.
var distinct = map[string]int{
	"merchant_id": 10, "program_id": 2, "plan_id": 10, "group_id": 10, "affiliate_id": 1000, "parent_id": 1000, "user_id": 1000,
	"status": 4, "kind": 4, "rating": 4, "outcome": 4, "purpose": 4, "currency": 2, "event_type": 20, "action": 20, "order_scope": 2, "guarded": 2,
	"id": grownRows, "seq": grownRows, "owner_key": grownRows / 10, "source_key": grownRows, "external_id": grownRows, "code_key": grownRows, "slug": grownRows,
	"created_at": grownRows, "occurred_at": grownRows, "earned_at": grownRows, "due_at": grownRows,
}

func distinctOf(column string) int {
	if n, known := distinct[column]; known {
		return n
	}
	if strings.HasSuffix(column, "_id") {
		return grownRows / 10
	}
	return 1000
}

// grown is what ANALYZE would have written of an index: the rows of its table, and
// how many of them are alike in its first column, in its first two, and so on.
func grown(columns []string, unique bool) string {
	var b strings.Builder
	fmt.Fprint(&b, grownRows)
	alike := grownRows
	for i, c := range columns {
		alike = max(1, alike/distinctOf(c))
		if unique && i == len(columns)-1 {
			alike = 1
		}
		fmt.Fprint(&b, " ", alike)
	}
	return b.String()
}

// teachPlans writes what plans are made from, for all indexes there are. Connections
// learn of it when they open, and this one at once.
func (s *Store) teachPlans(ctx context.Context) error {
	tx, err := s.doorWrite.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it is over when it was committed
	rows, err := tx.QueryContext(ctx, `SELECT m.name, i.name, i."unique" AND NOT i.partial, group_concat(c.name, ' ' ORDER BY c.seqno)
		FROM sqlite_schema m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' AND c.name IS NOT NULL GROUP BY 1, 2, 3`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var args []any
	for rows.Next() {
		var table, index, columns string
		var unique bool
		if err := rows.Scan(&table, &index, &unique, &columns); err != nil {
			return err
		}
		args = append(args, table, index, grown(strings.Fields(columns), unique))
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, step := range []struct {
		query string
		args  []any
	}{
		{query: `ANALYZE sqlite_schema`}, // makes the table, and counts nothing
		{query: `DELETE FROM sqlite_stat1`},
		{`INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ` + strings.TrimSuffix(strings.Repeat("(?, ?, ?), ", len(args)/3), ", "), args},
		{query: `ANALYZE sqlite_schema`}, // reads what is written
	} {
		if _, err := tx.ExecContext(ctx, step.query, step.args...); err != nil {
			return fmt.Errorf("%s: %w", step.query[:10], err)
		}
	}
	return tx.Commit()
}
