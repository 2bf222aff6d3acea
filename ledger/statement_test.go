package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// One step a day from 2 March, 10:00; the period is 5 March to 11 March, 10:00.
func TestStatementByHand(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 2)
	aff := b.affiliates[0]
	start := clock.Now()
	for _, s := range walkSteps(b.ledger, aff) {
		b.must(s.do)
		clock.Advance(24 * time.Hour)
	}
	b.fund(b.affiliates[1], usd("9.99")) // another's
	b.accrue("com_yen", aff, parse("5", "JPY"))
	st, err := b.ledger.Statement(b.ctx, period(aff, start.AddDate(0, 0, 3), start.AddDate(0, 0, 10)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := spell(st.Opening), "0.00 18.75 0.00 0.00"; got != want { // after three days' steps
		t.Errorf("opening %s, want %s", got, want)
	}
	want := []string{ // pending, payable, reserved, paid
		"2026-03-05 ACCRUAL com_2  40.00 0.00 0.00 0.00",
		"2026-03-06 RESERVATION pay_1  0.00 -18.75 18.75 0.00",
		"2026-03-07 REVERSAL com_1  0.00 -5.00 0.00 0.00",
		"2026-03-08 RELEASE pay_1  0.00 18.75 -18.75 0.00",
		"2026-03-09 APPROVAL com_2  -40.00 40.00 0.00 0.00",
		"2026-03-10 RESERVATION pay_2  0.00 -53.75 53.75 0.00",
		"2026-03-11 PAYOUT pay_2  0.00 0.00 -53.75 53.75",
	}
	for i, m := range st.Movements {
		got := fmt.Sprint(m.At.Format(time.DateOnly), " ", m.Kind, " ", m.Subject, " ", m.Memo, " ", spell(m.Change))
		if i >= len(want) || got != want[i] {
			t.Errorf("movement %d: %s", i, got)
		}
	}
	if len(st.Movements) != len(want) {
		t.Errorf("%d movements", len(st.Movements))
	}
	// 0.00 + 40.00 − 40.00; 18.75 − 18.75 − 5.00 + 18.75 + 40.00 − 53.75; 18.75 − 18.75 + 53.75 − 53.75; 53.75
	if got, want := spell(st.Closing), "0.00 0.00 0.00 53.75"; got != want {
		t.Errorf("closing %s, want %s", got, want)
	}
	whole, err := b.ledger.Statement(b.ctx, period(aff, start, clock.Now()))
	if err != nil || spell(whole.Opening) != "0.00 0.00 0.00 0.00" || spell(whole.Closing) != b.standing(aff, "USD") || len(whole.Movements) != 15 {
		t.Errorf("the whole: %+v, %v", whole, err)
	}
	if memo := whole.Movements[11].Memo; memo != "summer bonus" {
		t.Errorf("memo %q", memo)
	}
}

// A period holds its first instant and not its last, so that one ends where the
// next begins.
func TestStatementPeriodsMeet(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 1)
	aff, noon := b.affiliates[0], clock.Now()
	for n := range 3 {
		b.accrue(fmt.Sprint("com_", n), aff, usd("1.00"))
		clock.Advance(time.Microsecond)
	}
	for n, want := range []int{0, 1, 2, 3} {
		mid := noon.Add(time.Duration(n) * time.Microsecond)
		before, err := b.ledger.Statement(b.ctx, period(aff, noon, mid))
		if err != nil {
			t.Fatal(err)
		}
		after, err := b.ledger.Statement(b.ctx, period(aff, mid, noon.Add(time.Hour)))
		if err != nil {
			t.Fatal(err)
		}
		if len(before.Movements) != want || len(after.Movements) != 3-want || before.Closing != after.Opening {
			t.Errorf("cut at %d µs: %d and %d movements; %v, %v", n, len(before.Movements), len(after.Movements), before.Closing, after.Opening)
		}
	}
	if _, err := b.ledger.Statement(b.ctx, period(aff, noon, noon.Add(-time.Second))); problem.CodeOf(err) != problem.Invalid {
		t.Errorf("a period that ends before it begins: %v", err)
	}
	if _, err := b.ledger.Statement(b.ctx, period("", noon, noon)); problem.CodeOf(err) != problem.NotFound {
		t.Errorf("nobody's statement: %v", err)
	}
}

// Both sides of one transaction are one movement, also when it has several.
func TestStatementOfAPostingWithThreeSides(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff := b.affiliates[0]
	b.must(func(ctx context.Context, tx *store.Tx) error {
		_, _, err := b.ledger.PostIn(ctx, tx, ledgerPosting(aff))
		return err
	})
	now := time.Now()
	st, err := b.ledger.Statement(b.ctx, period(aff, now.Add(-time.Hour), now.Add(time.Hour)))
	if err != nil || len(st.Movements) != 1 || spell(st.Movements[0].Change) != "0.03 0.02 0.00 0.00" {
		t.Errorf("%+v, %v", st, err)
	}
}
