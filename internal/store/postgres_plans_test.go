package store_test

import (
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/store/storetest"
)

// A connection that has met an empty table goes on reading all of a merchant's rows
// where it checks a key, until the table is counted. Without Learn that takes the database
// up to a minute.
func TestPostgresPlansForYoungTables(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	if !s.Postgres() {
		t.Skip("SQLite is told once and for all: TestSQLitePlansForGrownTables")
	}
	newSeeder(t, s).family(nil)
	conn, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	do := func(statement string) {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	checks := func() (plan string) {
		rows, err := conn.QueryContext(t.Context(), `EXPLAIN EXECUTE key_check('a', 'b')`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan += line + "\n"
		}
		return plan
	}
	do(`SET plan_cache_mode = force_generic_plan`)
	do(`PREPARE key_check AS SELECT 1 FROM conversions x WHERE merchant_id = $1 AND id = $2 FOR KEY SHARE OF x`)
	if plan := checks(); strings.Contains(plan, "conversion_merchant_id_id") {
		t.Errorf("with an empty table a key is checked by\n%s: then nothing need be learnt", plan)
	}
	do(`INSERT INTO conversions SELECT (jsonb_populate_record(c, jsonb_build_object('id', c.id || n, 'external_id', n::text))).* FROM conversions c, generate_series(1, 2000) n`)
	if err := s.LearnNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if plan := checks(); !strings.Contains(plan, "conversion_merchant_id_id") {
		t.Errorf("a key is checked by\n%s", plan)
	}
	for _, name := range lines(t, s, `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relpages = 0 AND pg_relation_size(oid) > 16384`) {
		t.Errorf("%s is not counted", name)
	}
}
