package report

import (
	"context"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// A thousand readers of one scope cost what one costs: a reading each tenth of a
// second while something happens, and none while nothing does.
func TestThousandWatchersShareOneReader(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	go func() { _ = s.Sequence(ctx) }()
	go func() { _ = s.Tail(ctx) }()
	r := New(Config{Store: s})
	go func() { _ = s.Follow(ctx, r.Follower()) }()
	readers := make([]<-chan LiveStats, 1000)
	for i := range readers {
		var err error
		if readers[i], err = r.Live(ctx, Filter{}); err != nil {
			t.Fatal(err)
		}
	}
	begun := time.Now()
	const sales = 50
	for range sales {
		_, err := store.Run(ctx, s, store.Command{Name: "test", Quiet: true}, func(_ context.Context, tx *store.Tx) (int, error) {
			tx.Emit(store.Event{Type: "payout.settled", Subject: "pay", Facts: canon.Facts{"amount": "0", "currency": "USD", "day": "2026-03-02"}})
			tx.Emit(store.Event{Type: "clicks.unknown", Subject: "x"})
			return 0, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range readers {
		<-c
	}
	most := int64(time.Since(begun)/livePause) + 2
	if n := r.hub.reads.Load(); n < 1 || n > most {
		t.Errorf("%d readings for %d readers in %v, at most %d expected", n, len(readers), time.Since(begun), most)
	}
	leave()
	for _, c := range readers {
		for range c { //nolint:revive // until it is closed
		}
	}
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	if len(r.hub.watches) != 0 {
		t.Errorf("%d watches without a reader", len(r.hub.watches))
	}
}

// What differs between two snapshots is told, what does not is not.
func TestWatchTellsChangesOnly(t *testing.T) {
	t.Parallel()
	h := newHub[scope, LiveStats](nil, livePause, nil)
	w := &watch[scope, LiveStats]{hub: h, readers: map[chan LiveStats]struct{}{}}
	c := make(chan LiveStats, 1)
	w.readers[c] = struct{}{}
	one := LiveStats{Cursor: "1", Total: []StatsRow{rowOf("", "USD", sums{accrued: 1})}}
	h.publish(w, one)
	<-c
	same := one
	same.Cursor = "2"
	h.publish(w, same)
	if len(c) != 0 {
		t.Error("equal totals were told again")
	}
	if w.last.Cursor != "2" {
		t.Error("who comes next would begin from an older cursor")
	}
	h.publish(w, LiveStats{Total: []StatsRow{rowOf("", "USD", sums{accrued: 2})}})
	h.publish(w, LiveStats{Total: []StatsRow{rowOf("", "USD", sums{accrued: 3})}})
	if l := <-c; l.Total[0].Accrued() != "0.03" {
		t.Errorf("a slow reader got %s", l.Total[0].Accrued())
	}
}
