package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tributary/tributary/internal/store"
)

// Finding is something wrong with the book.
type Finding struct {
	Check  string // what was looked at: "entry", "transaction", "account" or "checkpoint"
	ID     string // which one
	Detail string // what is wrong with it
}

// Page sizes: each statement of Verify stays far below a second, as an SQLite
// reader that runs longer keeps the log from being folded back.
const (
	transactionPage = 2000
	accountPage     = 100
)

// Verify checks the whole book of the viewer's merchant against its entries:
// every entry moves something, stands in a transaction of its own instant and
// goes the way its transaction's kind goes; every transaction has two sides or
// more, in its accounts' one currency, that sum to zero, and takes back another
// one about the same thing, if any; every guarded balance equals the sum of the
// account's entries, and RESERVED is not negative; every other account keeps no
// balance; every checkpoint says what the entries it covers sum to. Findings come
// in the order of entries, then transactions, accounts and checkpoints: the first
// names the first bad entry where one can be told from its neighbours. A
// transaction that does not sum up lists its entries, since any of them may be the
// one. It may run beside postings. progress, which may be nil, hears how many rows
// were checked so far.
func (s *Service) Verify(ctx context.Context, progress func(checked int)) (found []Finding, err error) {
	merchant, err := staff(ctx)
	if err != nil {
		return nil, err
	}
	v := &verifier{store: s.store, merchant: merchant, progress: progress}
	for _, check := range []func(context.Context, string) (string, int, error){v.entries, v.transactions, v.accounts, v.checkpoints} {
		if err := v.pages(ctx, check); err != nil {
			return v.found, err
		}
	}
	return v.found, nil
}

type verifier struct {
	store    *store.Store
	merchant string
	progress func(int)
	checked  int
	found    []Finding
	uneven   []int // findings whose entries are to be listed
}

// pages runs a check page by page until one is empty.
func (v *verifier) pages(ctx context.Context, page func(ctx context.Context, after string) (last string, n int, err error)) error {
	for after := ""; ; {
		last, n, err := page(ctx, after)
		if err != nil || n == 0 {
			return err
		}
		after, v.checked = last, v.checked+n
		if v.progress != nil {
			v.progress(v.checked)
		}
	}
}

func (v *verifier) find(check, id, format string, a ...any) {
	v.found = append(v.found, Finding{check, id, fmt.Sprintf(format, a...)})
}

func (v *verifier) transactions(ctx context.Context, after string) (last string, n int, err error) {
	err = each(ctx, v.store.Read, `SELECT t.id, COUNT(e.id), COUNT(DISTINCT e.currency), COUNT(CASE WHEN e.currency <> a.currency THEN 1 END),
		coalesce(SUM(e.amount_minor), 0) FROM
		(SELECT id FROM ledger_transactions WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3) t
		LEFT JOIN ledger_entries e ON e.merchant_id = $1 AND e.transaction_id = t.id
		LEFT JOIN ledger_accounts a ON a.merchant_id = $1 AND a.id = e.account_id
		GROUP BY t.id ORDER BY t.id`,
		[]any{v.merchant, after, transactionPage}, func(rows *sql.Rows) error {
			var sides, currencies, strangers int
			var sum int64
			if err := rows.Scan(&last, &sides, &currencies, &strangers, &sum); err != nil {
				return err
			}
			n++
			v.transaction(last, sides, currencies, strangers, sum)
			return nil
		})
	if err == nil {
		err = v.list(ctx)
	}
	return last, n, err
}

func (v *verifier) transaction(id string, sides, currencies, strangers int, sum int64) {
	switch {
	case sides < 2:
		v.find("transaction", id, "has %d sides", sides)
	case currencies > 1:
		v.find("transaction", id, "mixes %d currencies", currencies)
	case strangers > 0:
		v.find("transaction", id, "writes to %d accounts of another currency", strangers)
	case sum != 0:
		v.find("transaction", id, "sums to %d, not to zero", sum)
		v.uneven = append(v.uneven, len(v.found)-1)
	}
}

// accounts compares balance and entries in one statement, so that a posting
// beside it moves both or neither.
func (v *verifier) accounts(ctx context.Context, after string) (last string, n int, err error) {
	err = each(ctx, v.store.Read, `SELECT a.id, a.kind, a.guarded, a.balance_minor,
		CASE WHEN a.guarded THEN coalesce((SELECT SUM(e.amount_minor) FROM ledger_entries e
			WHERE e.merchant_id = a.merchant_id AND e.account_id = a.id), 0) ELSE 0 END
		FROM ledger_accounts a WHERE a.merchant_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3`,
		[]any{v.merchant, after, accountPage}, func(rows *sql.Rows) error {
			var kind AccountKind
			var kept bool
			var balance, sum int64
			if err := rows.Scan(&last, &kind, &kept, &balance, &sum); err != nil {
				return err
			}
			n++
			v.account(last, kind, kept, balance, sum)
			return nil
		})
	return last, n, err
}

func (v *verifier) account(id string, kind AccountKind, kept bool, balance, sum int64) {
	if kept != guarded(kind) {
		v.find("account", id, "%s is guarded: %t", kind, kept)
	}
	if balance != sum {
		v.find("account", id, "keeps %d, its entries sum to %d", balance, sum)
	}
	if kind == ReservedAccount && balance < 0 {
		v.find("account", id, "has %d reserved", balance)
	}
}

// checkpoints compares each with the one before it and the entries between.
func (v *verifier) checkpoints(ctx context.Context, after string) (last string, n int, err error) {
	var all []checkpoint
	var accounts []string
	err = each(ctx, v.store.Read, `SELECT id, account_id, through_seq, balance_minor, entries FROM ledger_checkpoints
		WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3`, []any{v.merchant, after, accountPage}, func(rows *sql.Rows) error {
		var c checkpoint
		var account string
		err := rows.Scan(&c.id, &account, &c.through, &c.balance, &c.entries)
		all, accounts = append(all, c), append(accounts, account)
		return err
	})
	for i := range all {
		if err == nil {
			err = v.checkpoint(ctx, accounts[i], all[i])
		}
		last = all[i].id
	}
	return last, len(all), err
}

func (v *verifier) checkpoint(ctx context.Context, account string, c checkpoint) error {
	before, err := v.previous(ctx, account, c.id)
	if err != nil {
		return err
	}
	if c.through <= before.through {
		v.find("checkpoint", c.id, "covers no more than the one before it")
	}
	return each(ctx, v.store.Read, `SELECT coalesce(SUM(amount_minor), 0), COUNT(*) FROM ledger_entries
		WHERE merchant_id = $1 AND account_id = $2 AND id >= $3 AND id < $4`,
		[]any{v.merchant, account, firstAfter(before.through), firstAfter(c.through)}, func(rows *sql.Rows) error {
			var sum, entries int64
			err := rows.Scan(&sum, &entries)
			if before.balance+sum != c.balance || before.entries+entries != c.entries {
				v.find("checkpoint", c.id, "says %d by %d entries; they come to %d by %d", c.balance, c.entries, before.balance+sum, before.entries+entries)
			}
			return err
		})
}

func (v *verifier) previous(ctx context.Context, account, id string) (checkpoint, error) {
	before := checkpoint{through: -1}
	err := each(ctx, v.store.Read, `SELECT through_seq, balance_minor, entries FROM ledger_checkpoints
		WHERE merchant_id = $1 AND account_id = $2 AND id < $3 ORDER BY id DESC LIMIT 1`, []any{v.merchant, account, id}, func(rows *sql.Rows) error {
		return rows.Scan(&before.through, &before.balance, &before.entries)
	})
	return before, err
}
