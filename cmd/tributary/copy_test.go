package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/bus"
)

// kept is a set that many write and read.
type kept struct {
	mu  sync.Mutex
	set map[string]bool
}

func (k *kept) add(one string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.set[one] = true
}

func (k *kept) now() map[string]bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.set)
}

// A stream is copied again and again while records come in and are consumed:
// whatever was durable before a copy began is in the copy, or had been stored
// before the copy ended – never in neither.
func TestStreamCopyLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := bus.Open(t.Context(), bus.Config{Dir: dir, BatchSize: 3})
	if err != nil {
		t.Fatal(err)
	}
	durable, stored := &kept{set: map[string]bool{}}, &kept{set: map[string]bool{}}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				one := fmt.Sprintf("%d/%d/%0200d", w, n, n)
				if b.Append(ctx, []byte(one)) == nil {
					durable.add(one)
				}
			}
		})
	}
	wg.Go(func() { _ = b.Consume(ctx, keep(stored)) })
	for n := range 12 {
		for len(durable.now()) < 400*(n+1) {
			time.Sleep(time.Millisecond) // between two looks at the writers
		}
		before, to := durable.now(), filepath.Join(t.TempDir(), "copy")
		if err := copyStream(dir, to, (&app{stderr: t.Output()}).progress()); err != nil {
			t.Fatal(err)
		}
		rows := stored.now()
		waiting := drain(t, to)
		for one := range before {
			if !rows[one] && !waiting[one] {
				t.Fatalf("copy %d: %.20s was durable, and is neither stored nor in the copy (%d durable, %d stored, %d in the copy)", n, one, len(before), len(rows), len(waiting))
			}
		}
		t.Logf("copy %d: %d durable before it, %d stored after it, %d in it", n, len(before), len(rows), len(waiting))
	}
	stop()
	wg.Wait()
	if err := b.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func keep(k *kept) bus.Handler {
	return func(_ context.Context, batch []bus.Message) error {
		for _, m := range batch {
			for _, r := range m.Records {
				k.add(string(r))
			}
		}
		return nil
	}
}

// drain reads everything that a copied stream holds.
func drain(t *testing.T, dir string) map[string]bool {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	found := &kept{set: map[string]bool{}}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Consume(ctx, keep(found)) }()
	for {
		log, err := b.Pending(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if log.Messages == 0 {
			break
		}
		time.Sleep(time.Millisecond) // between two looks at the consumer
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := b.Close(context.Background()); err != nil {
		t.Error(err)
	}
	return found.now()
}
