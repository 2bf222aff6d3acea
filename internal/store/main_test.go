package store_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The tests that name a database, and why:
//
//   - PostgreSQL: the sequencer (SQLite's one writer places events in the
//     command), re-election, frozen backends, deadlocks, prepared statements.
//   - SQLite: the reader pool that cannot write, a busy file, the backup.
//
// All others run on both.
func onlyOn(t *testing.T, postgres bool) {
	t.Helper()
	if has := os.Getenv("TRIBUTARY_TEST_POSTGRES") != ""; has != postgres {
		t.Skip(map[bool]string{true: "needs PostgreSQL: set TRIBUTARY_TEST_POSTGRES", false: "is about SQLite"}[postgres])
	}
}

// long reports whether the nightly form was asked for.
func long() bool { return os.Getenv("TRIBUTARY_LONG") == "1" }

// run is a command of the test's own that gives nothing back.
func run(ctx context.Context, s *store.Store, fn func(context.Context, *store.Tx) error) error {
	_, err := store.Run(ctx, s, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (struct{}, error) {
		return struct{}{}, fn(ctx, tx)
	})
	return err
}

// system is the context of a merchant's own machinery.
func system(t testing.TB, merchant string) context.Context {
	return trust.With(t.Context(), trust.System(merchant))
}

// everywhere is the context of work for all merchants at once.
func everywhere(ctx context.Context) context.Context { return trust.With(ctx, trust.System("")) }

// background runs a loop of the store until the test ends.
func background(t testing.TB, loop func(context.Context) error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- loop(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("background loop: %v", err)
		}
	})
}

// eventually waits for a condition of the database, of which nothing tells.
func eventually(t testing.TB, what string, limit time.Duration, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// one reads a single value.
func one[T any](t testing.TB, s *store.Store, query string, args ...any) (v T) {
	t.Helper()
	return oneAs[T](everywhere(t.Context()), t, s, query, args...)
}

// oneAs reads a single value as the viewer in ctx.
func oneAs[T any](ctx context.Context, t testing.TB, s *store.Store, query string, args ...any) (v T) {
	t.Helper()
	rows, err := s.Read(ctx, query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		t.Fatalf("no row: %s", query)
	}
	if err := rows.Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// count counts the rows of a table.
func count(t testing.TB, s *store.Store, table string) int64 {
	t.Helper()
	return one[int64](t, s, `SELECT count(*) FROM `+table)
}

func wantCode(t testing.TB, err error, codes ...problem.Code) {
	t.Helper()
	for _, c := range codes {
		if problem.CodeOf(err) == c {
			return
		}
	}
	t.Errorf("got %v, want one of %v", err, codes)
}

// clean fails when the journal is not in order.
func clean(t testing.TB, s *store.Store) {
	t.Helper()
	findings, err := s.VerifyJournal(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Errorf("%s: %s: %s", f.Check, f.Subject, f.Detail)
	}
}

// withViewerOf puts the viewer of another context into ctx, which has a
// deadline of its own.
func withViewerOf(ctx, owner context.Context) context.Context {
	v, _ := trust.From(owner)
	return trust.With(ctx, v)
}
