package ledger_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// transitions by hand: which order of a commission's steps the book accepts, and
// where 10.00 is then (pending, payable, reserved, paid). Each accepted step posts once; a
// repeated one does nothing; a refused one leaves no trace.
var transitions = []struct{ steps, refused, standing string }{
	{"accrue approve", "", "0.00 10.00 0.00 0.00"},
	{"accrue approve approve", "", "0.00 10.00 0.00 0.00"},
	{"accrue reject", "", "0.00 0.00 0.00 0.00"},
	{"accrue reject reject", "", "0.00 0.00 0.00 0.00"},
	{"accrue approve reject", "reject", "0.00 10.00 0.00 0.00"},
	{"accrue reject approve", "approve", "0.00 0.00 0.00 0.00"},
	{"approve", "approve", "none"},
	{"reject", "reject", "none"},
	{"reverse", "reverse", "none"},
	{"accrue reverse", "reverse", "10.00 0.00 0.00 0.00"}, // not yet payable
	{"accrue withdraw", "", "0.00 0.00 0.00 0.00"},        // out of pending
	{"accrue withdraw approve", "approve", "0.00 0.00 0.00 0.00"},
	{"accrue approve withdraw", "withdraw", "0.00 10.00 0.00 0.00"}, // no longer pending
	{"accrue approve reverse", "", "0.00 0.00 0.00 0.00"},
	{"accrue approve reverse again", "again", "0.00 0.00 0.00 0.00"}, // one original is taken back once
	{"accrue approve reverse reject", "reject", "0.00 0.00 0.00 0.00"},
	{"accrue approve reverse approve", "", "0.00 0.00 0.00 0.00"}, // a repeat, not a second approval
	{"accrue reject approve reject", "approve", "0.00 0.00 0.00 0.00"},
}

func (b *book) commission(step, aff string, amount money.Money) error {
	return b.run(func(ctx context.Context, tx *store.Tx) error {
		switch step {
		case "accrue":
			return b.ledger.AccrueIn(ctx, tx, "com_1", aff, amount)
		case "approve":
			return b.ledger.ApproveIn(ctx, tx, "com_1", aff, amount)
		case "reject":
			return b.ledger.RejectIn(ctx, tx, "com_1", aff, amount)
		}
		return b.ledger.ReverseIn(ctx, tx, step, "com_1", aff, amount, step == "withdraw")
	})
}

func TestQ73_TransitionTable(t *testing.T) {
	t.Parallel()
	s := openBook(t, 0).store
	for _, row := range transitions {
		b := newBook(t, s, 1)
		var refused []string
		for _, step := range strings.Fields(row.steps) {
			switch err := b.commission(step, b.affiliates[0], usd("10.00")); {
			case problem.CodeOf(err) == problem.State:
				refused = append(refused, step)
			case err != nil:
				t.Fatalf("%s: %s: %v", row.steps, step, err)
			}
		}
		if got := b.standing(b.affiliates[0], "USD"); got != row.standing || !slices.Equal(refused, strings.Fields(row.refused)) {
			t.Errorf("%s: %s, refused %v; want %s, refused %s", row.steps, got, refused, row.standing, row.refused)
		}
		b.balanced()
	}
}

// A step moves all that is there to move: an amount read before a refund came in
// between is refused.
func TestStaleAmountIsRefused(t *testing.T) {
	t.Parallel()
	b := openBook(t, 2)
	aff, l := b.affiliates[0], b.ledger
	b.must(func(ctx context.Context, tx *store.Tx) error {
		if err := l.AccrueIn(ctx, tx, "com_1", aff, usd("10.00")); err != nil {
			return err
		}
		if err := l.AccrueIn(ctx, tx, "com_2", aff, usd("90.00")); err != nil {
			return err
		}
		return l.ReverseIn(ctx, tx, "rfn_1", "com_1", aff, usd("4.00"), true)
	})
	for _, amount := range []string{"10.00", "6.01", "5.99"} {
		b.refused(problem.State, func(ctx context.Context, tx *store.Tx) error { return l.ApproveIn(ctx, tx, "com_1", aff, usd(amount)) })
		b.refused(problem.State, func(ctx context.Context, tx *store.Tx) error { return l.RejectIn(ctx, tx, "com_1", aff, usd(amount)) })
	}
	b.refused(problem.State, func(ctx context.Context, tx *store.Tx) error { // com_2's 90.00 are no cover
		return l.ReverseIn(ctx, tx, "rfn_2", "com_1", aff, usd("6.01"), true)
	})
	b.refused(problem.State, func(ctx context.Context, tx *store.Tx) error { // nor another affiliate's
		return l.ApproveIn(ctx, tx, "com_1", b.affiliates[1], usd("6.00"))
	})
	b.refused(problem.State, func(ctx context.Context, tx *store.Tx) error { // nor another currency
		return l.ApproveIn(ctx, tx, "com_1", aff, parse("6.00", "EUR"))
	})
	b.must(func(ctx context.Context, tx *store.Tx) error { return l.ApproveIn(ctx, tx, "com_1", aff, usd("6.00")) })
	b.balanced()
}

func TestQ65_PayoutEndsOnce(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff, l := b.affiliates[0], b.ledger
	b.fund(aff, usd("30.00"))
	settle := func(payout, amount string) func(context.Context, *store.Tx) error {
		return func(ctx context.Context, tx *store.Tx) error { return l.SettleIn(ctx, tx, payout, aff, usd(amount)) }
	}
	release := func(payout, amount string) func(context.Context, *store.Tx) error {
		return func(ctx context.Context, tx *store.Tx) error { return l.ReleaseIn(ctx, tx, payout, aff, usd(amount)) }
	}
	for _, payout := range []string{"pay_1", "pay_2", "pay_3"} {
		b.must(func(ctx context.Context, tx *store.Tx) error { return l.ReserveIn(ctx, tx, payout, aff, usd("10.00")) })
	}
	b.refused(problem.State, settle("pay_1", "9.99"))
	b.refused(problem.State, settle("pay_1", "20.00")) // others' reserves are no cover
	b.must(settle("pay_1", "10.00"))
	b.refused(problem.State, release("pay_1", "10.00"))
	b.must(release("pay_2", "10.00"))
	b.refused(problem.State, settle("pay_2", "10.00"))
	b.refused(problem.State, settle("pay_none", "10.00"))
	if got := b.standing(aff, "USD"); got != "0.00 10.00 10.00 10.00" {
		t.Errorf("stands at %s", got)
	}
	b.balanced()
}

func TestZeroMovesNothing(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff, l, zero := b.affiliates[0], b.ledger, money.Zero("USD")
	b.must(func(ctx context.Context, tx *store.Tx) error {
		for _, step := range []func() error{
			func() error { return l.AccrueIn(ctx, tx, "com_1", aff, zero) },
			func() error { return l.ApproveIn(ctx, tx, "com_1", aff, zero) },
			func() error { return l.RejectIn(ctx, tx, "com_1", aff, zero) },
			func() error { return l.ReverseIn(ctx, tx, "rfn_1", "com_1", aff, zero, false) },
			func() error { return l.AdjustIn(ctx, tx, "com_2", aff, zero, "") },
			func() error { return l.ReserveIn(ctx, tx, "pay_1", aff, zero) },
			func() error { return l.SettleIn(ctx, tx, "pay_1", aff, zero) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if n := b.count(`SELECT COUNT(*) FROM ledger_transactions`) + b.count(`SELECT COUNT(*) FROM ledger_accounts`); n != 0 {
		t.Errorf("%d rows were written", n)
	}
}
