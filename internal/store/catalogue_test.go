package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// lines reads a query of text columns, one line per row.
func lines(t testing.TB, s *store.Store, query string, args ...any) (out []string) {
	t.Helper()
	for _, row := range storetest.Texts(t, s.DB(), query, args...) {
		out = append(out, strings.Join(row, " "))
	}
	return out
}

// foreignKey is a key as the database knows it.
type foreignKey struct {
	table, name, target string
	columns, refers     []string
}

// foreignKeys reads every foreign key from the database's own catalogue.
func foreignKeys(t testing.TB, s *store.Store) (keys []foreignKey) {
	t.Helper()
	query := `SELECT m.name, 'fk' || f.id, f."table", group_concat(f."from"), group_concat(f."to")
		FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' GROUP BY m.name, f.id ORDER BY m.name, f.id`
	if s.Postgres() {
		query = `SELECT conrelid::regclass::text, conname, confrelid::regclass::text,
			(SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(conkey) WITH ORDINALITY k(c, n) JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.c),
			(SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(confkey) WITH ORDINALITY k(c, n) JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.c)
			FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 2`
	}
	for _, line := range lines(t, s, query) {
		f := strings.Fields(line)
		keys = append(keys, foreignKey{f[0], f[1], f[2], strings.Split(f[3], ","), strings.Split(f[4], ",")})
	}
	if len(keys) < 60 {
		t.Fatalf("only %d foreign keys found", len(keys))
	}
	return keys
}

// uniqueOn reports whether a table has a unique index on exactly these columns.
func uniqueOn(t testing.TB, s *store.Store, table string, columns ...string) bool {
	t.Helper()
	query := `SELECT (SELECT group_concat(name) FROM pragma_index_info(l.name)) FROM pragma_index_list($1) l WHERE l."unique" = 1 AND l.partial = 0`
	if s.Postgres() {
		query = `SELECT (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(indkey) WITH ORDINALITY k(c, n) JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = k.c)
			FROM pg_index WHERE indrelid = $1::regclass AND indisunique AND indpred IS NULL`
	}
	return slices.Contains(lines(t, s, s.Respell(query), table), strings.Join(columns, ","))
}

// indexed reports whether a full index of a table begins with these columns, in any order.
func indexed(t testing.TB, s *store.Store, table string, columns []string) bool {
	t.Helper()
	query := `SELECT (SELECT group_concat(name) FROM pragma_index_info(l.name)) FROM pragma_index_list($1) l WHERE l.partial = 0`
	if s.Postgres() {
		query = `SELECT (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(indkey) WITH ORDINALITY k(c, n) JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = k.c)
			FROM pg_index WHERE indrelid = $1::regclass AND indpred IS NULL`
	}
	want := slices.Sorted(slices.Values(columns))
	return slices.ContainsFunc(lines(t, s, s.Respell(query), table), func(line string) bool {
		have := strings.Split(line, ",")
		return len(have) >= len(want) && slices.Equal(slices.Sorted(slices.Values(have[:len(want)])), want)
	})
}

// notNull reports whether a column refuses NULL.
func notNull(t testing.TB, s *store.Store, table, column string) bool {
	t.Helper()
	query := `SELECT "notnull" FROM pragma_table_info($1) WHERE name = $2`
	if s.Postgres() {
		query = `SELECT CASE WHEN attnotnull THEN 1 ELSE 0 END FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2`
	}
	return slices.Equal(lines(t, s, s.Respell(query), table, column), []string{"1"})
}

// tablesIn are the tables that the database has, without those of its tools.
func tablesIn(t testing.TB, s *store.Store) []string {
	t.Helper()
	query := `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' ORDER BY name`
	if s.Postgres() {
		query = `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname NOT LIKE 'goose_%' ORDER BY relname`
	}
	return lines(t, s, query)
}
