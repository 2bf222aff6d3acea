package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
)

// BenchmarkTransfer moves money between two of twenty hot guarded accounts, one
// durable command each, by sixteen callers. It ends with the trial balance.
func BenchmarkTransfer(b *testing.B) {
	bk := benchBook(b, 20)
	benchmark(b, bk, "transfers/s", func(ctx context.Context, tx *store.Tx, n int64) error {
		from, to := bk.affiliates[n%20], bk.affiliates[(n+1+n/20%19)%20]
		_, _, err := bk.ledger.PostIn(ctx, tx, transfer(fmt.Sprint(n), from, to, money.Of(1, "USD")))
		return err
	})
}

// BenchmarkReserve moves money from PAYABLE to RESERVED of twenty affiliates.
func BenchmarkReserve(b *testing.B) {
	bk := benchBook(b, 20)
	benchmark(b, bk, "reservations/s", func(ctx context.Context, tx *store.Tx, n int64) error {
		return bk.ledger.ReserveIn(ctx, tx, fmt.Sprint("pay_", n), bk.affiliates[n%20], money.Of(1, "USD"))
	})
}

// BenchmarkAccrue writes to one merchant's EXPENSE and twenty PENDING accounts,
// none of which is locked.
func BenchmarkAccrue(b *testing.B) {
	bk := benchBook(b, 20)
	benchmark(b, bk, "accruals/s", func(ctx context.Context, tx *store.Tx, n int64) error {
		return bk.ledger.AccrueIn(ctx, tx, fmt.Sprint("com_", n), bk.affiliates[n%20], money.Of(1, "USD"))
	})
}

func benchmark(b *testing.B, bk *book, unit string, fn func(ctx context.Context, tx *store.Tx, n int64) error) {
	var next atomic.Int64
	var mu sync.Mutex
	var all []time.Duration
	b.SetParallelism(8) // times GOMAXPROCS
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		var own []time.Duration
		defer func() { mu.Lock(); all = append(all, own...); mu.Unlock() }()
		for pb.Next() {
			n, began := next.Add(1), time.Now()
			if err := bk.run(func(ctx context.Context, tx *store.Tx) error { return fn(ctx, tx, n) }); err != nil {
				b.Error(err)
			}
			own = append(own, time.Since(began))
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), unit)
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	bk.balanced()
}

// benchBook funds accounts for the benchmarks.
func benchBook(b *testing.B, n int) *book {
	bk := openBook(b, n)
	bk.ledger = ledger.New(ledger.Config{Store: bk.store})
	for _, aff := range bk.affiliates {
		bk.fund(aff, money.Of(1e12, "USD"))
	}
	return bk
}
