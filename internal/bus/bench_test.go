package bus

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkAppend measures durable appends of a 300-byte click by many callers
// at once, with and without a consumer that empties the stream meanwhile.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 64, 256, 1024} {
		for _, consuming := range []bool{false, true} {
			b.Run(fmt.Sprintf("callers=%d/consuming=%t", callers, consuming), func(b *testing.B) {
				benchmarkAppend(b, callers, consuming)
			})
		}
	}
}

func benchmarkAppend(b *testing.B, callers int, consuming bool) {
	bus := openTest(b, Config{})
	if consuming {
		ctx, cancel := context.WithCancel(b.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = bus.Consume(ctx, func(context.Context, []Message) error { return nil }) })
		defer wg.Wait()
		defer cancel()
	}
	record := make([]byte, 300)
	var left atomic.Int64
	left.Store(int64(b.N))
	took := make([]time.Duration, b.N)
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for n := left.Add(-1); n >= 0; n = left.Add(-1) {
				start := time.Now()
				if err := bus.Append(context.Background(), record); err != nil {
					b.Error(err)
					return
				}
				took[n] = time.Since(start)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	report(b, took, bus.Stats())
}

func report(b *testing.B, took []time.Duration, stats Stats) {
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(stats.Appended)/float64(stats.Groups), "records/msg")
}
