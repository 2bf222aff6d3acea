package store_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// BenchmarkCommand is one command with one row and one event from 32 callers:
// what the write path costs before any rule runs. The sequencer runs beside it.
func BenchmarkCommand(b *testing.B) {
	for _, keyed := range []bool{false, true} {
		b.Run("keyed="+strconv.FormatBool(keyed), func(b *testing.B) { benchmarkCommand(b, keyed) })
	}
}

func benchmarkCommand(b *testing.B, keyed bool) {
	s := storetest.Open(b)
	owner, _ := storetest.Merchant(b, s)
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Sequence(ctx) }()
	defer func() { stop(); <-done }()
	var n atomic.Int64
	b.SetParallelism(16) // of two processors: 32 callers
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			name, ctx := strconv.FormatInt(n.Add(1), 10), owner
			if keyed {
				ctx = store.WithKey(ctx, store.Key{Value: name})
			}
			if _, err := makeGroup(ctx, s, name); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
}

// makeGroup is the smallest command: one row, one event.
func makeGroup(ctx context.Context, s *store.Store, name string) (string, error) {
	return store.Run(ctx, s, store.Command{Name: "groupCreate"}, func(ctx context.Context, tx *store.Tx) (string, error) {
		g, err := tx.Ent().AffiliateGroup.Create().SetName(name).Save(ctx)
		if err != nil {
			return "", err
		}
		tx.Emit(store.Event{Type: "group.created", Subject: g.ID, Facts: canon.Facts{"name": name}})
		return g.ID, nil
	})
}
