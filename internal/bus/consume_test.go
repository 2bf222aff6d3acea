package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// TestConsumeRedeliversAfterCrash cuts the connection under a handler, so that
// its answer is lost as in a crash: the messages must come again after reopening.
func TestConsumeRedeliversAfterCrash(t *testing.T) {
	t.Parallel()
	cfg := Config{Dir: t.TempDir(), AckWait: 200 * time.Millisecond}
	first := openTest(t, cfg)
	want := appendNumbered(t, first, "r", 5)
	inHand, crash := make(chan int, 1), make(chan struct{})
	stop := consume(t, first, func(_ context.Context, batch []Message) error {
		inHand <- len(batch)
		<-crash
		return nil
	})
	if n := wait(t, inHand, "batch in hand"); n != 5 {
		t.Fatalf("%d messages in hand, want 5", n)
	}
	first.conn.Close()
	close(crash)
	stop()
	closeTest(t, first)

	second := openTest(t, cfg)
	counts := make(chan int, 1)
	stored := newCollector()
	consume(t, second, func(ctx context.Context, batch []Message) error {
		counts <- batch[0].Delivered
		return stored.handle(ctx, batch)
	})
	if n := wait(t, counts, "redelivery"); n < 2 {
		t.Fatalf("delivered %d times, want at least 2", n)
	}
	stored.awaitAll(t, want)
}

// TestConsumePoisonComesAgain fails a batch three times. It must come back each
// time, keep counting, and be gone after it was accepted.
func TestConsumePoisonComesAgain(t *testing.T) {
	t.Parallel()
	b := openTest(t, Config{RetryDelay: time.Millisecond})
	appendNumbered(t, b, "poison", 1)
	delivered := make(chan int, 10)
	stop := consume(t, b, func(_ context.Context, batch []Message) error {
		delivered <- batch[0].Delivered
		switch batch[0].Delivered {
		case 1, 2:
			return errors.New("cannot be stored")
		case 3:
			panic("worse")
		}
		return nil
	})
	for want := 1; want <= 4; want++ {
		if got := wait(t, delivered, "delivery"); got != want {
			t.Fatalf("delivery %d, want %d", got, want)
		}
	}
	stop()
	if log, err := b.Pending(t.Context()); err != nil || log.Messages != 0 {
		t.Fatalf("backlog %+v, %v", log, err)
	}
}

// TestConsumeGathersBatches: messages that wait are handed over together.
func TestConsumeGathersBatches(t *testing.T) {
	t.Parallel()
	b := openTest(t, Config{BatchSize: 16})
	want := appendNumbered(t, b, "r", 40) // one caller: 40 messages of one record
	stored := newCollector()
	sizes := make(chan int, 40)
	consume(t, b, func(ctx context.Context, batch []Message) error {
		sizes <- len(batch)
		return stored.handle(ctx, batch)
	})
	stored.awaitAll(t, want)
	for i, want := range []int{16, 16, 8} {
		if got := wait(t, sizes, "batch"); got != want {
			t.Fatalf("batch %d has %d messages, want %d", i, got, want)
		}
	}
}

// TestConsumeKeepsLongHandlersAlive: a handler that takes several AckWaits must
// not see its messages handed to somebody else.
func TestConsumeKeepsLongHandlersAlive(t *testing.T) {
	t.Parallel()
	b := openTest(t, Config{AckWait: time.Second})
	appendNumbered(t, b, "slow", 1)
	slow := func(_ context.Context, batch []Message) error {
		if batch[0].Delivered > 1 {
			t.Errorf("delivered %d times", batch[0].Delivered)
		}
		return nil
	}
	done := make(chan struct{}, 2)
	blocking := func(ctx context.Context, batch []Message) error {
		timer := time.NewTimer(2500 * time.Millisecond) // over two AckWaits, the thing under test
		defer timer.Stop()
		<-timer.C
		defer hint(done)
		return slow(ctx, batch)
	}
	consume(t, b, blocking)
	consume(t, b, blocking)
	wait(t, done, "handled")
}

// TestConsumeHandsDamagedMessagesOver: a message that cannot be read is the
// caller's to park, and leaves the stream when the caller says so.
func TestConsumeHandsDamagedMessagesOver(t *testing.T) {
	t.Parallel()
	b := openTest(t, Config{})
	if _, err := b.js.Publish(t.Context(), b.cfg.subject(), []byte("not a frame")); err != nil {
		t.Fatal(err)
	}
	got := make(chan Message, 1)
	stop := consume(t, b, func(_ context.Context, batch []Message) error {
		got <- batch[0]
		return nil
	})
	m := wait(t, got, "delivery")
	if !errors.Is(m.Fault, errFrame) || string(m.Raw) != "not a frame" || len(m.Records) != 0 {
		t.Fatalf("%+v", m)
	}
	stop()
	if log, err := b.Pending(t.Context()); err != nil || log.Messages != 0 {
		t.Fatalf("backlog %+v, %v", log, err)
	}
}

// TestConsumeWhileAppending runs many callers against two consumers: every
// acknowledged record is stored, and without a failure exactly once.
func TestConsumeWhileAppending(t *testing.T) {
	t.Parallel()
	b := openTest(t, Config{})
	stored := newCollector()
	stops := []func(){consume(t, b, stored.handle), consume(t, b, stored.handle)}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var acked []string
	for caller := range 64 {
		wg.Go(func() {
			for n := range 50 {
				id := fmt.Sprintf("%d-%d", caller, n)
				if b.Append(context.Background(), []byte(id)) == nil {
					mu.Lock()
					acked = append(acked, id)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	stored.awaitAll(t, acked)
	for _, stop := range stops {
		stop()
	}
	if len(acked) == 0 {
		t.Fatal("nothing was acknowledged")
	}
	for id, n := range stored.seen {
		if n != 1 {
			t.Errorf("%s stored %d times", id, n)
		}
	}
	if s := b.Stats(); s.Groups >= s.Appended {
		t.Errorf("no group commit: %d messages for %d records", s.Groups, s.Appended)
	}
}

func TestConsumeAfterClose(t *testing.T) {
	t.Parallel()
	b := openTest(t, Config{})
	closeTest(t, b)
	if err := b.Consume(t.Context(), func(context.Context, []Message) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}
