package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// A server that starts reads the clocks; one that runs learns from the journal
// that another moved one. Without heedClocks the second half fails.
func TestN21_EveryServerGoesByASandboxesClock(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	ctx, merchant := storetest.Merchant(t, s)
	err := run(ctx, s, func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Merchant.UpdateOneID(merchant).SetClockAheadMs(time.Hour.Milliseconds()).Exec(ctx)
	})
	if err != nil || !s.MerchantTime(ctx).Equal(clock.Now()) {
		t.Fatalf("%v: before it is told the server goes by %s", err, s.MerchantTime(ctx))
	}
	if err := s.LoadClocks(t.Context()); err != nil || !s.MerchantTime(ctx).Equal(clock.Now().Add(time.Hour)) {
		t.Errorf("after its start it goes by %s, %v", s.MerchantTime(ctx), err)
	}
	sub := s.Subscribe(merchant, 8)
	defer sub.Close()
	background(t, s.Tail)
	for _, ahead := range []string{"7200000", "1000"} { // a move that is told late takes nothing back
		err := run(ctx, s, func(_ context.Context, tx *store.Tx) error {
			tx.Emit(store.Event{Type: store.EventClock, Subject: merchant, Facts: canon.Facts{"ahead_ms": ahead}})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		place(t, s)
		select {
		case <-sub.C:
		case <-time.After(20 * time.Second):
			t.Fatal("the event did not arrive")
		}
		if got := s.MerchantTime(ctx); !got.Equal(clock.Now().Add(2 * time.Hour)) {
			t.Errorf("after %s it goes by %s", ahead, got)
		}
	}
	if got := s.MerchantsAhead(); len(got) != 1 || got[0] != merchant {
		t.Errorf("ahead are %v", got)
	}
}
