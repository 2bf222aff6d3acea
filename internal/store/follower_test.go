package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

// emit runs commands of 1 to 4 events each, n events in all.
func emit(ctx context.Context, t *testing.T, s *store.Store, n int) {
	t.Helper()
	for done := 0; done < n; {
		size := min(1+rand.IntN(4), n-done)
		emitTogether(ctx, t, s, done, size)
		done += size
	}
}

// emitTogether is one command of n events.
func emitTogether(ctx context.Context, t *testing.T, s *store.Store, from, n int) {
	t.Helper()
	err := run(ctx, s, func(_ context.Context, tx *store.Tx) error {
		for i := range n {
			tx.Emit(store.Event{Type: "test.counted", Subject: fmt.Sprint(from + i)})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// place gives committed events their places now, on either database.
func place(t *testing.T, s *store.Store) {
	t.Helper()
	if !s.Postgres() {
		return
	}
	if _, _, err := s.Place(t.Context(), "0"); err != nil {
		t.Fatal(err)
	}
}

// copying is a follower whose effect is one row per event: a second one for the
// same event would be a second row.
func copying(name string, after func(context.Context, *store.Tx) error) store.Follower {
	return store.Follower{Name: name, Batch: 7, Apply: func(ctx context.Context, tx *store.Tx, events []store.Event) error {
		for _, e := range events {
			if err := tx.Ent().Customer.Create().SetIdentityHash([]byte(tx.ID("cus"))).SetSelfHash([]byte(e.Subject)).Exec(ctx); err != nil {
				return err
			}
		}
		return after(ctx, tx)
	}}
}

// Between its effect and its commit the follower is killed again and again: by
// the end of its context, by an error, and on PostgreSQL by the end of its
// connection. Each event has its effect once.
func TestFollowerHasEachEffectOnceThroughCrashes(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	owner, merchant := storetest.Merchant(t, s)
	const events = 200
	emit(owner, t, s, events)
	place(t, s)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 1))
	crashes := map[string]int{}
	var kill context.CancelFunc
	f := copying("copier", func(ctx context.Context, tx *store.Tx) error {
		switch how := chance.IntN(5); {
		case how == 0:
			crashes["cancelled"]++
			kill()
		case how == 1:
			crashes["failed"]++
			return errors.New("crash")
		case how == 2 && s.Postgres():
			crashes["terminated"]++
			var pid int
			if err := tx.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
				return err
			}
			terminate(t, s, pid)
		}
		return nil
	})
	for {
		var ctx context.Context
		ctx, kill = context.WithCancel(t.Context())
		n, err := s.Catch(ctx, f)
		kill()
		if err == nil && n == 0 {
			break
		}
	}
	if len(crashes) < map[bool]int{true: 3, false: 2}[s.Postgres()] {
		t.Errorf("crashes: %v: some did not happen", crashes)
	}
	t.Logf("crashes: %v", crashes)
	rows, err := s.Client().Customer.Query().All(trust.With(t.Context(), trust.System(merchant)))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, row := range rows {
		seen[string(row.SelfHash)]++
	}
	for n := range events {
		if seen[fmt.Sprint(n)] != 1 {
			t.Errorf("event %d has %d effects", n, seen[fmt.Sprint(n)])
		}
	}
	clean(t, s)
}

func TestFollowerSeesOneMerchantAtATimeInOrder(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	one, first := storetest.Merchant(t, s)
	two, second := storetest.Merchant(t, s)
	for range 3 {
		emit(one, t, s, 2)
		emit(two, t, s, 2)
	}
	place(t, s)
	var calls []string
	f := store.Follower{Name: "watcher", Apply: func(ctx context.Context, tx *store.Tx, events []store.Event) error {
		v, _ := trust.From(ctx)
		if v.Kind != trust.KindSystem || v.MerchantID != tx.MerchantID() {
			t.Errorf("viewer %+v, merchant %s", v, tx.MerchantID())
		}
		if !slices.IsSortedFunc(events, func(a, b store.Event) int { return int(a.Seq - b.Seq) }) || len(events) != 6 {
			t.Errorf("events %v", events)
		}
		for _, e := range events {
			if e.MerchantID != v.MerchantID {
				t.Errorf("an event of %s for %s", e.MerchantID, v.MerchantID)
			}
		}
		calls = append(calls, v.MerchantID)
		return nil
	}}
	if n, err := s.Catch(t.Context(), f); err != nil || n != 12 {
		t.Fatalf("%d, %v", n, err)
	}
	if !slices.Equal(calls, []string{first, second}) {
		t.Errorf("called for %v", calls)
	}
	if at, err := s.Cursor(t.Context(), "watcher"); err != nil || at != 12 {
		t.Errorf("cursor %d, %v", at, err)
	}
}

// Two servers run the same follower; were both elected, the lock on the cursor
// would still give each event to one of them.
func TestFollowersOfOneNameShareTheWork(t *testing.T) {
	t.Parallel()
	all, _ := servers(t, 2)
	owner, _ := storetest.Merchant(t, all[0])
	emit(owner, t, all[0], 100)
	place(t, all[0])
	f := copying("copier", func(context.Context, *store.Tx) error { return nil })
	at64(func(n int) {
		if n >= 8 {
			return
		}
		for {
			done, err := all[n%2].Catch(t.Context(), f)
			if err != nil {
				t.Error(err)
			}
			if err != nil || done == 0 {
				return
			}
		}
	})
	if n := count(t, all[0], "customers"); n != 100 {
		t.Errorf("%d effects of 100 events", n)
	}
}

// A follower that runs follows commits without being asked, goes on after an
// error, and is replaced when its server stops.
func TestFollowKeepsUp(t *testing.T) {
	t.Parallel()
	all, _ := servers(t, 2)
	if !all[0].Postgres() {
		all = all[:1] // one server per file
	}
	owner, _ := storetest.Merchant(t, all[0])
	background(t, all[0].Sequence)
	var applied, failures atomic.Int64
	f := copying("copier", func(context.Context, *store.Tx) error {
		if failures.Add(1) == 1 {
			return errors.New("once")
		}
		applied.Add(1)
		return nil
	})
	first, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- all[0].Follow(first, f) }()
	emit(owner, t, all[0], 20)
	effects := func(n int64) func() bool {
		return func() bool { return count(t, all[0], "customers") == n }
	}
	eventually(t, "20 effects", 10*time.Second, effects(20))
	stop()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	background(t, func(ctx context.Context) error { return all[len(all)-1].Follow(ctx, f) })
	emit(owner, t, all[0], 20)
	eventually(t, "40 effects", 10*time.Second, effects(40))
	if failures.Load() == applied.Load() {
		t.Error("nothing failed: this test shows nothing")
	}
}
