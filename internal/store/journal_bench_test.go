package store_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// BenchmarkJournal is the way of an event from its commit to a subscriber, at
// two hundred commits a second. On SQLite a commit has placed its events, so
// that this is the tail alone; what PostgreSQL takes longer is the sequencer.
// Run it with -benchtime 1000x.
func BenchmarkJournal(b *testing.B) {
	s := storetest.Open(b)
	owner, merchant := storetest.Merchant(b, s)
	ctx, stop := context.WithCancel(b.Context())
	var loops sync.WaitGroup
	defer loops.Wait()
	defer stop()
	loops.Go(func() { _ = s.Sequence(ctx) })
	loops.Go(func() { _ = s.Tail(ctx) })
	sub := s.Subscribe(merchant, 1<<12)
	time.Sleep(2 * time.Second) // the sequencer's election
	committed := make([]atomic.Int64, b.N)
	loops.Go(func() { commitSteadily(b, owner, s, committed) })
	var took []time.Duration
	for len(took) < b.N {
		for _, e := range <-sub.C {
			if n, err := strconv.Atoi(e.Facts["name"]); err == nil {
				took = append(took, time.Since(time.Unix(0, committed[n].Load())))
			}
		}
	}
	slices.Sort(took)
	for name, q := range map[string]float64{"p50-ms": 0.5, "p99-ms": 0.99} {
		b.ReportMetric(float64(took[int(q*float64(len(took)-1))].Microseconds())/1000, name)
	}
}

// commitSteadily notes when each command's transaction was over, which is just
// before the command returns.
func commitSteadily(b *testing.B, ctx context.Context, s *store.Store, committed []atomic.Int64) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var commands sync.WaitGroup
	for n := range committed {
		<-tick.C
		commands.Go(func() {
			_, err := store.Run(ctx, s, store.Command{Name: "groupCreate"}, func(ctx context.Context, tx *store.Tx) (string, error) {
				tx.AfterCommit(func() { committed[n].Store(time.Now().UnixNano()) })
				tx.Emit(store.Event{Type: "group.created", Subject: "grp_1", Facts: map[string]string{"name": strconv.Itoa(n)}})
				return "", nil
			})
			if err != nil {
				b.Error(err)
			}
		})
	}
	commands.Wait()
}
