package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
)

// Checkpoints.
//
// A checkpoint says: the entries of this account whose ids lie at or before
// this millisecond sum to this. It must stay right for ever, although entries
// carry their command's instant, commands commit in any order, some run long
// and servers' clocks differ. Two rules make it so.
//
// One: every posting holds the merchant's book lock, shared, from before its
// entries are written until its commit; a checkpoint holds it alone. While it is
// made no posting is half done: what it cannot see does not exist.
//
// Two: an entry is refused an id that a checkpoint of its account covers, and
// takes a later one (enter). The posting looks in a statement that begins after
// it got the lock, so it sees every checkpoint there is, and none can be added
// before it commits. At Read Committed each statement sees what was committed
// when it began; these rules rely on that.
//
// Neither rests on a clock. The lock is not the row lock of the account: writers
// that keep arriving would starve a checkpoint there, while advisory locks are
// queued fairly. On SQLite the one writer is the lock.

// bookLock names the merchant's book lock, in SQL; the merchant is $1.
const bookLock = `hashtextextended(CAST($1 AS text), 119165567460722)` // "ledger"

// settled is how old entries must be to be covered, so that few commands are so
// late that their entries need another id.
const settled = time.Minute

// checkpoint is one as it was read, or the beginning before the first.
type checkpoint struct {
	id      string
	through int64 // milliseconds since 1970
	balance int64
	entries int64
}

// CheckpointOutcome says what Checkpoint did.
type CheckpointOutcome struct {
	Made int // checkpoints made
	Busy int // accounts left for another time, because postings held the book
}

// Checkpoint makes the checkpoints that are due for the viewer's merchant: one
// for every 5000 entries of an account without a kept balance, so that reading
// it never sums more. Each is a command of its own and holds up the merchant's
// postings for some milliseconds. A job calls it from time to time; balances
// are right without it, only slower.
func (s *Service) Checkpoint(ctx context.Context) (out CheckpointOutcome, err error) {
	merchant, err := staff(ctx)
	if err != nil {
		return out, err
	}
	due, err := s.due(ctx, merchant)
	if err != nil {
		return out, err
	}
	for _, account := range due {
		made, busy, err := s.cover(ctx, account)
		out.Made += made
		if err != nil {
			return out, err
		}
		if busy {
			out.Busy++
		}
	}
	return out, nil
}

// due lists the accounts with enough entries after their newest checkpoint.
func (s *Service) due(ctx context.Context, merchant string) (accounts []string, err error) {
	err = each(ctx, s.store.Read, `SELECT a.id FROM ledger_accounts a `+joinNewest+` WHERE a.merchant_id = $1 AND NOT a.guarded
		AND EXISTS (SELECT 1 FROM ledger_entries e WHERE e.merchant_id = a.merchant_id AND e.account_id = a.id
			AND e.id >= `+firstAfterNewest+` ORDER BY e.id LIMIT 1 OFFSET $2) ORDER BY a.id`,
		[]any{merchant, s.span - 1}, func(rows *sql.Rows) error {
			var account string
			err := rows.Scan(&account)
			accounts = append(accounts, account)
			return err
		})
	return accounts, err
}

// cover makes an account's due checkpoints, each in a command.
func (s *Service) cover(ctx context.Context, account string) (made int, busy bool, err error) {
	for {
		more, err := store.Run(ctx, s.store, store.Command{Name: "ledgerCheckpoint", Subject: account, Quiet: true},
			func(ctx context.Context, tx *store.Tx) (bool, error) { return s.checkpointIn(ctx, tx, account) })
		if lockTimedOut(err) {
			return made, true, nil
		}
		if err != nil || !more {
			return made, false, err
		}
		made++
	}
}

// checkpointIn makes one checkpoint; false when none is due.
func (s *Service) checkpointIn(ctx context.Context, tx *store.Tx, account string) (bool, error) {
	if err := lockBook(ctx, tx, "250ms"); err != nil {
		return false, err
	}
	last, err := newest(ctx, tx, account)
	if err != nil {
		return false, err
	}
	next, err := s.bound(ctx, tx, account, last)
	if err != nil || next.through <= last.through {
		return false, err
	}
	err = tx.QueryRow(ctx, `SELECT $4 + SUM(amount_minor), $5 + COUNT(*) FROM ledger_entries
		WHERE merchant_id = $1 AND account_id = $2 AND id >= $3 AND id < $6`,
		tx.MerchantID(), account, firstAfter(last.through), last.balance, last.entries, firstAfter(next.through)).Scan(&next.balance, &next.entries)
	if err != nil {
		return false, err
	}
	return true, insertCheckpoint(ctx, tx, account, last, next)
}

// lockBook takes the merchant's book lock alone. It waits for postings under
// way, and new ones wait behind it: for no longer than patience, so that a long
// import is not made to hold up every order.
func lockBook(ctx context.Context, tx *store.Tx, patience string) error {
	if !tx.Store().Postgres() {
		return nil
	}
	if _, err := tx.Exec(ctx, `SET LOCAL lock_timeout = '`+patience+`'`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(`+bookLock+`)`, tx.MerchantID())
	return err
}

func lockTimedOut(err error) bool {
	var state interface{ SQLState() string }
	return errors.As(err, &state) && state.SQLState() == "55P03"
}

func newest(ctx context.Context, tx *store.Tx, account string) (checkpoint, error) {
	last := checkpoint{through: -1}
	err := tx.QueryRow(ctx, `SELECT id, through_seq, balance_minor, entries FROM ledger_checkpoints
		WHERE merchant_id = $1 AND account_id = $2 ORDER BY id DESC LIMIT 1`, tx.MerchantID(), account).
		Scan(&last.id, &last.through, &last.balance, &last.entries)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return last, err
}

// bound gives the millisecond of the span-th settled entry after last: all
// entries of one millisecond are covered together. It is last's own when there
// are not as many.
func (s *Service) bound(ctx context.Context, tx *store.Tx, account string, last checkpoint) (checkpoint, error) {
	var entry string
	err := tx.QueryRow(ctx, `SELECT id FROM ledger_entries WHERE merchant_id = $1 AND account_id = $2 AND id >= $3 AND id < $4
		ORDER BY id LIMIT 1 OFFSET $5`, tx.MerchantID(), account, firstAfter(last.through),
		firstAfter(tx.Now().Add(-settled).UnixMilli()), s.span-1).Scan(&entry)
	if errors.Is(err, sql.ErrNoRows) {
		return last, nil
	}
	if err != nil {
		return last, err
	}
	at, err := id.Time(entry)
	return checkpoint{through: at.UnixMilli()}, err
}

// insertCheckpoint writes next. Its id lies after last's, whatever the clock
// says: the newest checkpoint is found by id.
func insertCheckpoint(ctx context.Context, tx *store.Tx, account string, last, next checkpoint) error {
	at := tx.Now()
	if before, err := id.Time(last.id); err == nil && !at.After(before) {
		at = before.Add(time.Millisecond)
	}
	_, err := tx.Exec(ctx, `INSERT INTO ledger_checkpoints
		(id, merchant_id, created_at, account_id, through_seq, currency, balance_minor, entries)
		SELECT $3, a.merchant_id, $4, a.id, $5, a.currency, $6, $7 FROM ledger_accounts a WHERE a.merchant_id = $1 AND a.id = $2`,
		tx.MerchantID(), account, id.New(id.Checkpoint, at), tx.Now(), next.through, next.balance, next.entries)
	return err
}

// fence gives the first instant after every checkpoint of the lines' accounts.
func fence(ctx context.Context, tx *store.Tx, lines []line) (time.Time, error) {
	through := int64(-1)
	for _, l := range lines {
		last, err := newest(ctx, tx, l.account)
		if err != nil {
			return time.Time{}, err
		}
		through = max(through, last.through)
	}
	return time.UnixMilli(through + 1).UTC(), nil
}
