package ledger

import (
	"context"
	"database/sql"
	"math"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// bounds gives between which balances a line may move its account: so that the
// sum is an amount again, and never below zero where that would spend money
// that is not there. SQLite would turn a sum that overflows into a float.
func bounds(k Kind, l line) (least, most int64) {
	least, most = -math.MaxInt64, math.MaxInt64
	switch {
	case l.minor > 0:
		most -= l.minor
	case l.ref.Kind == ReservedAccount || k == Reservation:
		least = -l.minor
	default:
		least -= l.minor
	}
	return least, most
}

// tooMuch says why a balance could not move.
func tooMuch(l line, least int64, c money.Currency, err error) error {
	switch {
	case err != nil:
		return err
	case least >= 0:
		return problem.At(problem.Insufficient, "amount", "less than %s is there to take", money.Of(-l.minor, c))
	}
	return problem.At(problem.AmountRange, "amount", "the balance would be out of range")
}

// forUpdate locks rows against other postings. NO KEY: an entry that refers to
// the account takes a key-share lock on it, and need not wait.
func forUpdate(tx *store.Tx) string {
	if tx.Store().Postgres() {
		return ` FOR NO KEY UPDATE`
	}
	return "" // SQLite has one writer
}

// LockIn locks the guarded accounts of several affiliates in one currency, in id
// order. A command that posts for several affiliates calls it before the first
// posting: else two commands that meet the same affiliates in different orders
// would each wait for the other, and one be given up and run again.
func (s *Service) LockIn(ctx context.Context, tx *store.Tx, c money.Currency, affiliateIDs ...string) error {
	if len(affiliateIDs) == 0 || !tx.Store().Postgres() {
		return nil
	}
	args := []any{tx.MerchantID(), string(c)}
	people := marks(&args, affiliateIDs)
	return each(ctx, tx.Query, `SELECT id FROM ledger_accounts WHERE merchant_id = $1 AND currency = $2 AND guarded
		AND (affiliate_id IN (`+people+`) OR affiliate_id IN (SELECT survivor_id FROM affiliate_merges WHERE merchant_id = $1 AND from_id IN (`+people+`))) ORDER BY id`+forUpdate(tx), args, func(*sql.Rows) error { return nil })
}
