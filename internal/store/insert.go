package store

import (
	"context"
	"strconv"
	"strings"
)

// insert is rows for one table.
type insert struct {
	into  string // table and columns
	width int    // columns
	args  []any
}

// spell writes the statement with its first placeholder's number.
func (in insert) spell(first int) string {
	return "INSERT INTO " + in.into + " VALUES " + values(first, len(in.args)/in.width, in.width)
}

// insertAll inserts rows of several tables that do not refer to each other: in
// one round trip on PostgreSQL, one after the other on SQLite.
func (tx *Tx) insertAll(ctx context.Context, all ...insert) error {
	if !tx.store.Postgres() {
		for _, in := range all {
			if _, err := tx.Exec(ctx, in.spell(1), in.args...); err != nil {
				return err
			}
		}
		return nil
	}
	var query string
	var args []any
	for i, in := range all {
		switch {
		case i == len(all)-1:
			query += " "
		case i == 0:
			query += "WITH i0 AS ("
		default:
			query += ", i" + strconv.Itoa(i) + " AS ("
		}
		query += in.spell(len(args) + 1)
		if i < len(all)-1 {
			query += ")"
		}
		args = append(args, in.args...)
	}
	if query == "" {
		return nil
	}
	_, err := tx.Exec(ctx, query, args...)
	return err
}

// values spells n rows of k placeholders, the first of them $first.
func values(first, n, k int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for j := range k {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(first + i*k + j))
		}
		b.WriteByte(')')
	}
	return b.String()
}
