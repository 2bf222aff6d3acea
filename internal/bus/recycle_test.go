package bus

import (
	"context"
	"testing"
	"time"
)

// deafen does to the embedded server what running out of space does: the stream
// stops answering and does not come back by itself.
func deafen(t *testing.T, b *Bus) {
	t.Helper()
	b.engine.mu.Lock()
	defer b.engine.mu.Unlock()
	if err := b.engine.srv.ShutdownJetStream(); err != nil {
		t.Fatal(err)
	}
}

func TestRecycleBringsTheStreamBack(t *testing.T) {
	t.Parallel()
	recycled := make(chan error, 1)
	b := openTest(t, Config{
		WatchEvery: time.Millisecond, RecycleAfter: 50 * time.Millisecond,
		OnRecycle: func(err error) { recycled <- err },
	})
	want := appendNumbered(t, b, "before", 10)
	stored := newCollector()
	held := make(chan struct{})
	consume(t, b, func(ctx context.Context, batch []Message) error {
		<-held // nothing is consumed before the restart
		return stored.handle(ctx, batch)
	})

	deafen(t, b)
	wantRefusal(t, b.Append(context.Background(), []byte("x")), Late)
	if b.Healthy() == nil {
		t.Fatal("healthy while deaf")
	}
	if err := wait(t, recycled, "recycled"); err != nil {
		t.Fatal(err)
	}
	want = append(want, appendNumbered(t, b, "after", 10)...)
	if err := b.Healthy(); err != nil {
		t.Fatal(err)
	}
	close(held)
	stored.awaitAll(t, want)
	if s := b.Stats(); s.Recycles != 1 {
		t.Fatalf("stats: %+v", s)
	}
}

// TestRecycleWaitsForSpace: a restart on a full disk would only fail again.
func TestRecycleWaitsForSpace(t *testing.T) {
	t.Parallel()
	low := make(chan struct{})
	now := time.Unix(1_700_000_000, 0)
	b := &Bus{recycleDue: make(chan struct{}, 1)}
	b.cfg, _ = Config{
		Dir:   "unused",
		Clock: func() time.Time { return now },
		FreeBytes: func(string) (int64, error) {
			select {
			case <-low:
				return 0, nil
			default:
				return 1 << 30, nil
			}
		},
	}.withDefaults()
	b.health.fail(now.Add(-6*time.Second), context.DeadlineExceeded)

	b.watch()
	if len(b.recycleDue) != 1 {
		t.Fatal("space is free and 6 s > 5 s have failed: a restart is due")
	}
	<-b.recycleDue
	close(low)
	b.watch()
	if len(b.recycleDue) != 0 || !b.low.Load() {
		t.Fatal("no space: appends must stop and no restart may be called for")
	}
}

// TestRecycleRefusesThoseWhoWait: nobody waits for a restart to end.
func TestRecycleRefusesThoseWhoWait(t *testing.T) {
	t.Parallel()
	q := newQueue(time.Hour)
	g, _ := q.join([]byte("x"), maxWaiting)
	q.refuseAll(Stopped)
	wait(t, g.done, "released")
	if g.fate != Stopped || q.take() != nil {
		t.Fatalf("fate %s", g.fate)
	}
}
