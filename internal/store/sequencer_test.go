package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// hold is how long a transaction stays open: a minute in the nightly form.
func hold() time.Duration {
	if long() {
		return time.Minute
	}
	return 2 * time.Second
}

// openEvents appends events in a transaction that stays open, as a command
// between its last statement and its commit.
func openEvents(t *testing.T, s *store.Store, merchant string, n int) (ids []string, commit func()) {
	t.Helper()
	tx, err := s.DB().BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		one := id.New(id.Event, s.Now())
		_, err := tx.Exec(`INSERT INTO events (id, merchant_id, created_at, type, type_version, subject_id, facts)
			VALUES ($1, $2, $3, 'test.held', 1, 'x', $4)`, one, merchant, s.Now(), canon.Facts{}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, one)
	}
	return ids, func() {
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

// order reads the whole order, which must count from 1 without a gap.
func order(t *testing.T, s *store.Store) (ids []string) {
	t.Helper()
	for {
		events, err := s.AllEvents(t.Context(), int64(len(ids)), 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if ids = append(ids, e.ID); e.Seq != int64(len(ids)) {
				t.Fatalf("place %d follows place %d", e.Seq, len(ids)-1)
			}
		}
		if len(events) < 1000 {
			return ids
		}
	}
}

// flow runs commands from 16 callers until the time is over and at least atLeast are done.
func flow(ctx context.Context, t *testing.T, s *store.Store, prefix string, atLeast int64, d time.Duration) int64 {
	t.Helper()
	var done atomic.Int64
	var callers sync.WaitGroup
	end := time.Now().Add(d)
	for c := range 16 {
		callers.Go(func() {
			for n := 0; time.Now().Before(end) || done.Load() < atLeast; n++ {
				if _, err := makeGroup(ctx, s, fmt.Sprintf("%s %d.%d", prefix, c, n)); err != nil {
					t.Error(err)
					return
				}
				done.Add(1)
			}
		})
	}
	callers.Wait()
	return done.Load()
}

func TestEventsFlowAroundAnOpenTransaction(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := storetest.Open(t)
	ctx, merchant := storetest.Merchant(t, s)
	background(t, s.Sequence)
	held, commit := openEvents(t, s, merchant, 3)
	others := flow(ctx, t, s, "around", 300, hold())
	eventually(t, "all committed events have places", 2*time.Second, func() bool { return count(t, s, "event_orders") == others })
	before := order(t, s)
	commit()
	eventually(t, "the late events have places", 2*time.Second, func() bool { return count(t, s, "event_orders") == others+3 })
	after := order(t, s)
	if !slices.Equal(after[:others], before) {
		t.Error("places changed after they were given")
	}
	if !slices.Equal(after[others:], held) {
		t.Errorf("the late events stand at %v, want %v", after[others:], held)
	}
	if slices.Sort(after); len(slices.Compact(after)) != int(others)+3 {
		t.Error("an event has two places")
	}
	clean(t, s)
	t.Logf("%d commands went around a transaction open for %v", others, hold())
}

// The order by ids, which carry the instants of the commands' beginnings, skips
// an event whose command began first and committed last. The order by places
// does not.
func TestNaiveOrderSkipsALateCommit(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := storetest.Open(t)
	ctx, merchant := storetest.Merchant(t, s)
	background(t, s.Sequence)
	var naiveCursor string
	naive := func() (ids []string) {
		rows, err := s.Read(everywhere(t.Context()), `SELECT id FROM events WHERE id > $1 ORDER BY id`, naiveCursor)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(&naiveCursor); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, naiveCursor)
		}
		return ids
	}
	late, commit := openEvents(t, s, merchant, 1)
	if _, err := makeGroup(ctx, s, "early"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the early event has its place", 2*time.Second, func() bool { return count(t, s, "event_orders") == 1 })
	read, placed := naive(), order(t, s)
	commit()
	eventually(t, "the late event has its place", 2*time.Second, func() bool { return count(t, s, "event_orders") == 2 })
	read, placed = append(read, naive()...), append(placed, order(t, s)[1:]...)
	if slices.Contains(read, late[0]) {
		t.Error("the naive order did not skip: this test shows nothing")
	}
	if len(placed) != 2 || placed[1] != late[0] {
		t.Errorf("the order is %v, want the late event %s last", placed, late[0])
	}
}

// A command that waited for another's row begins first, and its event must come
// second although its id is the lesser.
func TestEffectDoesNotComeBeforeItsCause(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	group, err := makeGroup(ctx, s, "shared")
	if err != nil {
		t.Fatal(err)
	}
	begun, done := make(chan struct{}), make(chan error, 1)
	locked := make(chan struct{})
	go func() {
		done <- run(ctx, s, func(ctx context.Context, tx *store.Tx) error {
			tx.Emit(store.Event{Type: "test.effect"}) // takes its id now
			close(begun)
			<-locked
			return tx.Lock(ctx, "affiliate_groups", group)
		})
	}()
	<-begun
	err = run(ctx, s, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Lock(ctx, "affiliate_groups", group); err != nil {
			return err
		}
		tx.Emit(store.Event{Type: "test.cause"})
		close(locked)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if placed, _, err := s.Place(t.Context(), "0"); err != nil || placed != 3 {
		t.Fatalf("placed %d, %v", placed, err)
	}
	events, err := s.AllEvents(t.Context(), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if events[0].Type != "test.cause" || events[1].Type != "test.effect" {
		t.Errorf("%s comes before %s", events[0].Type, events[1].Type)
	}
	if events[0].ID < events[1].ID {
		t.Error("the ids agree with the order: this test shows nothing")
	}
}

// Were the election to fail, the keys of event_orders would still keep two
// placers from giving a place twice or an event two places.
func TestPlacersWithoutElectionDoNoHarm(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	stop := make(chan struct{})
	var placers sync.WaitGroup
	var refused atomic.Int64
	for range 4 {
		placers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, _, err := s.Place(ctx, "0"); err != nil {
					if !store.IsUnique(err) {
						t.Error(err)
						return
					}
					refused.Add(1)
				}
			}
		})
	}
	n := flow(ctx, t, s, "unelected", 200, 0)
	close(stop)
	placers.Wait()
	if _, _, err := s.Place(ctx, "0"); err != nil {
		t.Fatal(err)
	}
	if got := int64(len(order(t, s))); got != n {
		t.Errorf("%d places for %d events", got, n)
	}
	if refused.Load() == 0 {
		t.Error("no two placers met: this test shows nothing")
	}
	clean(t, s)
}
