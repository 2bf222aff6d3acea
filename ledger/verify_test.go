package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
			WHERE t.merchant_id = $1 AND a.merchant_id = $1 AND t.kind = 'ACCRUAL' AND a.kind = 'CLEARING'`, "entry", "moves 3 on CLEARING"},
		"no sides": {`INSERT INTO ledger_transactions (id, merchant_id, created_at, kind, source_key, subject_id)
			SELECT 'ltx_x' || t.merchant_id, t.merchant_id, t.created_at, 'ACCRUAL', 'x', 'x' FROM ledger_transactions t
			WHERE t.merchant_id = $1 AND t.kind = 'ACCRUAL'`, "transaction", "has 0 sides"},
		"mixed": {`INSERT INTO ledger_entries (id, merchant_id, created_at, currency, amount_minor, account_id, transaction_id)
			SELECT 'ent_y' || t.id, t.merchant_id, t.created_at, 'EUR', 3, a.id, t.id FROM ledger_transactions t, ledger_accounts a
			WHERE t.merchant_id = $1 AND a.merchant_id = $1 AND t.kind = 'ACCRUAL' AND a.kind = 'CLEARING'`, "entry", "moves 3 on CLEARING"},
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
		if err != nil || len(found) == 0 || found[0].Check != row.check || !strings.HasSuffix(found[0].Detail, row.detail) || found[0].ID == "" {
			t.Errorf("%s: found %+v, %v", name, found, err)
		}
	}
}

// Verify reads page after page, over more rows than one holds, and says how far
// it is.
func TestVerifyReadsEveryPage(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 40) // 40 · 3 + 3 accounts are more than a page of 100
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
	want := []int{2000, 4000, 4080, 6080, 6120, 6220, 6243, 6323} // 4080 entries, 2040 transactions, 123 accounts, 80 checkpoints
	if err != nil || len(found) > 0 || !slices.Equal(heard, want) {
		t.Errorf("found %v, heard %v, %v", found, heard, err)
	}
}

// With the triggers gone, a row changed by hand is found and named: one side of a
// transaction, both sides alike, a side moved to another account, an instant, a
// link turned round.
func TestN06R4ARowChangedByHandIsNamed(t *testing.T) {
	t.Parallel()
	const accrual, of = `SELECT e.id FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id WHERE t.source_key = 'accrue:com_1'`, ` WHERE merchant_id = $1 AND `
	for name, row := range map[string]struct{ change, first string }{
		"one side":         {`UPDATE ledger_entries SET amount_minor = 1100` + of + `amount_minor = 1000 AND id IN (` + accrual + `)`, "transaction"},
		"both sides":       {`UPDATE ledger_entries SET amount_minor = amount_minor * 2` + of + `transaction_id IN (SELECT id FROM ledger_transactions WHERE source_key = 'approve:com_1')`, "account"},
		"signs turned":     {`UPDATE ledger_entries SET amount_minor = -amount_minor` + of + `id IN (` + accrual + `)`, "entry"},
		"emptied":          {`UPDATE ledger_entries SET amount_minor = 0` + of + `id IN (` + accrual + `)`, "entry"},
		"another account":  {`UPDATE ledger_entries SET account_id = (SELECT id FROM ledger_accounts WHERE kind = 'PAYABLE' AND affiliate_id IS NOT NULL)` + of + `amount_minor = 1000 AND id IN (` + accrual + `)`, "entry"},
		"another instant":  {`UPDATE ledger_entries SET created_at = '2020-01-01 00:00:00+00:00'` + of + `amount_minor = 1000 AND id IN (` + accrual + `)`, "entry"},
		"deleted":          {`DELETE FROM ledger_entries` + of + `amount_minor = 1000 AND id IN (` + accrual + `)`, "transaction"},
		"link to a future": {`UPDATE ledger_transactions SET reverses_id = 'ltx_gone'` + of + `source_key = 'reverse:com_1:r'`, "entry"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openBook(t, 1)
			aff := b.affiliates[0]
			b.accrue("com_1", aff, usd("10.00"))
			b.must(func(ctx context.Context, tx *store.Tx) error {
				if err := b.ledger.ReverseIn(ctx, tx, "r", "com_1", aff, usd("1.00"), true); err != nil {
					return err
				}
				return b.ledger.ApproveIn(ctx, tx, "com_1", aff, usd("9.00"))
			})
			b.balanced()
			b.must(func(ctx context.Context, tx *store.Tx) error {
				if tx.Store().Postgres() {
					if _, err := tx.Exec(ctx, `SET LOCAL ROLE NONE`); err != nil { // the owner's again
						return err
					}
				}
				for _, table := range []string{"ledger_entries", "ledger_transactions"} {
					for _, trigger := range []string{"_append_only ON " + table, "_no_update", "_no_delete"} {
						if strings.Contains(trigger, " ON ") != tx.Store().Postgres() {
							continue
						}
						if _, err := tx.Exec(ctx, `DROP TRIGGER `+table+trigger); err != nil {
							return err
						}
					}
				}
				_, err := tx.Exec(ctx, row.change, tx.MerchantID())
				return err
			})
			found, err := b.ledger.Verify(b.ctx, nil)
			if err != nil || len(found) == 0 || found[0].Check != row.first || found[0].ID == "" {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
}
