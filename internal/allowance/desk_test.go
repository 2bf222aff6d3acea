package allowance_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/allowance"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust/pace"
)

var hundred = pace.Limit{Every: 100 * time.Millisecond, Burst: 100} // ten a second

func desk(clock *storetest.Clock, shared allowance.Spend) *allowance.Desk {
	return allowance.New(allowance.Config{Shared: shared, Clock: clock.Now, Log: slog.New(slog.DiscardHandler)})
}

// counted counts the questions to the database.
func counted(s *store.Store, asked *atomic.Int64) allowance.Spend {
	return func(ctx context.Context, id string, l pace.Limit, cost int) (pace.Verdict, error) {
		asked.Add(1)
		return s.DoorSpend(ctx, id, l, cost)
	}
}

// Two servers, one token, ten seconds of knocking at twenty times the rate: the
// formula gives 100 at once and ten a second, so 200; neither more than that nor
// more than the two leases less. With a lease granted before it is taken out of
// the shared allowance the sum is beyond it.
func TestA10_R2_TwoServersShareOneAllowance(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	var asked atomic.Int64
	servers := []*allowance.Desk{desk(clock, counted(s, &asked)), desk(clock, counted(s, &asked))}
	granted, first := 0, 0
	for i := range 2000 {
		if servers[i%2].Take(t.Context(), "token:x", hundred).Granted {
			granted++
		}
		if clock.Advance(5 * time.Millisecond); i == 0 {
			first = int(asked.Load())
		}
	}
	if most := 100 + 10*10; granted > most || granted < most-2*10 {
		t.Errorf("%d granted in ten seconds, the formula gives %d", granted, most)
	}
	if n := asked.Load(); first != 1 || n > 10+2*20*10 {
		t.Errorf("%d questions to the database, %d for the first request", n, first)
	}
}

// A lease serves ten requests, so that nine of ten ask nobody.
func TestALeaseIsSpentFromMemory(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	var asked atomic.Int64
	d := desk(clock, counted(s, &asked))
	for i := range 100 {
		v := d.Take(t.Context(), "token:x", hundred)
		if !v.Granted || v.Remaining != 99-i {
			t.Fatalf("request %d: %+v", i, v)
		}
	}
	if asked.Load() != 10 {
		t.Errorf("%d questions for a hundred requests", asked.Load())
	}
	v := d.Take(t.Context(), "token:x", hundred)
	if v.Granted || v.RetryAfter <= 0 || v.RetryAfter > 200*time.Millisecond {
		t.Fatalf("the hundred and first: %+v", v)
	}
	clock.Advance(v.RetryAfter)
	if v := d.Take(t.Context(), "token:x", hundred); !v.Granted {
		t.Errorf("waited as told and was refused: %+v", v)
	}
}

// A lease kept while the allowance has filled again would let a burst be
// exceeded by as much.
func TestAnOldLeaseIsGivenUp(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	d := desk(clock, storetest.OpenAt(t, clock).DoorSpend)
	d.Take(t.Context(), "token:x", hundred)
	clock.Advance(hundred.Span())
	granted := 0
	for d.Take(t.Context(), "token:x", hundred).Granted {
		granted++
	}
	if granted != 100 {
		t.Errorf("%d at once, want 100", granted)
	}
}

// One server keeps the allowance in memory; a restart gives one burst, not more.
func TestOneServerAsksNobody(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	for range 2 {
		d, granted := desk(clock, nil), 0
		for range 1000 {
			if d.Take(t.Context(), "token:x", hundred).Granted {
				granted++
			}
		}
		if granted != 100 {
			t.Errorf("%d granted, want 100", granted)
		}
	}
}

func TestAnUnreadableAllowanceLetsThrough(t *testing.T) {
	t.Parallel()
	d := desk(storetest.NewClock(), func(context.Context, string, pace.Limit, int) (pace.Verdict, error) {
		return pace.Verdict{}, errors.New("the database is away")
	})
	for range 500 {
		if !d.Take(t.Context(), "token:x", hundred).Granted {
			t.Fatal("refused because the database is away")
		}
	}
}
