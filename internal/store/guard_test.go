package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// owner is a log-in of the test's own with a database of its own, as a hosting
// service gives one; may says what else it may do.
func owner(t *testing.T, may string) (address string) {
	t.Helper()
	server := os.Getenv("TRIBUTARY_TEST_POSTGRES")
	admin, err := sql.Open("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	raw := make([]byte, 6)
	_, _ = rand.Read(raw)
	name := "test_owner_" + hex.EncodeToString(raw)
	for _, statement := range []string{`CREATE ROLE ` + name + ` LOGIN ` + may, `CREATE DATABASE ` + name + ` OWNER ` + name} {
		if _, err := admin.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		_, _ = admin.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`)
		_, _ = admin.Exec(`REVOKE tributary_rows FROM ` + name)
		_, _ = admin.Exec(`DROP ROLE ` + name)
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path, u.User = "/"+name, url.User(name)
	return u.String()
}

// A log-in is guarded in the best way open to it, and in each of them the second
// wall stands and the house's own work goes on.
func TestR2_RowSecurityHoldsWhoeverLogsIn(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	_ = storetest.Open(t) // the role of viewers is there
	for how, may := range map[string]string{"role": "CREATEROLE", "force": "NOCREATEROLE"} {
		t.Run(how, func(t *testing.T) {
			s := pooled(t, owner(t, may), 4)
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatalf("a second time: %v", err)
			}
			if got, err := s.Guarded(t.Context()); got != how || err != nil {
				t.Fatalf("guarded by %q: %v", got, err)
			}
			keepsApart(t, s, how)
		})
	}
}

func keepsApart(t *testing.T, s *store.Store, how string) {
	t.Helper()
	one, a := storetest.Merchant(t, s)
	_, b := storetest.Merchant(t, s)
	if seen := rawIDs(one, t, s, "merchants", "id"); seen[a] != 1 || seen[b] != 0 {
		t.Errorf("a viewer sees %v", seen)
	}
	if seen := rawIDs(everywhere(t.Context()), t, s, "merchants", "id"); seen[a] != 1 || seen[b] != 1 {
		t.Errorf("the house sees %v", seen)
	}
	if _, err := makeGroup(one, s, "Gold"); err != nil {
		t.Fatal(err)
	}
	background(t, s.Sequence)
	if _, err := s.Catch(t.Context(), store.Follower{Name: "counter", Apply: func(context.Context, *store.Tx, []store.Event) error { return nil }}); err != nil {
		t.Error(err)
	}
	// The index of unplaced events must stay open to the sequencer: a policy of
	// the house's own would close it.
	plan := strings.Join(lines(t, s, `EXPLAIN SELECT 1 FROM events WHERE xid >= '5'::xid8`), "\n")
	if strings.Contains(plan, "current_setting") {
		t.Errorf("the sequencer works behind a policy:\n%s", plan)
	}
	forced := lines(t, s, `SELECT count(*)::text FROM pg_class WHERE relforcerowsecurity`)[0]
	if want := map[string]string{"role": "0", "force": fmt.Sprint(len(guardedTables(t, s)) - 2)}[how]; forced != want {
		t.Errorf("%s tables are forced, want %s", forced, want)
	}
}

func guardedTables(t testing.TB, s *store.Store) []string {
	t.Helper()
	return lines(t, s, `SELECT relname FROM pg_class WHERE relrowsecurity`)
}

// A log-in above row-level security that may not take the role has no second
// wall; it is told, and works.
func TestR2_LogInAboveRowSecurityIsTold(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := pooled(t, owner(t, "BYPASSRLS"), 4)
	if got, err := s.Guarded(t.Context()); got != "not at all" || err != nil {
		t.Errorf("guarded by %q: %v", got, err)
	}
}
