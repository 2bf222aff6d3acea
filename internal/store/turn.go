package store

import (
	"context"
	"database/sql"
	"errors"
)

// turn is a command's time with a transaction: its own on PostgreSQL, on SQLite
// one that it may share.
type turn interface {
	sql() *sql.Tx
	commit(ctx context.Context) error
	end(err *error) // takes back what was not committed
}

func (s *Store) turn(ctx context.Context, name string) (turn, error) {
	if !s.Postgres() {
		return s.joined(ctx, name)
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := s.writer(ctx).BeginTx(ctx, nil)
	if err != nil {
		leave()
		return nil, err
	}
	return &alone{tx, leave}, nil
}

// joined keeps a turn that did not come from looking like one.
func (s *Store) joined(ctx context.Context, name string) (turn, error) {
	m, err := s.join(ctx, name)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// alone is a turn with a transaction of its own.
type alone struct {
	tx    *sql.Tx
	leave func()
}

func (a *alone) sql() *sql.Tx { return a.tx }

func (a *alone) commit(context.Context) error { return a.tx.Commit() }

func (a *alone) end(err *error) {
	defer a.leave()
	rollback(a.tx, err)
}

// enter waits for a place among the commands under way: half of PostgreSQL's
// pool. With more, every order's foreign keys would have its program's and
// merchant's rows share-locked by thirty others at once, which costs more than it
// brings; and reads always find a connection.
func (s *Store) enter(ctx context.Context) (leave func(), err error) {
	select {
	case s.writers <- struct{}{}:
		return func() { <-s.writers }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// rollback ends a transaction that was not committed. After a commit it is a
// no-op that reports sql.ErrTxDone.
func rollback(tx *sql.Tx, err *error) {
	if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) && *err == nil {
		*err = e
	}
}
