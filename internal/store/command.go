package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// Command names one write.
type Command struct {
	Name    string // the mutation field or verb; part of an idempotency key's scope
	Subject string // what it is done to, for the audit row; Note may name it later
	DryRun  bool   // run and roll back; nothing is stored, not even the key
	Quiet   bool   // no audit row: machine intake such as click batches
	Intake  bool   // an audit row without before and after: its events tell what it changed
	denied  bool   // the row says that it was not done
}

// attempts bounds how often a command is run again after the database gave up.
const attempts = 8

// Run is the one write path: idempotency → fn → events → audit → commit, in one
// transaction with one instant.
//
// fn may run more than once, after a serialization failure, a deadlock or a
// busy file, so it must not have effects outside tx. T is the command's
// outcome: ids and typed facts, stored as JSON with the caller's key so that a
// repeat gets it back. An error from fn rolls everything back and stores
// nothing. Errors: what fn returns; KeyReused, InFlight; Deadline and
// Unavailable from the database.
func Run[T any](ctx context.Context, s *Store, c Command, fn func(context.Context, *Tx) (T, error)) (T, error) {
	var zero T
	for n := 1; ; n++ {
		out, err := attempt(ctx, s, c, fn)
		if err == nil {
			return out, nil
		}
		if !Retryable(err) || n == attempts {
			return zero, present(overdue(ctx, err))
		}
		if err := backoff(ctx, n); err != nil {
			return zero, present(err)
		}
	}
}

// overdue names the end of the request as the cause of what came of it: a
// socket's time-out, a rolled-back transaction, an interrupted statement.
func overdue(ctx context.Context, err error) error {
	if _, ok := problem.As(err); ok || ctx.Err() == nil {
		return err
	}
	return errors.Join(ctx.Err(), err)
}

func backoff(ctx context.Context, n int) error {
	pause := time.NewTimer(time.Duration(rand.Int64N(int64(n) * int64(4*time.Millisecond)))) // #nosec G404 -- a pause, not a secret
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-pause.C:
		return nil
	}
}

func attempt[T any](ctx context.Context, s *Store, c Command, fn func(context.Context, *Tx) (T, error)) (out T, err error) {
	v, ok := trust.From(ctx)
	if !ok {
		return out, problem.New(problem.Unauthenticated, "sign in or send a token").Because(trust.ErrUnauthenticated)
	}
	t, err := s.turn(ctx, c.Name)
	if err != nil {
		return out, err
	}
	defer t.end(&err)
	tx := s.newTx(t.sql(), c, v)
	ctx = withTx(ctx, tx)
	key, keyed := keyIn(ctx)
	if keyed && !c.DryRun {
		done, err := tx.recall(ctx, key, &out)
		if err != nil || done {
			return out, err
		}
	}
	if out, err = fn(ctx, tx); err != nil {
		return out, err
	}
	if c.DryRun {
		return out, nil
	}
	var records []insert
	if keyed {
		if records, err = tx.remember(key, out); err != nil {
			return out, err
		}
	}
	return out, tx.finish(ctx, t, records)
}

// finish writes what the command said, with records of its own, and commits.
func (tx *Tx) finish(ctx context.Context, t turn, records []insert) error {
	if !tx.command.Quiet {
		audit, err := tx.audit(ctx)
		if err != nil {
			return err
		}
		records = append(records, audit)
	}
	if err := tx.appendEvents(ctx, records); err != nil {
		return err
	}
	if err := t.commit(ctx); err != nil {
		return err
	}
	for _, fn := range tx.after {
		fn()
	}
	if len(tx.events) > 0 {
		tx.store.committed()
	}
	return nil
}
