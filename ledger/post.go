package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// line is a side whose account is known.
type line struct {
	tx      string // the transaction it belongs to
	ref     Ref
	account string
	minor   int64
}

// PostIn writes a transaction. Its source key posts once: a repeat that says
// the same gives the first one's id with posted false, one that says something
// else is refused with Conflict. Other errors: Invalid, CurrencyMismatch,
// CurrencyUnknown or AmountRange for a posting the book cannot hold;
// Insufficient when it would take from PAYABLE by a reservation, or from
// RESERVED by anything, more than is there. After an error the caller's command
// must fail or go back to a savepoint.
//
// With its accounts known it costs one insert of the transaction, one of its
// entries, and one update for each guarded account. The updates come last: a
// hot balance is locked only until the commit that follows.
func (s *Service) PostIn(ctx context.Context, tx *store.Tx, p Posting) (txID string, posted bool, err error) {
	if err := p.validate(); err != nil {
		return "", false, err
	}
	accounts, err := s.resolve(ctx, tx, p.refs(), p.currency())
	if err != nil {
		return "", false, err
	}
	txID = tx.ID(id.Transaction)
	lines := p.lines(txID, accounts)
	if posted, err = begin(ctx, tx, txID, p); err != nil {
		return "", false, err
	}
	if !posted {
		txID, err = s.repeat(ctx, tx, p, lines)
		return txID, false, err
	}
	if err := s.enter(ctx, tx, p.currency(), lines); err != nil {
		return "", false, err
	}
	return txID, true, move(ctx, tx, p, lines)
}

// lines are the posting's sides as entries of a transaction.
func (p Posting) lines(txID string, accounts map[Ref]string) []line {
	lines := make([]line, len(p.Sides))
	for i, side := range p.Sides {
		lines[i] = line{txID, side.Account, accounts[side.Account], side.Amount.Minor}
	}
	return lines
}

// held takes the merchant's book lock, shared, for the rest of the command.
// Postings do not disturb each other; a checkpoint takes it alone.
const held = ` FROM (SELECT pg_advisory_xact_lock_shared(` + bookLock + `)) AS held`

// begin writes the transaction's row; it reports false when its source key is
// there already. A concurrent holder of the key is waited for.
func begin(ctx context.Context, tx *store.Tx, txID string, p Posting) (bool, error) {
	from := ""
	if tx.Store().Postgres() {
		from = held
	}
	done, err := tx.Exec(ctx, `INSERT INTO ledger_transactions
		(merchant_id, id, created_at, kind, source_key, subject_id, memo, cause_id, reverses_id, event_at)
		SELECT $1, $2, CAST($3 AS `+instant(tx)+`), $4, $5, $6, $7, $8, $9, CAST($10 AS `+instant(tx)+`)`+from+` WHERE true ON CONFLICT (merchant_id, source_key) DO NOTHING`,
		tx.MerchantID(), txID, tx.MerchantTime(), string(p.Kind), p.SourceKey, p.Subject, p.Memo, none(p.Cause.ID), none(p.Reverses), p.Cause.when())
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// instant is the type of a point in time, where a statement has to name it.
func instant(tx *store.Tx) string {
	if tx.Store().Postgres() {
		return `timestamptz`
	}
	return `text`
}

// none is an absent reference as a column takes it.
func none(ref string) any {
	if ref == "" {
		return nil
	}
	return ref
}

// repeat gives the transaction that a source key has already posted, or
// Conflict when it is not the same one. Posted before its affiliate was merged or
// after, it is the same.
func (s *Service) repeat(ctx context.Context, tx *store.Tx, p Posting, lines []line) (txID string, err error) {
	txID, same, err := alike(ctx, tx, p, lines)
	if err != nil || same {
		return txID, err
	}
	lines = slices.Clone(lines)
	moved, err := s.redirect(ctx, tx, p.currency(), lines)
	if err == nil && moved {
		txID, same, err = alike(ctx, tx, p, lines)
	}
	if err == nil && !same {
		err = problem.New(problem.Conflict, "%q has already posted something else", p.SourceKey)
	}
	return txID, err
}

// alike reports whether what a source key has posted is this.
func alike(ctx context.Context, tx *store.Tx, p Posting, lines []line) (txID string, same bool, err error) {
	want := make(map[string]int64, len(lines))
	for _, l := range lines {
		want[l.account] = l.minor
	}
	same = true
	err = each(ctx, tx.Query, `SELECT t.id, t.kind, t.subject_id, e.account_id, e.amount_minor
		FROM ledger_transactions t JOIN ledger_entries e ON e.merchant_id = t.merchant_id AND e.transaction_id = t.id
		WHERE t.merchant_id = $1 AND t.source_key = $2`, []any{tx.MerchantID(), p.SourceKey}, func(rows *sql.Rows) error {
		var kind Kind
		var subject, account string
		var minor int64
		err := rows.Scan(&txID, &kind, &subject, &account, &minor)
		same = same && kind == p.Kind && subject == p.Subject && want[account] == minor
		delete(want, account)
		return err
	})
	return txID, same && len(want) == 0, err
}

// enter writes the entries. Their ids lie after every checkpoint of their
// accounts: when the command's instant does not, because the command or its
// server's clock is late, the ids take the first millisecond after it. None is written
// to the accounts of who was merged: those go to the survivor's, and lines say so.
func (s *Service) enter(ctx context.Context, tx *store.Tx, c money.Currency, lines []line) error {
	at := tx.Now()
	for range 3 {
		n, err := insertEntries(ctx, tx, at, c, lines)
		if err != nil || n == int64(len(lines)) {
			return err
		}
		if moved, err := s.redirect(ctx, tx, c, lines); err != nil || moved {
			if err != nil {
				return err
			}
			continue
		}
		if at, err = fence(ctx, tx, lines); err != nil {
			return err
		}
	}
	return fmt.Errorf("the entries of %s were not written", lines[0].tx)
}

// effective is the instant whose period an entry counts in: its cause's, or the
// command's. What falls into a locked period counts from the command's instant,
// in the open one. A posting reads the newest lock in a statement that begins
// after it got the book lock, and a lock is made while nobody posts: so none can
// be missed.
const effective = `CASE WHEN l.until IS NULL OR coalesce(t.event_at, t.created_at) >= l.until THEN coalesce(t.event_at, t.created_at)
		WHEN t.created_at >= l.until THEN t.created_at ELSE l.until END`

// newestLock joins the instant before which the merchant's book is locked.
const newestLock = `LEFT JOIN (SELECT k.until FROM ledger_locks k WHERE k.merchant_id = $1 ORDER BY k.until DESC LIMIT 1) l ON true`

// insertEntries inserts all entries, or none when a checkpoint of one of their
// accounts covers their millisecond, or whose they are was merged. A merge takes the book
// alone, and this statement begins after its posting got the book: so none can be missed.
func insertEntries(ctx context.Context, tx *store.Tx, at time.Time, c money.Currency, lines []line) (int64, error) {
	args, rows, fences := []any{tx.MerchantID(), string(c), at.UnixMilli()}, make([]string, len(lines)), ""
	fenced := map[string]bool{}
	for i, l := range lines {
		n := len(args)
		rows[i] = fmt.Sprintf("(CAST($%d AS text), CAST($%d AS text), CAST($%d AS text), CAST($%d AS bigint))", n+1, n+2, n+3, n+4)
		if !guarded(l.ref.Kind) && !fenced[l.account] {
			fenced[l.account] = true
			fences += fmt.Sprintf(` AND $3 > coalesce((SELECT c.through_seq FROM ledger_checkpoints c
				WHERE c.merchant_id = $1 AND c.account_id = $%d ORDER BY c.id DESC LIMIT 1), -1)`, n+3)
		}
		args = append(args, l.tx, id.New(id.Entry, at), l.account, l.minor)
	}
	if fences == "" {
		fences = ` AND CAST($3 AS bigint) >= 0` // guarded accounts have no checkpoints
	}
	if of := owners(lines); len(of) > 0 {
		fences += ` AND NOT EXISTS (SELECT 1 FROM affiliate_merges g WHERE g.merchant_id = $1 AND g.from_id IN (` + marks(&args, of) + `))`
	}
	done, err := tx.Exec(ctx, `INSERT INTO ledger_entries
		(merchant_id, transaction_id, created_at, currency, id, account_id, amount_minor, effective_at)
		SELECT t.merchant_id, t.id, t.created_at, $2, e.column2, e.column3, e.column4, `+effective+`
		FROM (VALUES `+strings.Join(rows, ", ")+`) AS e JOIN ledger_transactions t ON t.merchant_id = $1 AND t.id = e.column1 `+newestLock+`
		WHERE true`+fences, args...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// move changes the balances kept on guarded accounts, in id order: two postings
// that took the same two rows in different orders would each wait for the other
// for ever. The one statement locks the row, looks and changes it. To read a
// balance, subtract and write it back would lose what another posting did in
// between.
func move(ctx context.Context, tx *store.Tx, p Posting, lines []line) error {
	kept := slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return !guarded(l.ref.Kind) })
	slices.SortFunc(kept, func(a, b line) int { return strings.Compare(a.account, b.account) })
	for _, l := range kept {
		least, most := bounds(p.Kind, l)
		done, err := tx.Exec(ctx, `UPDATE ledger_accounts SET balance_minor = balance_minor + $3
			WHERE merchant_id = $1 AND id = $2 AND balance_minor >= $4 AND balance_minor <= $5`,
			tx.MerchantID(), l.account, l.minor, least, most)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return tooMuch(l, least, p.currency(), err)
		}
	}
	return nil
}
