package store_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden manifests anew")

// manifest is what the drift check cannot see, as the database itself tells it.
func manifest(t testing.TB, s *store.Store) string {
	t.Helper()
	queries := []struct{ title, query string }{
		{"triggers", `SELECT name, 'ON', tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name`},
		{"checks", `SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND (sql LIKE '%CHECK (%' OR sql LIKE '%CHECK(%') ORDER BY name`},
		{"indexes", `SELECT name, coalesce(sql, 'automatic on ' || tbl_name) FROM sqlite_schema WHERE type = 'index' AND tbl_name NOT LIKE 'goose_%' ORDER BY name`},
	}
	if s.Postgres() {
		queries = []struct{ title, query string }{
			{"triggers", `SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1`},
			{"functions", `SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1`},
			{"checks", `SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY 1, 2`},
			{"partitions", `SELECT relname, coalesce(pg_get_partkeydef(oid), ''), coalesce(pg_get_expr(relpartbound, oid), '') FROM pg_class
				WHERE relnamespace = 'public'::regnamespace AND (relkind = 'p' OR relispartition AND relkind = 'r') ORDER BY 1`},
			{"sequences", `SELECT sequencename, data_type::text, min_value::text FROM pg_sequences WHERE schemaname = 'public' AND sequencename NOT LIKE 'goose_%' ORDER BY 1`},
			{"row security", `SELECT relname, relrowsecurity::text, relforcerowsecurity::text FROM pg_class
				WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname NOT LIKE 'goose_%' ORDER BY 1`},
			{"policies", `SELECT tablename, policyname, permissive, roles::text, cmd, qual, coalesce(with_check, 'as for reading') FROM pg_policies WHERE schemaname = 'public' ORDER BY 1, 2`},
			{"grants", `SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) FROM information_schema.role_table_grants WHERE grantee = 'tributary_rows' GROUP BY 1 ORDER BY 1`},
			{"indexes", `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'goose_%' ORDER BY indexname`},
		}
	}
	var b strings.Builder
	for _, q := range queries {
		fmt.Fprintf(&b, "# %s\n", q.title)
		for _, line := range lines(t, s, q.query) {
			b.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
		}
	}
	return b.String()
}

func TestManifestIsGolden(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	got, path := manifest(t, s), "testdata/manifest."+s.Dialect()+".txt"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the database has, beside its tables, other than %s says (-update writes it anew):\n%s", path, difference(string(want), got))
	}
}

// difference lists the lines that only one of two texts has.
func difference(want, got string) string {
	var b strings.Builder
	for sign, pair := range map[string][2]string{"-": {want, got}, "+": {got, want}} {
		for line := range strings.Lines(pair[0]) {
			if !strings.Contains(pair[1], line) {
				b.WriteString(sign + line)
			}
		}
	}
	return b.String()
}

// Typed by hand: what is never changed once it is written.
var appendOnly = strings.Fields(`events event_orders ledger_transactions ledger_entries ledger_checkpoints ledger_locks exchange_rates
	plan_versions attribution_policies attributions audit_records refunds dispute_comments`)

func TestAppendOnlyTablesRefuseEveryChange(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	newSeeder(t, s).family(nil)
	for _, table := range appendOnly {
		before := count(t, s, table)
		changes := []string{`UPDATE %s SET merchant_id = merchant_id`, `DELETE FROM %s`}
		if table == "exchange_rates" { // every merchant's
			changes[0] = `UPDATE %s SET id = id`
		}
		if s.Postgres() {
			changes = append(changes, `TRUNCATE %s CASCADE`)
		} else {
			changes = append(changes, `INSERT OR REPLACE INTO %[1]s SELECT * FROM %[1]s`)
		}
		for _, change := range changes {
			_, err := s.DB().Exec(fmt.Sprintf(change, table))
			if err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", fmt.Sprintf(change, table), err)
			}
		}
		if n := count(t, s, table); n == 0 || n != before {
			t.Errorf("%s: %d rows of %d are left", table, n, before)
		}
	}
}

// Other tables take the same changes: what refuses is the trigger.
func TestOtherTablesTakeChanges(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	newSeeder(t, s).family(nil)
	for _, table := range tablesIn(t, s) {
		if strings.Contains(" "+strings.Join(appendOnly, " ")+" ", " "+table+" ") {
			continue
		}
		tx, err := s.DB().Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(`UPDATE ` + table + ` SET id = id`); err != nil {
			t.Errorf("%s: %v", table, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}
