package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tributary/tributary/internal/problem"
)

// appendNumbered appends n records and gives them.
func appendNumbered(t testing.TB, b *Bus, prefix string, n int) (ids []string) {
	t.Helper()
	for i := range n {
		id := fmt.Sprintf("%s%d", prefix, i)
		if err := b.Append(context.Background(), []byte(id)); err != nil {
			t.Fatalf("append %s: %v", id, err)
		}
		ids = append(ids, id)
	}
	return ids
}

// wantRefusal checks both faces of a refusal: the sentinel and the safe problem.
func wantRefusal(t testing.TB, err error, why Reason) {
	t.Helper()
	if !errors.Is(err, ErrRefused) || problem.CodeOf(err) != problem.Unavailable {
		t.Fatalf("got %v, want a refusal with code UNAVAILABLE", err)
	}
	if p, _ := problem.As(err); p != refusals[why] {
		t.Fatalf("got %v, want reason %s", err, why)
	}
}

func TestStreamKeepsRecordsAcrossReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := openTest(t, Config{Dir: dir})
	want := appendNumbered(t, first, "r", 50)
	closeTest(t, first)
	wantRefusal(t, first.Append(context.Background(), []byte("late")), Stopped)
	if first.Healthy() == nil {
		t.Fatal("a closed bus calls itself healthy")
	}

	second := openTest(t, Config{Dir: dir})
	if log, err := second.Pending(t.Context()); err != nil || log.Messages != 50 || log.Lag <= 0 {
		t.Fatalf("backlog after reopen: %+v, %v", log, err)
	}
	stored := newCollector()
	stop := consume(t, second, stored.handle)
	stored.awaitAll(t, want)
	stop()
	if log, err := second.Pending(t.Context()); err != nil || log != (Backlog{}) {
		t.Fatalf("backlog after consumption: %+v, %v", log, err)
	}
	if got := second.Stats().Delivered; got != 50 {
		t.Fatalf("delivered %d, want 50", got)
	}
}

func TestStreamFolderHasOneOpener(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := openTest(t, Config{Dir: dir})
	_, err := Open(t.Context(), Config{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Fatalf("second opener: %v", err)
	}
	appendNumbered(t, first, "still works ", 1)
	closeTest(t, first)
	closeTest(t, openTest(t, Config{Dir: dir}))
}

func TestStreamRefusesWhenFullAndRecovers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := openTest(t, Config{Dir: dir, MaxBytes: 1 << 20})
	big := func(i int) []byte { return fmt.Appendf(nil, "%d %s", i, strings.Repeat("x", 100<<10)) }
	var kept []string
	var err error
	for i := 0; err == nil && i < 100; i++ {
		if err = b.Append(context.Background(), big(i)); err == nil {
			kept = append(kept, string(big(i)))
		}
	}
	wantRefusal(t, err, Full)
	// 1 MiB = 1 048 576 bytes; ten messages of about 102 450 fit, eleven do not.
	if len(kept) != 10 {
		t.Fatalf("kept %d messages, want 10", len(kept))
	}
	if p, _ := problem.As(b.Healthy()); p != refusals[Full] {
		t.Fatalf("health: %v", b.Healthy())
	}
	stored := newCollector()
	stop := consume(t, b, stored.handle)
	stored.awaitAll(t, kept)
	stop()
	appendNumbered(t, b, "after", 1)
	if err := b.Healthy(); err != nil {
		t.Fatalf("health after recovery: %v", err)
	}
	if s := b.Stats(); s.Refused[Full] != 1 || s.Recycles != 0 {
		t.Fatalf("stats: %+v", s)
	}
}

// TestStreamShrinkDeletesNothing reopens a stream with a limit below what it holds.
func TestStreamShrinkDeletesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := openTest(t, Config{Dir: dir})
	want := appendNumbered(t, first, strings.Repeat("x", 100<<10), 20)
	closeTest(t, first)

	b := openTest(t, Config{Dir: dir, MaxBytes: 1 << 20})
	wantRefusal(t, b.Append(context.Background(), []byte("more")), Full)
	stored := newCollector()
	stop := consume(t, b, stored.handle)
	stored.awaitAll(t, want)
	stop()
	appendNumbered(t, b, "after", 1)
}

// TestStreamTakesHalfOfTheDisk: (free + used) / 2, where used starts at nothing.
func TestStreamTakesHalfOfTheDisk(t *testing.T) {
	t.Parallel()
	free := func(string) (int64, error) { return 6 << 30, nil }
	b := openTest(t, Config{FreeBytes: free})
	stream, err := b.js.Stream(t.Context(), b.cfg.stream())
	if err != nil {
		t.Fatal(err)
	}
	got := stream.CachedInfo().Config
	if got.MaxBytes != 3<<30 || got.Retention != jetstream.WorkQueuePolicy || got.Discard != jetstream.DiscardNew {
		t.Fatalf("stream: %+v", got)
	}
}

func TestStreamRefusesBelowMinFreeAndRecovers(t *testing.T) {
	t.Parallel()
	var free atomic.Int64
	free.Store(1 << 30)
	looked := make(chan struct{}) // the watchdog waits here, so that each look is a signal
	b := openTest(t, Config{WatchEvery: time.Millisecond, FreeBytes: func(string) (int64, error) {
		select {
		case looked <- struct{}{}:
		default:
		}
		return free.Load(), nil
	}})
	// The first look may have begun before the change and the second ends after
	// its verdict is stored: after three, the verdict is about the new value.
	set := func(n int64) {
		free.Store(n)
		for range 3 {
			wait(t, looked, "watchdog")
		}
	}
	appendNumbered(t, b, "before", 1)
	set(defaultMinFree - 1)
	wantRefusal(t, b.Append(context.Background(), []byte("no")), Disk)
	set(defaultMinFree)
	appendNumbered(t, b, "after", 1)
	if s := b.Stats(); s.Refused[Disk] != 1 || s.Appended != 2 {
		t.Fatalf("stats: %+v", s)
	}
}

func TestAppendRefusesWhatFitsNoMessage(t *testing.T) {
	t.Parallel()
	b := openTest(t, Config{})
	if err := b.Append(context.Background(), make([]byte, MaxRecord)); err != nil {
		t.Fatalf("largest record: %v", err)
	}
	err := b.Append(context.Background(), make([]byte, MaxRecord+1))
	if problem.CodeOf(err) != problem.TooLarge || errors.Is(err, ErrRefused) {
		t.Fatalf("too large: %v", err)
	}
}

func TestAppendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := openTest(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 1000 { // a sync may win the race now and then, but not always
		if err := b.Append(ctx, []byte("x")); err != nil {
			wantRefusal(t, err, Late)
			return
		}
	}
	t.Fatal("a cancelled caller always waited")
}

// addLimitsStream makes a stream that somebody configured for another purpose.
func addLimitsStream(t *testing.T, b *Bus, name string) error {
	t.Helper()
	_, err := b.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{"odd.clicks"}})
	return err
}
