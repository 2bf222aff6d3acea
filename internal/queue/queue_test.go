package queue_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

const patience = 20 * time.Second

func migrated(t *testing.T) *store.Store {
	t.Helper()
	s := storetest.Open(t)
	if err := queue.Migrate(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s
}

// start runs a queue and gives the function that stops it and waits.
func start(t *testing.T, cfg queue.Config) (stop func()) {
	t.Helper()
	q, err := queue.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := await(t, ended, "end of the queue"); err != nil {
			t.Errorf("run: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func await[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s within %v", what, patience)
		panic("unreachable")
	}
}

func TestErrandRecursAndIsReported(t *testing.T) {
	t.Parallel()
	ran, told := make(chan struct{}, 100), make(chan error, 100)
	start(t, queue.Config{
		Store: migrated(t),
		Errands: []queue.Errand{{Kind: "beat", Every: time.Second, Do: func(context.Context) error {
			ran <- struct{}{}
			return nil
		}}},
		Done: func(kind string, _ time.Duration, err error) {
			if kind != "beat" {
				t.Errorf("told of %q", kind)
			}
			told <- err
		},
	})
	for range 3 {
		await(t, ran, "tick")
		if err := await(t, told, "report"); err != nil {
			t.Error(err)
		}
	}
}

func TestFailedErrandIsDoneAgainByItsNextTick(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	healed := make(chan int32, 100)
	start(t, queue.Config{Store: migrated(t), Errands: []queue.Errand{{Kind: "mend", Every: time.Second, Do: func(context.Context) error {
		n := calls.Add(1)
		if n == 1 {
			return errors.New("not yet")
		}
		healed <- n
		return nil
	}}}})
	if n := await(t, healed, "second tick"); n != 2 {
		t.Errorf("healed at call %d", n)
	}
}

// A tick that comes while the one before still runs must not run beside it.
func TestTickNeverOverlapsTheOneBefore(t *testing.T) {
	t.Parallel()
	var inside, most, ticks atomic.Int32
	entered, beat := make(chan struct{}, 100), make(chan struct{}, 100)
	release := make(chan struct{})
	start(t, queue.Config{Store: migrated(t), Errands: []queue.Errand{
		{Kind: "slow", Every: time.Second, Do: func(ctx context.Context) error {
			most.Store(max(most.Load(), inside.Add(1)))
			defer inside.Add(-1)
			entered <- struct{}{}
			select {
			case <-release:
			case <-ctx.Done():
			}
			return nil
		}},
		{Kind: "beat", Every: time.Second, Do: func(context.Context) error {
			ticks.Add(1)
			beat <- struct{}{}
			return nil
		}},
	}})
	await(t, entered, "slow errand")
	for range 3 { // three more ticks of the slow one have passed by as well
		await(t, beat, "beat")
	}
	close(release)
	await(t, entered, "slow errand again")
	if most.Load() != 1 {
		t.Errorf("%d ran at once", most.Load())
	}
}

// Two servers on one database: each tick is one server's. A busy machine may run a
// tick late and close to the next one, so what is held is how many there were by now.
func TestOneServerRunsATick(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	if !s.Postgres() {
		t.Log("SQLite has one server; the second client shares its process")
	}
	const every = 2 * time.Second
	ran := make(chan time.Time, 100)
	errands := []queue.Errand{{Kind: "single", Every: every, Do: func(context.Context) error {
		ran <- time.Now()
		return nil
	}}}
	began := time.Now()
	start(t, queue.Config{Store: s, Errands: errands})
	start(t, queue.Config{Store: s, Errands: errands})
	for n := 1; n <= 4; n++ {
		at := await(t, ran, "tick")
		if due := 1 + int(at.Sub(began)/every); n > due {
			t.Errorf("%d ticks within %v, %d were due", n, at.Sub(began), due)
		}
	}
}

func TestRunWaitsForTheErrandUnderWay(t *testing.T) {
	t.Parallel()
	entered, finished := make(chan struct{}), make(chan struct{})
	stop := start(t, queue.Config{Store: migrated(t), Errands: []queue.Errand{{Kind: "work", Every: time.Hour, Do: func(ctx context.Context) error {
		close(entered)
		defer close(finished)
		select {
		case <-ctx.Done():
			t.Error("cancelled instead of awaited")
		case <-time.After(300 * time.Millisecond): // the work itself
		}
		return nil
	}}}})
	await(t, entered, "errand")
	stop()
	select {
	case <-finished:
	default:
		t.Error("Run returned while an errand was under way")
	}
}

func TestMalformedErrandsAreRefused(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	do := func(context.Context) error { return nil }
	for name, errands := range map[string][]queue.Errand{
		"one letter": {{Kind: "x", Every: time.Minute, Do: do}},
		"upper case": {{Kind: "Approve", Every: time.Minute, Do: do}},
		"too often":  {{Kind: "approve", Every: time.Millisecond, Do: do}},
		"no work":    {{Kind: "approve", Every: time.Minute}},
		"twice":      {{Kind: "approve", Every: time.Minute, Do: do}, {Kind: "approve", Every: time.Hour, Do: do}},
	} {
		if _, err := queue.New(queue.Config{Store: s, Errands: errands}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestMigratedSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	if err := queue.Migrated(t.Context(), s); problem.CodeOf(err) != problem.Unavailable {
		t.Errorf("before: %v", err)
	}
	for range 2 { // the second changes nothing
		if err := queue.Migrate(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := queue.Migrated(t.Context(), s); err != nil {
		t.Errorf("after: %v", err)
	}
}
