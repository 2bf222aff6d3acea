package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/tributary/tributary/internal/problem"
)

// TestCloseDrains closes under load: every Append returns, and each record that
// was promised is there after reopening.
func TestCloseDrains(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := openTest(t, Config{Dir: dir})
	var mu sync.Mutex
	var acked []string
	warm := make(chan struct{}, 1)
	var callers sync.WaitGroup
	for caller := range 64 {
		callers.Go(func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%d-%d", caller, n)
				if err := b.Append(context.Background(), []byte(id)); err != nil {
					if p, _ := problem.As(err); p != refusals[Stopped] {
						t.Errorf("refused: %v", err)
					}
					return
				}
				mu.Lock()
				acked = append(acked, id)
				mu.Unlock()
				hint(warm)
			}
		})
	}
	wait(t, warm, "first append")
	closeTest(t, b)
	callers.Wait()

	stored := newCollector()
	consume(t, openTest(t, Config{Dir: dir}), stored.handle)
	stored.awaitAll(t, acked)
}

// TestCloseLosesPatience: a handler that does not end is cancelled with the
// caller's patience, and its messages stay.
func TestCloseLosesPatience(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := Open(t.Context(), Config{Dir: dir, Deadline: patience})
	if err != nil {
		t.Fatal(err)
	}
	want := appendNumbered(t, b, "r", 3)
	inHand, cancelled := make(chan struct{}, 1), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- b.Consume(context.Background(), func(ctx context.Context, _ []Message) error {
			hint(inHand)
			<-ctx.Done()
			close(cancelled)
			return ctx.Err()
		})
	}()
	wait(t, inHand, "handler runs")
	impatient, cancel := context.WithCancel(context.Background())
	cancel()
	if err := b.Close(impatient); !errors.Is(err, context.Canceled) {
		t.Fatalf("close: %v", err)
	}
	wait(t, cancelled, "handler cancelled")
	if err := wait(t, ended, "consume ended"); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(context.Background()); !errors.Is(err, context.Canceled) {
		t.Fatalf("second close: %v", err)
	}
	reopened := openTest(t, Config{Dir: dir, AckWait: 100 * time.Millisecond})
	stored := newCollector()
	consume(t, reopened, stored.handle)
	stored.awaitAll(t, want)
}

// TestAppendIsRefusedByItsDeadline: a stream that takes the message and never
// answers holds nobody beyond the deadline; beyond one full group nobody waits.
func TestAppendIsRefusedByItsDeadline(t *testing.T) {
	t.Parallel()
	srv, url := clusterURL(t)
	b := openTest(t, Config{URL: url, Deadline: 50 * time.Millisecond})
	if err := srv.ShutdownJetStream(); err != nil {
		t.Fatal(err)
	}
	swallow(t, url, b.cfg.subject())
	wantRefusal(t, b.Append(context.Background(), []byte("x")), Late)

	b.health.fail(b.cfg.Clock(), errors.New("known to fail"))
	counts := b.Stats().Refused
	var callers sync.WaitGroup
	for range 3 * maxGroupRecords {
		callers.Go(func() { _ = b.Append(context.Background(), []byte("x")) })
	}
	callers.Wait()
	after := b.Stats().Refused
	if after[Late]+after[Busy] != counts[Late]+3*maxGroupRecords {
		t.Fatalf("refused %v", after)
	}
}

// swallow takes messages of a subject and never answers.
func swallow(t *testing.T, url, subject string) {
	t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	if _, err := conn.Subscribe(subject, func(*nats.Msg) {}); err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
}
