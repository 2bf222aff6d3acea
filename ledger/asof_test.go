package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
)

// An order of 1 March that is told on 3 March stands in the statement of 1 March,
// and is not there as of 2 March.
func TestN14LateNewsStandsInItsOwnPeriod(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock() // 2 March, 10:00
	b := newBook(t, storetest.OpenAt(t, clock), 1)
	aff, start := b.affiliates[0], clock.Now()
	first := period(aff, start.AddDate(0, 0, -1), start) // 1 March, 10:00, to 2 March
	clock.Advance(24 * time.Hour)
	b.must(func(ctx context.Context, tx *store.Tx) error {
		return b.ledger.AccrueIn(ctx, tx, "com_late", aff, usd("7.00"), ledger.Cause{ID: "cnv_late", At: start.Add(-time.Hour)})
	})
	for _, row := range []struct {
		asOf time.Time
		rows int
		sum  string
	}{
		{start, 0, "0.00 0.00 0.00 0.00"},
		{clock.Now().Add(-time.Microsecond), 0, "0.00 0.00 0.00 0.00"},
		{clock.Now(), 1, "7.00 0.00 0.00 0.00"},
		{time.Time{}, 1, "7.00 0.00 0.00 0.00"},
	} {
		first.AsOf = row.asOf
		st, err := b.ledger.Statement(b.ctx, first)
		if err != nil || len(st.Movements) != row.rows || spell(st.Closing) != row.sum {
			t.Errorf("as of %v: %+v, %v", row.asOf, st, err)
		}
	}
	first.AsOf = clock.Now().Add(time.Microsecond)
	if st, err := b.ledger.Statement(b.ctx, first); problem.CodeOf(err) != problem.Invalid {
		t.Errorf("as of an instant to come: %+v, %v", st, err)
	}
	if rows, err := b.ledger.Chart(b.ctx, "", first.AsOf); problem.CodeOf(err) != problem.Invalid {
		t.Errorf("the chart as of an instant to come: %+v, %v", rows, err)
	}
	st, err := b.ledger.Statement(b.ctx, period(aff, start, clock.Now().Add(time.Hour))) // when it was told
	if err != nil || len(st.Movements) != 0 || spell(st.Opening) != "7.00 0.00 0.00 0.00" {
		t.Errorf("the period in which it was told: %+v, %v", st, err)
	}
}

// A walk of postings, some about days that are past. For every two instants of
// the walk and several periods, what the later statement has and the earlier has
// not is what was recorded in between, movement for movement and to the cent.
func TestN14StatementsDifferByWhatWasRecordedBetween(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 2)
	aff, start, rng := b.affiliates[0], clock.Now(), rand.New(rand.NewPCG(14, 14))
	var instants []time.Time
	late, locks := 0, 0
	for n := range 40 {
		instants = append(instants, clock.Now())
		cause := ledger.Cause{At: clock.Now().Add(-time.Duration(rng.IntN(72)) * time.Hour)}
		if rng.IntN(3) == 0 {
			cause.At = time.Time{}
		} else {
			late++
		}
		b.must(func(ctx context.Context, tx *store.Tx) error {
			com := fmt.Sprint("com_", n)
			if err := b.ledger.AccrueIn(ctx, tx, com, b.affiliates[n%5/4], money.Of(1+rng.Int64N(999), "USD"), cause); err != nil || n%3 > 0 {
				return err
			}
			return b.ledger.AdjustIn(ctx, tx, com+"_a", aff, money.Of(rng.Int64N(999)-500, "USD"), "")
		})
		if n%15 == 14 {
			locks++
			if _, err := b.ledger.Lock(b.ctx, ledger.LockInput{Until: clock.Now().Add(-24 * time.Hour), Reason: "month end"}); err != nil {
				t.Fatal(err)
			}
		}
		clock.Advance(time.Duration(1+rng.IntN(8)) * time.Hour)
	}
	if late < 20 || locks != 2 {
		t.Fatalf("the walk is thin: %d late, %d locks", late, locks)
	}
	whole := func(in ledger.StatementInput) *ledger.Statement { return statement(t, b, in) }
	compared := 0
	for range 150 {
		i, j := rng.IntN(40), rng.IntN(40)
		from := start.Add(time.Duration(rng.IntN(200)-80) * time.Hour)
		in := period(aff, from, from.Add(time.Duration(rng.IntN(100))*time.Hour))
		earlier, later := in, in
		earlier.AsOf, later.AsOf = instants[min(i, j)], instants[max(i, j)]
		all, one, two := whole(in), whole(earlier), whole(later)
		between := slices.DeleteFunc(slices.Clone(all.Movements), func(m ledger.Movement) bool {
			return !m.RecordedAt.After(earlier.AsOf) || m.RecordedAt.After(later.AsOf)
		})
		added := slices.DeleteFunc(slices.Clone(two.Movements), func(m ledger.Movement) bool { return slices.Contains(one.Movements, m) })
		if !slices.Equal(between, added) || len(two.Movements) != len(one.Movements)+len(added) {
			t.Fatalf("%v to %v, as of %v and %v: added %v, recorded %v", in.From, in.To, earlier.AsOf, later.AsOf, added, between)
		}
		compared += len(added)
	}
	if compared < 100 {
		t.Errorf("only %d movements were compared", compared)
	}
	b.balanced()
}

func statement(t *testing.T, b *book, in ledger.StatementInput) *ledger.Statement {
	t.Helper()
	st, err := b.ledger.Statement(b.ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// After the lock of a period a correction counts in the open period and says when
// it happened; the statement of the locked period never changes again.
func TestE08Q14ALockedPeriodIsCorrectedInTheOpenOne(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 1)
	aff, start := b.affiliates[0], clock.Now()
	march := period(aff, start.AddDate(0, 0, -30), start.Add(time.Hour))
	b.accrue("com_1", aff, usd("10.00"))
	clock.Advance(24 * time.Hour)
	if _, err := b.ledger.Lock(b.ctx, ledger.LockInput{Until: march.To, Reason: "closed with the accountant"}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	before := statement(t, b, march)
	b.must(func(ctx context.Context, tx *store.Tx) error { // a refund of 2 March, told after the lock
		return b.ledger.ReverseIn(ctx, tx, "rfn_1", "com_1", aff, usd("4.00"), true, ledger.Cause{ID: "rfn_1", At: start})
	})
	after := statement(t, b, march)
	if !after.Locked || !slices.Equal(after.Movements, before.Movements) || after.Closing != before.Closing || spell(after.Closing) != "10.00 0.00 0.00 0.00" {
		t.Errorf("the locked period: %+v", after)
	}
	open := statement(t, b, period(aff, march.To, clock.Now().Add(time.Hour)))
	if len(open.Movements) != 1 || open.Locked || spell(open.Closing) != "6.00 0.00 0.00 0.00" { // 10.00 − 4.00
		t.Fatalf("the open period: %+v", open)
	}
	if m := open.Movements[0]; !m.At.Equal(clock.Now()) || !m.EventAt.Equal(start) || m.CauseID != "rfn_1" || m.Reverses != before.Movements[0].TransactionID {
		t.Errorf("the correction: %+v", m)
	}
	for name, in := range map[string]ledger.LockInput{
		"CONFLICT": {Until: march.To, Reason: "again"}, "INVALID": {Until: clock.Now().Add(time.Second), Reason: "ahead"},
	} {
		if _, err := b.ledger.Lock(b.ctx, in); string(problem.CodeOf(err)) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A lock waits for a posting under way, which would else be recorded behind it:
// the period holds that posting from the first moment that it is locked. Without
// the book lock in Lock, the lock is made while the posting is open.
func TestE08ALockWaitsForPostingsUnderWay(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 1)
	aff, start := b.affiliates[0], clock.Now()
	posted, finish, done, locked := make(chan bool), make(chan bool), make(chan error, 1), make(chan error, 1)
	go func() {
		done <- b.run(func(ctx context.Context, tx *store.Tx) error {
			err := b.ledger.AccrueIn(ctx, tx, "com_1", aff, usd("1.00"), ledger.Cause{At: start.Add(-time.Hour)})
			close(posted)
			<-finish
			return err
		})
	}()
	<-posted
	go func() {
		_, err := b.ledger.Lock(b.ctx, ledger.LockInput{Until: start, Reason: "day end"})
		locked <- err
	}()
	select {
	case err := <-locked:
		t.Errorf("a lock was made beside a posting under way: %v", err)
		locked <- err
	case <-time.After(150 * time.Millisecond): // it waits
	}
	close(finish)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := <-locked; err != nil {
		t.Fatal(err)
	}
	if st := statement(t, b, period(aff, start.AddDate(0, 0, -1), start)); !st.Locked || len(st.Movements) != 1 {
		t.Errorf("the locked period: %+v", st)
	}
}

// A restored commission is linked to the reversal that it undoes, and never gives
// more than was taken.
func TestRestoringIsLinkedAndBounded(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff := b.affiliates[0]
	b.accrue("com_1", aff, usd("10.00"))
	b.must(func(ctx context.Context, tx *store.Tx) error {
		return b.ledger.ReverseIn(ctx, tx, "1", "com_1", aff, usd("4.00"), true)
	})
	b.must(func(ctx context.Context, tx *store.Tx) error {
		return b.ledger.RestoreIn(ctx, tx, "2", "com_1", aff, usd("3.00"), true)
	})
	b.refused(problem.State, func(ctx context.Context, tx *store.Tx) error {
		return b.ledger.RestoreIn(ctx, tx, "3", "com_1", aff, usd("1.01"), true)
	})
	n := b.count(`SELECT count(*) FROM ledger_transactions t JOIN ledger_transactions r ON r.id = t.reverses_id
		WHERE t.source_key = 'restore:com_1:2' AND r.source_key = 'reverse:com_1:1' OR t.source_key = 'reverse:com_1:1' AND r.source_key = 'accrue:com_1'`)
	if n != 2 || b.standing(aff, "USD") != "9.00 0.00 0.00 0.00" { // 10.00 − 4.00 + 3.00
		t.Errorf("%d links; %s", n, b.standing(aff, "USD"))
	}
}
