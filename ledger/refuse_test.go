package ledger_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
)

func sides(aff string, minors ...int64) []ledger.Side {
	refs := []ledger.Ref{{Kind: ledger.ExpenseAccount}, {Kind: ledger.PendingAccount, AffiliateID: aff}, {Kind: ledger.PayableAccount, AffiliateID: aff}}
	var out []ledger.Side
	for i, minor := range minors {
		out = append(out, ledger.Side{Account: refs[i], Amount: money.Of(minor, "USD")})
	}
	return out
}

func TestPostingThatTheBookCannotHoldIsRefused(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff := b.affiliates[0]
	good := ledger.Posting{Kind: ledger.Accrual, SourceKey: "k", Subject: "com_1", Sides: sides(aff, -5, 5)}
	rows := map[string]struct {
		code   problem.Code
		change func(*ledger.Posting)
	}{
		"unbalanced":              {problem.Invalid, func(p *ledger.Posting) { p.Sides = sides(aff, -5, 4) }},
		"three unbalanced":        {problem.Invalid, func(p *ledger.Posting) { p.Sides = sides(aff, -5, 4, 2) }},
		"mixed":                   {problem.CurrencyMismatch, func(p *ledger.Posting) { p.Sides[1].Amount.Currency = "EUR" }},
		"no currency":             {problem.CurrencyUnknown, func(p *ledger.Posting) { p.Sides[0].Amount.Currency = "" }},
		"unknown currency":        {problem.CurrencyUnknown, func(p *ledger.Posting) { p.Sides[0].Amount.Currency = "usd" }},
		"one side":                {problem.Invalid, func(p *ledger.Posting) { p.Sides = p.Sides[:1] }},
		"no side":                 {problem.Invalid, func(p *ledger.Posting) { p.Sides = nil }},
		"too many sides":          {problem.Invalid, func(p *ledger.Posting) { p.Sides = make([]ledger.Side, 101) }},
		"an empty side":           {problem.Invalid, func(p *ledger.Posting) { p.Sides = sides(aff, -5, 5, 0) }},
		"an account twice":        {problem.Invalid, func(p *ledger.Posting) { p.Sides[1].Account = p.Sides[0].Account }},
		"no kind":                 {problem.Invalid, func(p *ledger.Posting) { p.Kind = "" }},
		"no account kind":         {problem.Invalid, func(p *ledger.Posting) { p.Sides[1].Account.Kind = "CASH" }},
		"no source key":           {problem.Invalid, func(p *ledger.Posting) { p.SourceKey = "" }},
		"long source key":         {problem.Invalid, func(p *ledger.Posting) { p.SourceKey = strings.Repeat("k", 201) }},
		"no subject":              {problem.Invalid, func(p *ledger.Posting) { p.Subject = "" }},
		"long memo":               {problem.Invalid, func(p *ledger.Posting) { p.Memo = strings.Repeat("m", 501) }},
		"expense of one":          {problem.Invalid, func(p *ledger.Posting) { p.Sides[0].Account.AffiliateID = aff }},
		"pending of nobody":       {problem.Invalid, func(p *ledger.Posting) { p.Sides[1].Account.AffiliateID = "" }},
		"sum out of range":        {problem.AmountRange, func(p *ledger.Posting) { p.Sides = sides(aff, math.MaxInt64, math.MaxInt64, 2) }},
		"lowest integer":          {problem.AmountRange, func(p *ledger.Posting) { p.Sides = sides(aff, math.MinInt64, math.MaxInt64, 1) }},
		"an affiliate unheard of": {problem.NotFound, func(p *ledger.Posting) { p.Sides[1].Account.AffiliateID = "aff_none" }},
	}
	for name, row := range rows {
		p := good
		p.Sides = sides(aff, -5, 5)
		row.change(&p)
		err := b.run(func(ctx context.Context, tx *store.Tx) error { _, _, err := b.ledger.PostIn(ctx, tx, p); return err })
		if problem.CodeOf(err) != row.code {
			t.Errorf("%s: %v, want %s", name, err, row.code)
		}
	}
	if n := b.count(`SELECT COUNT(*) FROM ledger_transactions`); n != 0 {
		t.Errorf("%d transactions were written", n)
	}
	b.must(func(ctx context.Context, tx *store.Tx) error { _, _, err := b.ledger.PostIn(ctx, tx, good); return err })
}

// Another merchant's affiliate is not there, whatever its id.
func TestPostingToAnotherMerchantsAffiliateIsRefused(t *testing.T) {
	t.Parallel()
	b := openBook(t, 0)
	other := newBook(t, b.store, 1)
	b.refused(problem.NotFound, func(ctx context.Context, tx *store.Tx) error {
		return b.ledger.AccrueIn(ctx, tx, "com_1", other.affiliates[0], usd("1.00"))
	})
}

func TestBalanceOutOfRangeIsRefused(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff := b.affiliates[0]
	most := money.Of(math.MaxInt64, "USD")
	b.fund(aff, most)
	b.refused(problem.AmountRange, func(ctx context.Context, tx *store.Tx) error {
		return b.ledger.AdjustIn(ctx, tx, "com_1", aff, usd("0.01"), "one cent too many")
	})
	b.fund(aff, most.Neg())
	b.fund(aff, most.Neg())
	b.refused(problem.AmountRange, func(ctx context.Context, tx *store.Tx) error {
		return b.ledger.AdjustIn(ctx, tx, "com_1", aff, usd("-0.01"), "one cent too few")
	})
	if got, want := b.balanceOf(ledger.PayableAccount, aff, "USD"), most.Neg().Decimal(); got != want {
		t.Errorf("payable %s, want %s", got, want)
	}
}

func TestQ67_ReservationNeverOverdraws(t *testing.T) {
	t.Parallel()
	b := openBook(t, 2)
	aff := b.affiliates[0]
	b.fund(aff, usd("10.00"))
	reserve := func(payout, amount string) func(context.Context, *store.Tx) error {
		return func(ctx context.Context, tx *store.Tx) error {
			return b.ledger.ReserveIn(ctx, tx, payout, aff, usd(amount))
		}
	}
	b.refused(problem.Insufficient, reserve("pay_1", "10.01"))
	b.must(reserve("pay_2", "10.00"))
	b.refused(problem.Insufficient, reserve("pay_3", "0.01"))
	b.refused(problem.Invalid, reserve("pay_4", "-5.00"))
	b.refused(problem.Insufficient, func(ctx context.Context, tx *store.Tx) error { // one that never had anything
		return b.ledger.ReserveIn(ctx, tx, "pay_5", b.affiliates[1], usd("0.01"))
	})
	b.fund(aff, usd("-3.00")) // a debt
	b.refused(problem.Insufficient, reserve("pay_6", "0.01"))
	if got := b.standing(aff, "USD"); got != "0.00 -3.00 10.00 0.00" {
		t.Errorf("stands at %s", got)
	}
	b.balanced()
}

// The command goes on after a refused reservation when it was made under a
// savepoint, and nothing of the reservation stays.
func TestRefusedReservationUnderASavepointLeavesNothing(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff := b.affiliates[0]
	b.fund(aff, usd("10.00"))
	b.must(func(ctx context.Context, tx *store.Tx) error {
		err := tx.Savepoint(ctx, func(ctx context.Context) error { return b.ledger.ReserveIn(ctx, tx, "pay_1", aff, usd("11.00")) })
		if problem.CodeOf(err) != problem.Insufficient {
			t.Errorf("answered %v", err)
		}
		return b.ledger.ReserveIn(ctx, tx, "pay_1", aff, usd("10.00"))
	})
	if got := b.standing(aff, "USD"); got != "0.00 0.00 10.00 0.00" {
		t.Errorf("stands at %s", got)
	}
	b.balanced()
}

// A command that is rolled back takes the accounts it opened with it; the next
// one must not find their ids remembered.
func TestRolledBackAccountsAreForgotten(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	accrue := func(ctx context.Context, tx *store.Tx) error {
		return b.ledger.AccrueIn(ctx, tx, "com_1", b.affiliates[0], usd("1.00"))
	}
	b.refused(problem.State, func(ctx context.Context, tx *store.Tx) error {
		if err := accrue(ctx, tx); err != nil {
			return err
		}
		return problem.New(problem.State, "changed my mind")
	})
	b.must(accrue)
	b.must(accrue)
	if got := b.standing(b.affiliates[0], "USD"); got != "1.00 0.00 0.00 0.00" {
		t.Errorf("stands at %s", got)
	}
}

// Entries, transactions and checkpoints are append-only in the database itself.
func TestBookIsAppendOnlyInTheDatabase(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	b.fund(b.affiliates[0], usd("1.00"))
	b.must(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO ledger_checkpoints (id, merchant_id, created_at, account_id, through_seq, currency, balance_minor, entries)
			SELECT 'chk_x', merchant_id, created_at, id, 0, currency, 0, 0 FROM ledger_accounts WHERE kind = 'EXPENSE'`)
		return err
	})
	queries := []string{
		`UPDATE ledger_entries SET amount_minor = amount_minor + 1`, `DELETE FROM ledger_entries`,
		`UPDATE ledger_transactions SET memo = 'x'`, `DELETE FROM ledger_transactions`,
		`UPDATE ledger_checkpoints SET balance_minor = 1`, `DELETE FROM ledger_checkpoints`,
	}
	if b.store.Postgres() { // SQLite has no TRUNCATE
		queries = append(queries, `TRUNCATE ledger_entries`, `TRUNCATE ledger_transactions CASCADE`, `TRUNCATE ledger_checkpoints`)
	}
	for _, query := range queries {
		err := b.run(func(ctx context.Context, tx *store.Tx) error { _, err := tx.Exec(ctx, query); return err })
		// A command on PostgreSQL runs as a role that may not even try to empty a table.
		forbidden := strings.HasPrefix(query, "TRUNCATE") && err != nil && strings.Contains(err.Error(), "permission denied")
		if !forbidden && (err == nil || !strings.Contains(err.Error(), "append-only")) {
			t.Errorf("%s: %v", query, err)
		}
	}
	if err := b.run(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM ledger_accounts`)
		return err
	}); err == nil {
		t.Error("accounts with entries can be removed")
	}
	if got := b.standing(b.affiliates[0], "USD"); got != "0.00 1.00 0.00 0.00" {
		t.Errorf("stands at %s", got)
	}
	b.balanced()
}

func ledgerPosting(aff string) ledger.Posting {
	return ledger.Posting{Kind: ledger.Accrual, SourceKey: "three", Subject: "com_1", Sides: sides(aff, -5, 3, 2)}
}
