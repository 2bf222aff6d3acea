package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
)

func (b *book) accrue(commission, aff string, amount money.Money) {
	b.t.Helper()
	b.must(func(ctx context.Context, tx *store.Tx) error {
		return b.ledger.AccrueIn(ctx, tx, commission, aff, amount)
	})
}

func (b *book) checkpoint(made, busy int) {
	b.t.Helper()
	got, err := b.ledger.Checkpoint(b.ctx)
	if want := (ledger.CheckpointOutcome{Made: made, Busy: busy}); err != nil || got != want {
		b.t.Errorf("checkpoints %+v, %v, want %+v", got, err, want)
	}
}

// With a checkpoint for every ten entries: 57 accruals over three affiliates, a
// millisecond apart, leave 57 entries of EXPENSE (five checkpoints) and 19 of
// each PENDING (one each): eight.
func TestCheckpointsLeaveBalancesAsTheyAre(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 3)
	for n := range 57 {
		clock.Advance(time.Millisecond)
		b.accrue(fmt.Sprint("com_", n), b.affiliates[n%3], money.Of(int64(n), "USD")) // the first is nothing, and posts nothing
	}
	b.accrue("com_57", b.affiliates[0], usd("0.57"))
	check := func(expense, pending string) {
		t.Helper()
		got := b.balanceOf(ledger.ExpenseAccount, "", "USD") + " " + b.balanceOf(ledger.PendingAccount, b.affiliates[1], "USD")
		if got != expense+" "+pending {
			t.Errorf("expense and pending %s, want %s %s", got, expense, pending)
		}
		b.balanced()
	}
	check("-16.53", "5.32") // (1+…+57) = 57·58/2 = 1653; (1+4+…+55) = 19·(1+55)/2 = 532
	b.checkpoint(0, 0)      // nothing is settled yet
	clock.Advance(2 * time.Minute)
	b.checkpoint(8, 0)
	check("-16.53", "5.32")
	b.checkpoint(0, 0)
	if n := b.count(`SELECT MAX(entries) FROM ledger_checkpoints`); n != 50 {
		t.Errorf("the newest checkpoint covers %d entries", n)
	}
	b.accrue("com_58", b.affiliates[1], usd("1.00"))
	check("-17.53", "6.32")
}

// Entries of one millisecond are covered together, however many.
func TestCheckpointCoversAWholeMillisecond(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 1)
	b.must(func(ctx context.Context, tx *store.Tx) error {
		for n := range 25 {
			if err := b.ledger.AccrueIn(ctx, tx, fmt.Sprint("com_", n), b.affiliates[0], usd("2.00")); err != nil {
				return err
			}
		}
		return nil
	})
	clock.Advance(2 * time.Minute)
	b.checkpoint(2, 0)
	if n := b.count(`SELECT MIN(entries) FROM ledger_checkpoints`); n != 25 {
		t.Errorf("a checkpoint covers %d entries", n)
	}
	b.balanced()
}

// A command that is an hour late, or whose server's clock is, posts after the
// checkpoints all the same, and its transaction keeps its instant.
func TestLateCommandPostsAfterTheCheckpoint(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 1)
	aff := b.affiliates[0]
	for n := range 10 {
		b.accrue(fmt.Sprint("com_", n), aff, usd("1.00"))
	}
	clock.Advance(2 * time.Minute)
	b.checkpoint(2, 0)
	clock.Advance(-time.Hour)
	late := clock.Now()
	b.accrue("com_late", aff, usd("0.50"))
	b.must(func(ctx context.Context, tx *store.Tx) error { // both sides late, and one guarded
		return b.ledger.ApproveIn(ctx, tx, "com_late", aff, usd("0.50"))
	})
	if got := b.balanceOf(ledger.ExpenseAccount, "", "USD") + " " + b.standing(aff, "USD"); got != "-10.50 10.00 0.50 0.00 0.00" {
		t.Errorf("expense and standing %s", got)
	}
	st, err := b.ledger.Statement(b.ctx, period(aff, late, late.Add(time.Second)))
	if err != nil || len(st.Movements) != 2 || !st.Movements[0].At.Equal(late) {
		t.Errorf("statement %+v, %v", st, err)
	}
	b.balanced()
	clock.Advance(2 * time.Hour)
	b.checkpoint(0, 0) // two more entries of EXPENSE and PENDING are not ten
}

// On PostgreSQL a posting that is not committed holds a checkpoint off, though
// it is older than what the checkpoint would cover. On SQLite nothing else runs
// beside it, so there is nothing to test.
func TestOpenPostingHoldsTheCheckpointOff(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 1)
	if !b.store.Postgres() {
		t.Skip("one writer")
	}
	aff := b.affiliates[0]
	for n := range 10 {
		b.accrue(fmt.Sprint("com_", n), aff, usd("1.00"))
	}
	posted, finish, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- b.run(func(ctx context.Context, tx *store.Tx) error {
			err := b.ledger.AccrueIn(ctx, tx, "com_open", aff, usd("5.00"))
			close(posted)
			<-finish
			return err
		})
	}()
	<-posted
	clock.Advance(2 * time.Minute)
	b.checkpoint(0, 2) // EXPENSE and PENDING
	close(finish)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	b.checkpoint(2, 0)
	if got := b.balanceOf(ledger.ExpenseAccount, "", "USD"); got != "-15.00" {
		t.Errorf("expense %s", got)
	}
	b.balanced()
}

// Twelve writers post on clocks that are up to an hour apart and go back and
// forth, while checkpoints are made without pause. Every checkpoint must stay
// right.
func TestCheckpointsStayRightUnderWritersWithBadClocks(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 2)
	var writing atomic.Bool
	writing.Store(true)
	made, finished := 0, make(chan struct{})
	go func() {
		defer close(finished)
		for writing.Load() {
			out, err := b.ledger.Checkpoint(b.ctx)
			if err != nil {
				t.Error(err)
			}
			made += out.Made
		}
	}()
	together(12, func(w int) {
		for n := range 40 {
			step := time.Duration(rand.Int64N(int64(time.Hour)))
			if n%2 == 0 {
				clock.Advance(step)
			} else {
				clock.Advance(-step)
			}
			if err := b.run(func(ctx context.Context, tx *store.Tx) error {
				return b.ledger.AccrueIn(ctx, tx, tx.ID(id.Commission), b.affiliates[n%2], usd("0.01"))
			}); err != nil {
				t.Error(err)
			}
		}
	})
	writing.Store(false)
	<-finished
	clock.Advance(24 * time.Hour)
	if _, err := b.ledger.Checkpoint(b.ctx); err != nil {
		t.Fatal(err)
	}
	if made == 0 {
		t.Error("no checkpoint was made beside the writers")
	}
	if got := b.balanceOf(ledger.ExpenseAccount, "", "USD"); got != "-4.80" { // 12 · 40 · 0.01
		t.Errorf("expense %s", got)
	}
	b.balanced()
}
