package ledger_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
)

// book is one merchant's book on a database of its own.
type book struct {
	t          testing.TB
	store      *store.Store
	ledger     *ledger.Service
	ctx        context.Context // the owner's
	affiliates []string
}

// openBook opens a book with n active affiliates.
func openBook(t testing.TB, n int) *book { return newBook(t, storetest.Open(t), n) }

func newBook(t testing.TB, s *store.Store, n int) *book {
	t.Helper()
	ctx, _ := storetest.Merchant(t, s)
	b := &book{t: t, store: s, ledger: ledger.New(ledger.Config{Store: s, Span: 10}), ctx: ctx}
	b.must(func(ctx context.Context, tx *store.Tx) error {
		for i := range n {
			a, err := tx.Ent().Affiliate.Create().SetName(fmt.Sprint("Affiliate ", i)).
				SetEmail(fmt.Sprintf("a%d@example.org", i)).SetStatus(affiliate.StatusACTIVE).Save(ctx)
			if err != nil {
				return err
			}
			b.affiliates = append(b.affiliates, a.ID)
		}
		return nil
	})
	return b
}

// run is one command.
func (b *book) run(fn func(ctx context.Context, tx *store.Tx) error) error {
	return run(b.ctx, b.store, fn)
}

func run(ctx context.Context, s *store.Store, fn func(ctx context.Context, tx *store.Tx) error) error {
	_, err := store.Run(ctx, s, store.Command{Name: "test", Quiet: true}, func(ctx context.Context, tx *store.Tx) (struct{}, error) {
		return struct{}{}, fn(ctx, tx)
	})
	return err
}

func (b *book) must(fn func(ctx context.Context, tx *store.Tx) error) {
	b.t.Helper()
	if err := b.run(fn); err != nil {
		b.t.Fatal(err)
	}
}

// refused runs a command that must fail with code.
func (b *book) refused(code problem.Code, fn func(ctx context.Context, tx *store.Tx) error) {
	b.t.Helper()
	if err := b.run(fn); problem.CodeOf(err) != code {
		b.t.Errorf("answered %v, want %s", err, code)
	}
}

// fund gives an affiliate something payable.
func (b *book) fund(affiliateID string, amount money.Money) {
	b.t.Helper()
	b.must(func(ctx context.Context, tx *store.Tx) error {
		return b.ledger.AdjustIn(ctx, tx, tx.ID(id.Commission), affiliateID, amount, "to begin with")
	})
}

// balanced fails unless the trial balance is zero and Verify finds nothing.
func (b *book) balanced() {
	b.t.Helper()
	sums, err := b.ledger.TrialBalance(b.ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	for c, sum := range sums {
		if sum != 0 {
			b.t.Errorf("the trial balance in %s is %d", c, sum)
		}
	}
	found, err := b.ledger.Verify(b.ctx, nil)
	if err != nil || len(found) > 0 {
		b.t.Errorf("verify: %v, %v", found, err)
	}
}

// standing gives an affiliate's balance in a currency as text: pending,
// payable, reserved, paid.
func (b *book) standing(affiliateID string, c money.Currency) string {
	b.t.Helper()
	all, err := b.ledger.Balances(b.ctx, affiliateID)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, one := range all {
		if one.Currency == c {
			return spell(one.Standing)
		}
	}
	return "none"
}

func spell(s ledger.Standing) string {
	return fmt.Sprint(s.Pending.Decimal(), " ", s.Payable.Decimal(), " ", s.Reserved.Decimal(), " ", s.Paid.Decimal())
}

func (b *book) balanceOf(k ledger.AccountKind, affiliateID string, c money.Currency) string {
	b.t.Helper()
	m, err := b.ledger.BalanceOf(b.ctx, ledger.Ref{Kind: k, AffiliateID: affiliateID}, c)
	if err != nil {
		b.t.Fatal(err)
	}
	return m.Decimal()
}

// postings lists every entry of the book as "KIND source_key ACCOUNT amount".
func (b *book) postings() (all []string) {
	b.t.Helper()
	rows, err := b.store.Read(b.ctx, `SELECT t.kind, t.source_key, a.kind, e.amount_minor, e.currency FROM ledger_transactions t
		JOIN ledger_entries e ON e.merchant_id = t.merchant_id AND e.transaction_id = t.id
		JOIN ledger_accounts a ON a.merchant_id = t.merchant_id AND a.id = e.account_id
		ORDER BY t.id, e.amount_minor`)
	if err != nil {
		b.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, key, account string
		var m money.Money
		if err := rows.Scan(&kind, &key, &account, &m.Minor, &m.Currency); err != nil {
			b.t.Fatal(err)
		}
		all = append(all, fmt.Sprint(kind, " ", key, " ", account, " ", m.Decimal()))
	}
	return all
}

// count reads one number.
func (b *book) count(query string, args ...any) (n int64) {
	b.t.Helper()
	rows, err := b.store.Read(b.ctx, query, args...)
	if err != nil {
		b.t.Fatal(err)
	}
	defer rows.Close()
	var sum sql.NullInt64
	for rows.Next() {
		if err := rows.Scan(&sum); err != nil {
			b.t.Fatal(err)
		}
	}
	return sum.Int64
}

// period asks for an affiliate's statement in dollars, as it is known now.
func period(affiliateID string, from, to time.Time) ledger.StatementInput {
	return ledger.StatementInput{AffiliateID: affiliateID, Currency: "USD", From: from, To: to}
}

func usd(amount string) money.Money { return parse(amount, "USD") }

func parse(amount, currency string) money.Money {
	m, err := money.Parse(amount, currency)
	if err != nil {
		panic(err)
	}
	return m
}
