package ledger

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/ledgerlock"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// maxReason is how many bytes the reason of a lock may have.
const maxReason = 500

// LockInput closes the book up to an instant.
type LockInput struct {
	Until  time.Time // everything before it is locked; not in the future
	Reason string    // 1 to 500 bytes
}

// LockOutcome names the lock.
type LockOutcome struct{ LockID string }

// Lock closes the merchant's book up to an instant, for ever: what happened
// before it and is recorded from now on counts in the open period, as a
// correction that names when it happened (E08, Q14). What stands in the locked
// period changes no more. Errors: Invalid until for the future, Conflict until
// when as much is locked already, Invalid reason, Unavailable while postings keep
// the book busy.
func (s *Service) Lock(ctx context.Context, in LockInput) (LockOutcome, error) {
	if in.Reason = strings.TrimSpace(in.Reason); in.Reason == "" || len(in.Reason) > maxReason || !utf8.ValidString(in.Reason) {
		return LockOutcome{}, problem.At(problem.Invalid, "reason", "must be text of 1 to %d bytes", maxReason)
	}
	in.Until = in.Until.UTC().Truncate(time.Microsecond)
	return store.Run(ctx, s.store, store.Command{Name: "ledgerLock"}, func(ctx context.Context, tx *store.Tx) (LockOutcome, error) {
		if in.Until.After(tx.MerchantTime()) {
			return LockOutcome{}, problem.At(problem.Invalid, "until", "must not be in the future")
		}
		if err := lockBook(ctx, tx, "3s"); err != nil {
			return LockOutcome{}, busy(err)
		}
		later, err := tx.Ent().LedgerLock.Query().Where(ledgerlock.UntilGTE(in.Until)).Exist(ctx)
		if err != nil {
			return LockOutcome{}, err
		}
		if later {
			return LockOutcome{}, problem.At(problem.Conflict, "until", "the book is locked as far as that already, and a lock is never taken back")
		}
		return write(ctx, tx, in)
	})
}

func write(ctx context.Context, tx *store.Tx, in LockInput) (LockOutcome, error) {
	l, err := tx.Ent().LedgerLock.Create().SetID(tx.ID(id.LedgerLock)).SetUntil(in.Until).SetReason(in.Reason).Save(ctx)
	if err != nil {
		return LockOutcome{}, err
	}
	tx.Note(l.ID, map[string]string{"until": in.Until.Format(time.RFC3339Nano)})
	return LockOutcome{LockID: l.ID}, nil
}

func busy(err error) error {
	if lockTimedOut(err) {
		return problem.New(problem.Unavailable, "postings keep the book busy: try again").Because(err)
	}
	return err
}

// Locked gives the instant before which the merchant's book is locked, the zero
// time when nothing is.
func (s *Service) Locked(ctx context.Context) (time.Time, error) {
	if _, err := staff(ctx); err != nil {
		return time.Time{}, err
	}
	l, err := s.store.Client().LedgerLock.Query().Order(ent.Desc(ledgerlock.FieldUntil)).First(ctx)
	if ent.IsNotFound(err) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return l.Until, nil
}
