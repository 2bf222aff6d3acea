package ledger_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
)

// step is one command and what the book says after it: the affiliate's pending,
// payable, reserved, paid; the merchant's expense and clearing.
type step struct {
	name     string
	do       func(context.Context, *store.Tx) error
	standing string
	expense  string
	clearing string
}

func walkSteps(l *ledger.Service, aff string) []step {
	return []step{
		{"a sale earns 25.00", func(ctx context.Context, tx *store.Tx) error {
			return l.AccrueIn(ctx, tx, "com_1", aff, usd("25.00"))
		}, "25.00 0.00 0.00 0.00", "-25.00", "0.00"},
		{"a quarter is refunded before approval: 25.00 / 4 = 6.25", func(ctx context.Context, tx *store.Tx) error {
			return l.ReverseIn(ctx, tx, "rfn_1", "com_1", aff, usd("6.25"), true)
		}, "18.75 0.00 0.00 0.00", "-18.75", "0.00"},
		{"the rest is approved: 25.00 − 6.25 = 18.75", func(ctx context.Context, tx *store.Tx) error {
			return l.ApproveIn(ctx, tx, "com_1", aff, usd("18.75"))
		}, "0.00 18.75 0.00 0.00", "-18.75", "0.00"},
		{"another sale earns 40.00: expense 18.75 + 40.00", func(ctx context.Context, tx *store.Tx) error {
			return l.AccrueIn(ctx, tx, "com_2", aff, usd("40.00"))
		}, "40.00 18.75 0.00 0.00", "-58.75", "0.00"},
		{"a payout reserves 18.75", func(ctx context.Context, tx *store.Tx) error {
			return l.ReserveIn(ctx, tx, "pay_1", aff, usd("18.75"))
		}, "40.00 0.00 18.75 0.00", "-58.75", "0.00"},
		{"Q64: a refund meets the payout in flight, and owes the next: 0 − 5.00", func(ctx context.Context, tx *store.Tx) error {
			return l.ReverseIn(ctx, tx, "rfn_2", "com_1", aff, usd("5.00"), false)
		}, "40.00 -5.00 18.75 0.00", "-53.75", "0.00"},
		{"Q65: the payout fails and gives its reserve back: −5.00 + 18.75", func(ctx context.Context, tx *store.Tx) error {
			return l.ReleaseIn(ctx, tx, "pay_1", aff, usd("18.75"))
		}, "40.00 13.75 0.00 0.00", "-53.75", "0.00"},
		{"the second sale is approved: 13.75 + 40.00", func(ctx context.Context, tx *store.Tx) error {
			return l.ApproveIn(ctx, tx, "com_2", aff, usd("40.00"))
		}, "0.00 53.75 0.00 0.00", "-53.75", "0.00"},
		{"the next payout reserves all", func(ctx context.Context, tx *store.Tx) error {
			return l.ReserveIn(ctx, tx, "pay_2", aff, usd("53.75"))
		}, "0.00 0.00 53.75 0.00", "-53.75", "0.00"},
		{"and is sent", func(ctx context.Context, tx *store.Tx) error {
			return l.SettleIn(ctx, tx, "pay_2", aff, usd("53.75"))
		}, "0.00 0.00 0.00 53.75", "-53.75", "53.75"},
		{"Q02: a full refund after the payout: 0 − 40.00, expense 53.75 − 40.00", func(ctx context.Context, tx *store.Tx) error {
			return l.ReverseIn(ctx, tx, "rfn_3", "com_2", aff, usd("40.00"), false)
		}, "0.00 -40.00 0.00 53.75", "-13.75", "53.75"},
		{"a bonus by hand: −40.00 + 50.00, expense 13.75 + 50.00", func(ctx context.Context, tx *store.Tx) error {
			return l.AdjustIn(ctx, tx, "com_3", aff, usd("50.00"), "summer bonus")
		}, "0.00 10.00 0.00 53.75", "-63.75", "53.75"},
		{"a correction by hand takes away: 10.00 − 12.50, expense 63.75 − 12.50", func(ctx context.Context, tx *store.Tx) error {
			return l.AdjustIn(ctx, tx, "com_4", aff, usd("-12.50"), "paid twice in May")
		}, "0.00 -2.50 0.00 53.75", "-51.25", "53.75"},
		{"a third sale", func(ctx context.Context, tx *store.Tx) error {
			return l.AccrueIn(ctx, tx, "com_5", aff, usd("0.01"))
		}, "0.01 -2.50 0.00 53.75", "-51.26", "53.75"},
		{"is rejected, and leaves nothing", func(ctx context.Context, tx *store.Tx) error {
			return l.RejectIn(ctx, tx, "com_5", aff, usd("0.01"))
		}, "0.00 -2.50 0.00 53.75", "-51.25", "53.75"}, // −51.25 + 53.75 − 2.50 = 0
	}
}

var walkPostings = []string{
	"ACCRUAL accrue:com_1 EXPENSE -25.00", "ACCRUAL accrue:com_1 PENDING 25.00",
	"REVERSAL reverse:com_1:rfn_1 PENDING -6.25", "REVERSAL reverse:com_1:rfn_1 EXPENSE 6.25",
	"APPROVAL approve:com_1 PENDING -18.75", "APPROVAL approve:com_1 PAYABLE 18.75",
	"ACCRUAL accrue:com_2 EXPENSE -40.00", "ACCRUAL accrue:com_2 PENDING 40.00",
	"RESERVATION reserve:pay_1 PAYABLE -18.75", "RESERVATION reserve:pay_1 RESERVED 18.75",
	"REVERSAL reverse:com_1:rfn_2 PAYABLE -5.00", "REVERSAL reverse:com_1:rfn_2 EXPENSE 5.00",
	"RELEASE release:pay_1 RESERVED -18.75", "RELEASE release:pay_1 PAYABLE 18.75",
	"APPROVAL approve:com_2 PENDING -40.00", "APPROVAL approve:com_2 PAYABLE 40.00",
	"RESERVATION reserve:pay_2 PAYABLE -53.75", "RESERVATION reserve:pay_2 RESERVED 53.75",
	"PAYOUT settle:pay_2 RESERVED -53.75", "PAYOUT settle:pay_2 CLEARING 53.75",
	"REVERSAL reverse:com_2:rfn_3 PAYABLE -40.00", "REVERSAL reverse:com_2:rfn_3 EXPENSE 40.00",
	"ADJUSTMENT adjust:com_3 EXPENSE -50.00", "ADJUSTMENT adjust:com_3 PAYABLE 50.00",
	"ADJUSTMENT adjust:com_4 PAYABLE -12.50", "ADJUSTMENT adjust:com_4 EXPENSE 12.50",
	"ACCRUAL accrue:com_5 EXPENSE -0.01", "ACCRUAL accrue:com_5 PENDING 0.01",
	"REJECTION reject:com_5 PENDING -0.01", "REJECTION reject:com_5 EXPENSE 0.01",
}

func TestQ01_Q02_Q64_Q65_PostingsByHand(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff := b.affiliates[0]
	for _, s := range walkSteps(b.ledger, aff) {
		b.must(s.do)
		b.must(s.do) // the same again does nothing
		got := []string{b.standing(aff, "USD"), b.balanceOf(ledger.ExpenseAccount, "", "USD"), b.balanceOf(ledger.ClearingAccount, "", "USD")}
		if want := []string{s.standing, s.expense, s.clearing}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", s.name, got, want)
		}
		b.balanced()
	}
	if got := b.postings(); !slices.Equal(got, walkPostings) {
		t.Errorf("posted %q", got)
	}
}

// Q09: a refund is reversed in the currency of the sale, and a full one leaves
// nothing there; another currency's accounts are not touched.
func TestQ09_CurrenciesStayApart(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff, l := b.affiliates[0], b.ledger
	b.must(func(ctx context.Context, tx *store.Tx) error {
		if err := l.AccrueIn(ctx, tx, "com_yen", aff, parse("1200", "JPY")); err != nil {
			return err
		}
		if err := l.AccrueIn(ctx, tx, "com_dinar", aff, parse("1.234", "KWD")); err != nil {
			return err
		}
		return l.ReverseIn(ctx, tx, "rfn_1", "com_yen", aff, parse("1200", "JPY"), true)
	})
	if yen, dinar := b.standing(aff, "JPY"), b.standing(aff, "KWD"); yen != "0 0 0 0" || dinar != "1.234 0.000 0.000 0.000" {
		t.Errorf("%s; %s", yen, dinar)
	}
	b.balanced()
}

func TestQ03_ReversedSoFarCountsReversalsAlone(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff, l := b.affiliates[0], b.ledger
	b.must(func(ctx context.Context, tx *store.Tx) error {
		if m, err := l.ReversedSoFar(ctx, tx, "com_1"); err != nil || !m.IsZero() {
			t.Errorf("an unknown commission: %v, %v", m, err)
		}
		if err := l.AccrueIn(ctx, tx, "com_1", aff, usd("10.00")); err != nil {
			return err
		}
		if err := l.ReverseIn(ctx, tx, "rfn_1", "com_1", aff, usd("3.33"), true); err != nil {
			return err
		}
		if err := l.ApproveIn(ctx, tx, "com_1", aff, usd("6.67")); err != nil {
			return err
		}
		if err := l.ReverseIn(ctx, tx, "rfn_2", "com_1", aff, usd("3.33"), false); err != nil {
			return err
		}
		m, err := l.ReversedSoFar(ctx, tx, "com_1")
		if m != usd("6.66") { // 3.33 + 3.33
			t.Errorf("reversed so far: %s, %v", m, err)
		}
		return err
	})
}
