// Package storetest gives each test a database of its own: an SQLite file in
// the test's folder, or a fresh PostgreSQL database when TRIBUTARY_TEST_POSTGRES
// names a server. Both are real; the same suites run on both.
package storetest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// Clock is an instant that tests move.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts at 2026-03-02 10:00 UTC, a Monday.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)} }

// Now is the instant.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the instant.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Open gives a migrated store on the real clock.
func Open(t testing.TB) *store.Store { return open(t, time.Now, nil) }

// OpenWatched gives a migrated store whose statements somebody sees.
func OpenWatched(t testing.TB, watch store.Watch) *store.Store { return open(t, time.Now, watch) }

// OpenAt gives a migrated store on the test's clock.
func OpenAt(t testing.TB, c *Clock) *store.Store { return open(t, c.Now, nil) }

func open(t testing.TB, clock func() time.Time, watch store.Watch) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URL: migrated(t), Clock: clock, Keys: Keys(t), Log: slog.New(slog.DiscardHandler), Watch: watch})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// Keys gives a keyring of the test's own.
func Keys(t testing.TB) *seal.Keyring {
	t.Helper()
	keys, err := seal.LoadOrCreate(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// URL names an empty database that ends with the test.
func URL(t testing.TB) string {
	t.Helper()
	if server := os.Getenv("TRIBUTARY_TEST_POSTGRES"); server != "" {
		return postgres(t, server, "template1")
	}
	return "sqlite:" + filepath.Join(t.TempDir(), "tributary.db")
}

// Merchant makes a live merchant and gives its owner's context.
func Merchant(t testing.TB, s *store.Store) (context.Context, string) {
	t.Helper()
	mid := id.New(id.Merchant, s.Now())
	ctx := trust.With(t.Context(), trust.System(mid))
	_, err := store.Run(ctx, s, store.Command{Name: "merchantCreate"}, func(ctx context.Context, tx *store.Tx) (string, error) {
		return mid, tx.Ent().Merchant.Create().SetID(mid).SetName("Acme").SetMode(merchant.ModeLIVE).SetCurrency(money.Currency("USD")).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	return trust.With(t.Context(), trust.Viewer{MerchantID: mid, PrincipalID: "usr_owner", Kind: trust.KindUser, Role: trust.Owner}), mid
}

// Must gives what a call answered, and ends the test when it failed:
// Must[pay.BatchOutcome](t)(desk.BatchCreate(ctx, in)).
func Must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Altered is a text whose last character is always another one: one chosen
// without looking is the same in one text of thirty-two.
func Altered(text string) string {
	last := byte('a')
	if text[len(text)-1] == last {
		last = 'b'
	}
	return text[:len(text)-1] + string(last)
}
