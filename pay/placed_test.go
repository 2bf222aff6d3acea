package pay_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
)

// placed waits until every committed event has its place. On SQLite it has one
// at once; on PostgreSQL a sequencer runs until then.
func placed(t testing.TB, s *store.Store) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() { _ = s.Sequence(ctx) })
	for {
		left, err := s.Lag(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		s.Wake()
		time.Sleep(5 * time.Millisecond) // the sequencer has no signal of its own
	}
}
