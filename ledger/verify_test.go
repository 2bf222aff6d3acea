package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// Every kind of damage that the database lets through is found and named.
func TestVerifyFindsAndNamesDamage(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	const account = ` WHERE merchant_id = $1 AND kind = `
	rows := map[string]struct{ damage, check, detail string }{
		"kept balance":      {`UPDATE ledger_accounts SET balance_minor = balance_minor + 1` + account + `'PAYABLE'`, "account", "keeps 401, its entries sum to 400"},
		"balance kept":      {`UPDATE ledger_accounts SET balance_minor = 7` + account + `'EXPENSE'`, "account", "keeps 7, its entries sum to 0"},
		"no longer guarded": {`UPDATE ledger_accounts SET guarded = false, balance_minor = 0` + account + `'PAYABLE'`, "account", "PAYABLE is guarded: false"},
		"one side": {`INSERT INTO ledger_entries (id, merchant_id, created_at, currency, amount_minor, account_id, transaction_id)
			SELECT 'ent_x' || t.id, t.merchant_id, t.created_at, 'USD', 3, a.id, t.id FROM ledger_transactions t, ledger_accounts a
			WHERE t.merchant_id = $1 AND a.merchant_id = $1 AND t.kind = 'ACCRUAL' AND a.kind = 'CLEARING'`, "transaction", "sums to 3, not to zero"},
		"no sides": {`INSERT INTO ledger_transactions (id, merchant_id, created_at, kind, source_key, subject_id)
			SELECT 'ltx_x' || t.merchant_id, t.merchant_id, t.created_at, 'ACCRUAL', 'x', 'x' FROM ledger_transactions t
			WHERE t.merchant_id = $1 AND t.kind = 'ACCRUAL'`, "transaction", "has 0 sides"},
		"mixed": {`INSERT INTO ledger_entries (id, merchant_id, created_at, currency, amount_minor, account_id, transaction_id)
			SELECT 'ent_y' || t.id, t.merchant_id, t.created_at, 'EUR', 3, a.id, t.id FROM ledger_transactions t, ledger_accounts a
			WHERE t.merchant_id = $1 AND a.merchant_id = $1 AND t.kind = 'ACCRUAL' AND a.kind = 'CLEARING'`, "transaction", "mixes 2 currencies"},
		"checkpoint": {`INSERT INTO ledger_checkpoints (id, merchant_id, created_at, account_id, through_seq, currency, balance_minor, entries)
			SELECT 'chk_x' || id, merchant_id, created_at, id, 1900000000000, 'USD', 1, 1 FROM ledger_accounts` + account + `'EXPENSE'`, "checkpoint", "says 1 by 1 entries; they come to -1000 by 1"},
	}
	for name, row := range rows {
		b := newBook(t, s, 1)
		b.accrue("com_1", b.affiliates[0], usd("10.00"))
		b.must(func(ctx context.Context, tx *store.Tx) error {
			return b.ledger.ApproveIn(ctx, tx, "com_1", b.affiliates[0], usd("10.00"))
		})
		b.must(func(ctx context.Context, tx *store.Tx) error {
			return b.ledger.ReserveIn(ctx, tx, "pay_1", b.affiliates[0], usd("6.00"))
		})
		b.balanced()
		b.must(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, row.damage, tx.MerchantID())
			return err
		})
		found, err := b.ledger.Verify(b.ctx, nil)
		if err != nil || len(found) != 1 || found[0].Check != row.check || found[0].Detail != row.detail || found[0].ID == "" {
			t.Errorf("%s: found %+v, %v", name, found, err)
		}
	}
}

// Verify reads page after page, over more rows than one holds, and says how far
// it is.
func TestVerifyReadsEveryPage(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 40) // 40 · 3 + 2 accounts are more than a page of 100
	for i, aff := range b.affiliates {
		clock.Advance(time.Millisecond)
		b.must(func(ctx context.Context, tx *store.Tx) error {
			for n := range 51 { // 40 · 51 transactions are more than a page of 2000
				if err := b.ledger.AccrueIn(ctx, tx, fmt.Sprint("com_", i, "_", n), aff, usd("0.01")); err != nil {
					return err
				}
			}
			return nil
		})
	}
	clock.Advance(time.Hour)
	out, err := b.ledger.Checkpoint(b.ctx) // one for each PENDING, one for each millisecond of EXPENSE
	if err != nil || out.Made != 80 {
		t.Errorf("%+v, %v", out, err)
	}
	var heard []int
	found, err := b.ledger.Verify(b.ctx, func(n int) { heard = append(heard, n) })
	want := []int{2000, 2040, 2140, 2162, 2242} // 2040 transactions, 122 accounts, 80 checkpoints
	if err != nil || len(found) > 0 || !slices.Equal(heard, want) {
		t.Errorf("found %v, heard %v, %v", found, heard, err)
	}
}
