package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// A key is remembered for thirty days and may be used again after it was forgotten.
func TestKeysAreForgottenAfterThirtyDays(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	ctx, _ := storetest.Merchant(t, s)
	runs := 0
	do := func() {
		t.Helper()
		_, err := store.Run(store.WithKey(ctx, store.Key{Value: "k"}), s, store.Command{Name: "thing"}, func(context.Context, *store.Tx) (int, error) {
			runs++
			return runs, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	forget := func(want int) {
		t.Helper()
		if n, err := s.ForgetKeys(t.Context(), 100); n != want || err != nil {
			t.Fatalf("forgot %d, want %d: %v", n, want, err)
		}
	}
	do()
	clock.Advance(30*24*time.Hour - time.Microsecond)
	forget(0)
	do() // a repeat: nothing is run
	clock.Advance(time.Microsecond)
	forget(1)
	do()
	if runs != 2 {
		t.Errorf("%d runs, want 2", runs)
	}
}
