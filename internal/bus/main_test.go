package bus

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long a test waits for a signal that should come at once.
const patience = 20 * time.Second

// TestMain fails the package when any test leaves a goroutine behind. In a child
// of the crash test it is the process that gets killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDirEnv); dir != "" {
		appendForever(dir)
	}
	goleak.VerifyTestMain(m)
}

// openTest opens a bus that the test closes at its end; without a folder it gets its own.
func openTest(t testing.TB, cfg Config) *Bus {
	t.Helper()
	if cfg.Dir == "" && cfg.URL == "" {
		cfg.Dir = t.TempDir()
	}
	orElse(&cfg.Deadline, patience) // a busy machine is no reason for a refusal here
	b, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeTest(t, b) })
	return b
}

func closeTest(t testing.TB, b *Bus) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := b.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// wait fails the test when a signal does not come.
func wait[T any](t testing.TB, ch <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-time.After(patience):
		t.Fatalf("no signal: %s", what)
	}
	return v
}

// collector gathers what a consumer stores, and signals each change.
type collector struct {
	mu      sync.Mutex
	seen    map[string]int
	changed chan struct{}
}

func newCollector() *collector {
	return &collector{seen: map[string]int{}, changed: make(chan struct{}, 1)}
}

func (c *collector) handle(_ context.Context, batch []Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range batch {
		if m.Fault != nil {
			return m.Fault
		}
		for _, r := range m.Records {
			c.seen[string(r)]++
		}
	}
	hint(c.changed)
	return nil
}

func (c *collector) has(want []string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range want {
		if c.seen[w] == 0 {
			return false
		}
	}
	return true
}

// awaitAll waits until every wanted record has been stored.
func (c *collector) awaitAll(t testing.TB, want []string) {
	t.Helper()
	for !c.has(want) {
		wait(t, c.changed, "records stored")
	}
}

// consume runs a handler until the returned stop, which waits for its end.
func consume(t testing.TB, b *Bus, handle Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Consume(ctx, handle) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := wait(t, done, "consume ends"); err != nil {
			t.Errorf("consume: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}
