package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// owned are the tables whose rows are a merchant's, with the column that says so.
func (w *town) owned() map[string]string {
	out := map[string]string{}
	for entity, table := range w.entities {
		switch {
		case table == "merchants":
			out[table] = "id"
		case !isGlobal(entity):
			out[table] = "merchant_id"
		}
	}
	return out
}

func TestR2_EveryOwnedTableHasRowSecurity(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	w := newTown(t)
	guarded := lines(t, w.s, `SELECT c.relname FROM pg_class c JOIN pg_policies p ON p.tablename = c.relname AND p.schemaname = 'public'
		WHERE c.relrowsecurity AND c.relforcerowsecurity AND p.cmd = 'ALL' AND p.permissive = 'PERMISSIVE' ORDER BY 1`)
	want := slices.Sorted(maps.Keys(w.owned()))
	want = append(want, lines(t, w.s, `SELECT inhrelid::regclass::text FROM pg_inherits`)...)
	slices.Sort(want)
	// A partition's index is in pg_inherits too, and has no rows of its own.
	want = slices.DeleteFunc(want, func(name string) bool { return strings.HasSuffix(name, "_idx") || strings.HasSuffix(name, "_pkey") })
	if !slices.Equal(guarded, want) {
		t.Errorf("row security on\n%v, want\n%v", guarded, want)
	}
	if how, err := w.s.Guarded(t.Context()); how != "role" || err != nil {
		t.Errorf("viewers are guarded by %q: %v", how, err)
	}
}

// Row-level security alone: no interceptor, no hook, no condition in the query.
func TestR2_RowSecurityAloneKeepsMerchantsApart(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	w := newTown(t)
	ctx := w.staff(t.Context())
	for entity := range w.entities {
		if isGlobal(entity) {
			continue
		}
		one := w.walker(ctx, w.s.Unwalled(), entity, w.alien, w.one, w.other)
		if seen := one.reads(); len(seen) != len(w.ids(entity, w.one, w.other)) {
			t.Errorf("%s: sees %d rows", entity, len(seen))
		}
		report(t, one.leaks)
	}
	leaks, err := w.walkWrites(ctx, ctx, w.alien, func(tx *store.Tx) *ent.Client { return tx.Unfiltered(false, false) })
	if err != nil {
		t.Fatal(err)
	}
	report(t, without(leaks, refusals...))
}

// rawIDs asks for a whole table by hand.
func rawIDs(ctx context.Context, t testing.TB, s *store.Store, table, column string) (merchants map[string]int) {
	t.Helper()
	rows, err := s.Read(ctx, `SELECT `+column+` FROM `+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	merchants = map[string]int{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		merchants[id]++
	}
	return merchants
}

// SQL by hand that forgets the merchant gives a viewer its own rows on
// PostgreSQL. Without row-level security, as on SQLite and in the house's own
// pool, the same SQL gives everybody's: that is why the raw doors are few.
func TestR2_SQLWithoutAMerchantLeaksOnlyWithoutRowSecurity(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	own, alien := fmt.Sprint(w.one["merchants"]), fmt.Sprint(w.alien["merchants"])
	for table, column := range w.owned() {
		seen := rawIDs(w.staff(t.Context()), t, w.s, table, column)
		if leaks := seen[alien] > 0; leaks == w.s.Postgres() || seen[own] == 0 {
			t.Errorf("%s: a viewer's query sees %v", table, seen)
		}
		if all := rawIDs(everywhere(t.Context()), t, w.s, table, column); all[alien] == 0 || all[own] == 0 {
			t.Errorf("%s: the house's own query sees %v", table, all)
		}
	}
}

// With the policy of one table gone, that table leaks: it is the policy that
// keeps them apart.
func TestR2_WithoutItsPolicyATableLeaks(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	w := newTown(t)
	alien := fmt.Sprint(w.alien["merchants"])
	for table, column := range w.owned() {
		if _, err := w.s.DB().Exec(`ALTER TABLE ` + table + ` DISABLE ROW LEVEL SECURITY`); err != nil {
			t.Fatal(err)
		}
		if seen := rawIDs(w.staff(t.Context()), t, w.s, table, column); seen[alien] == 0 {
			t.Errorf("%s: without its policy a viewer still sees %v alone", table, seen)
		}
	}
}

func TestR2_RowSecurityRefusesAnotherMerchantsRow(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	w := newTown(t)
	d := newSeeder(t, w.s)
	undo := errors.New("undo")
	for _, table := range d.tables {
		if w.owned()[table.Name] == "" {
			continue
		}
		err := run(w.staff(t.Context()), w.s, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(d.row(ctx, tx, table, maps.Clone(w.alien), nil), undo)
		})
		if e, ok := errors.AsType[*pq.Error](err); !ok || e.Code != "42501" || !strings.Contains(e.Message, "row-level security") {
			t.Errorf("%s: a viewer inserts another merchant's row: %v", table.Name, err)
		}
	}
}

func TestR2_WithoutAViewerTheDatabaseGivesNothing(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	w := newTown(t)
	for table := range w.owned() {
		var n int
		if err := w.s.ViewersPool().QueryRowContext(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: nobody sees %d rows: %v", table, n, err)
		}
	}
	// The word for all merchants is the house's: a viewer who bears it meets nothing.
	star := system(t, "*")
	if n := oneAs[int](star, t, w.s, `SELECT count(*) FROM programs`); n != 0 {
		t.Errorf("a viewer of merchant * sees %d programs", n)
	}
}

// tellings is how often a connection was told its merchant.
const tellings = `SELECT coalesce(sum(generic_plans + custom_plans), 0)::bigint FROM pg_prepared_statements WHERE statement LIKE '%app.merchant%' AND NOT statement LIKE '%pg_prepared%'`

// One connection serves one viewer after the other, and is told of a change only.
func TestR2_ConnectionIsToldOfAnotherMerchantOnly(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := pooled(t, storetest.URL(t), 1)
	one, a := storetest.Merchant(t, s)
	two, b := storetest.Merchant(t, s)
	for range 5 {
		if got := oneAs[string](one, t, s, `SELECT id FROM merchants`); got != a {
			t.Errorf("sees %s, not %s", got, a)
		}
	}
	before := oneAs[int64](one, t, s, tellings)
	for range 3 {
		if got := oneAs[string](two, t, s, `SELECT id FROM merchants`); got != b {
			t.Errorf("sees %s, not %s", got, b)
		}
	}
	if after := oneAs[int64](two, t, s, tellings); after != before+1 {
		t.Errorf("the connection was told %d times of one change", after-before)
	}
}

// What a connection was told within a transaction, the database forgets when the
// transaction is taken back, and when a savepoint is.
func TestR2_MerchantIsRightAfterARollback(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := pooled(t, storetest.URL(t), 1)
	one, a := storetest.Merchant(t, s)
	two, b := storetest.Merchant(t, s)
	mine := func(ctx context.Context, tx *store.Tx) (id string) {
		if err := tx.QueryRow(ctx, `SELECT string_agg(id, ' ') FROM merchants`).Scan(&id); err != nil {
			t.Error(err)
		}
		return id
	}
	undo := errors.New("undo")
	for _, end := range []error{nil, undo} {
		err := run(one, s, func(ctx context.Context, tx *store.Tx) error {
			err := tx.Savepoint(ctx, func(ctx context.Context) error {
				if got := mine(withViewerOf(ctx, two), tx); got != b {
					t.Errorf("in the savepoint: %s, want %s", got, b)
				}
				_, broken := tx.Exec(ctx, `SELECT 1/0`)
				return broken
			})
			if err == nil {
				t.Error("the savepoint was not taken back")
			}
			if got := mine(ctx, tx); got != a {
				t.Errorf("after the savepoint: %s, want %s", got, a)
			}
			if got := mine(withViewerOf(ctx, two), tx); got != b {
				t.Errorf("as the other: %s, want %s", got, b)
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
		if got := oneAs[string](two, t, s, `SELECT id FROM merchants`); got != b {
			t.Errorf("after the transaction: %s, want %s", got, b)
		}
		if got := oneAs[string](one, t, s, `SELECT id FROM merchants`); got != a {
			t.Errorf("after the transaction: %s, want %s", got, a)
		}
	}
}
