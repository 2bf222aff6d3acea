package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust/pace"
)

// The statement and the pure formula agree step by step, and time refills.
func TestR2_SharedAllowanceFollowsTheFormula(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	l := pace.Limit{Every: 10 * time.Second, Burst: 4}
	var arrival time.Time
	for i, step := range []struct{ wait, cost int }{{0, 1}, {0, 2}, {3, 2}, {0, 1}, {0, 1}, {10, 1}, {5, 5}, {14, 2}, {200, 4}, {0, 1}, {1, 0}} {
		clock.Advance(time.Duration(step.wait) * time.Second)
		next, want := l.Spend(arrival, s.Now(), step.cost)
		arrival = next
		got, err := s.DoorSpend(t.Context(), "test:one", l, step.cost)
		if step.cost > l.Burst {
			got.Remaining, got.Full, got.RetryAfter = want.Remaining, want.Full, want.RetryAfter // refused unasked
		}
		if err != nil || got != want {
			t.Errorf("step %d: %+v, want %+v (%v)", i, got, want, err)
		}
	}
}

// Many who spend at once get what there is and not a unit more. With a read
// before the write instead of the one statement, more are granted.
func TestR2_SharedAllowanceIsNotSpentTwice(t *testing.T) {
	t.Parallel()
	s := storetest.OpenAt(t, storetest.NewClock())
	var granted atomic.Int64
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			v, err := s.DoorSpend(t.Context(), "test:many", pace.Limit{Every: time.Hour, Burst: 7}, 1)
			if err != nil {
				t.Error(err)
			}
			if v.Granted {
				granted.Add(1)
			}
		})
	}
	all.Wait()
	if granted.Load() != 7 {
		t.Errorf("%d granted, want 7", granted.Load())
	}
}

func TestFullAllowancesAreForgotten(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	l := pace.Limit{Every: time.Minute, Burst: 3}
	for i := range 3 {
		if v, err := s.DoorSpend(t.Context(), fmt.Sprint("test:", i), l, i+1); !v.Granted || err != nil {
			t.Fatal(v, err)
		}
	}
	for i, want := range []int{2, 1, 0, 3} {
		if v, err := s.DoorLook(t.Context(), fmt.Sprint("test:", i), l); v.Remaining != want || err != nil {
			t.Errorf("allowance %d: %+v, %v", i, v, err)
		}
	}
	clock.Advance(2 * time.Minute)
	if n, err := s.ForgetAllowances(t.Context(), 10); n != 2 || err != nil {
		t.Fatalf("forgot %d, want the 2 that are full: %v", n, err)
	}
	if v, _ := s.DoorSpend(t.Context(), "test:2", l, 3); v.Granted {
		t.Error("the third was forgotten too")
	}
	if err := s.DoorRefill(t.Context(), "test:2"); err != nil {
		t.Fatal(err)
	}
	if v, _ := s.DoorSpend(t.Context(), "test:2", l, 3); !v.Granted {
		t.Error("refilled and refused")
	}
}
