package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// One commit for several commands, on SQLite.
//
// SQLite has one writer, and its commit waits for the disk. So commands that stand
// in line for the writer share a transaction: who is done hands the open
// transaction to the next instead of committing, and who finds nobody in line
// commits for all. Nobody ever waits for company. See docs/adr/0006.
//
// What keeps the members from harming each other:
//
//   - Each but the first works within a savepoint, and takes back its own work alone.
//   - No member's context ends the transaction, nor interrupts a statement that
//     would take all members' work with it.
//   - All are answered after the commit and not before, refusals too: they may go
//     by what a member before them wrote. When it fails, all get its error.

// share bounds: how many commands one commit takes, and for how long the first of
// them waits for the others. A longer transaction brings little more and is felt.
const (
	shareMost = 32
	shareFor  = 40 * time.Millisecond
)

// savepoint of a member. Those of commands lie within it and have other names.
const memberSave = "member"

// share is a transaction with those who wrote in it. Only who has the writer
// touches it, until done is closed.
type share struct {
	conn    *sql.Conn
	tx      *sql.Tx
	lite    *liteConn
	began   time.Time
	members int
	err     error         // why it is lost
	done    chan struct{} // closed when it has been committed or is lost
}

// openShare begins a transaction that no context ends.
func (s *Store) openShare(ctx context.Context) (*share, error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	sh := &share{conn: conn, began: time.Now(), members: 1, done: make(chan struct{})}
	err = conn.Raw(func(c any) error {
		sh.lite = c.(*liteConn)
		sh.lite.shared, sh.lite.lost = false, nil
		return ctx.Err()
	})
	if err == nil {
		sh.tx, err = conn.BeginTx(context.WithoutCancel(ctx), nil)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return sh, nil
}

// exec runs a statement of the share itself; a failure loses it.
func (sh *share) exec(query string) {
	if _, err := sh.tx.ExecContext(context.Background(), query); err != nil && sh.err == nil {
		sh.err = err
	}
}

// lost is why the share cannot be committed: a failure of its own, or one after
// which SQLite took the transaction back by itself. A member that overlooked that
// would have the next one write outside any transaction.
func (sh *share) lost() error {
	if sh.err == nil {
		sh.err = sh.lite.lost
	}
	return sh.err
}

// settle commits for all members, or takes everything back.
func (sh *share) settle(keep bool) {
	if keep && sh.lost() == nil {
		sh.err = sh.tx.Commit()
	} else if err := sh.tx.Rollback(); err != nil && sh.err == nil && sh.lite.lost == nil {
		sh.err = err
	}
	sh.lite.shared = false
	_ = sh.conn.Close() // back to the pool
}

// member is a command's turn in a share.
type member struct {
	line   *line
	share  *share
	name   string
	since  time.Time
	joined bool // others wrote before it: it works within a savepoint
	left   bool
}

// join waits for the writer, and begins a transaction or goes on with the open one.
func (s *Store) join(ctx context.Context, name string) (*member, error) {
	sh, err := s.line.enter(ctx, name)
	if err != nil {
		return nil, err
	}
	m := &member{line: &s.line, share: sh, name: name, since: time.Now()}
	if sh == nil {
		if m.share, err = s.openShare(ctx); err != nil {
			s.line.pass()
			return nil, err
		}
		return m, nil
	}
	m.joined = true
	sh.members++
	sh.lite.shared = true
	sh.exec("SAVEPOINT " + memberSave)
	if sh.err != nil {
		return nil, m.leave()
	}
	return m, nil
}

func (m *member) sql() *sql.Tx { return m.share.tx }

// commit ends the turn and waits for the commit of all. A command whose request
// is over is not committed.
func (m *member) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.joined {
		m.share.exec("RELEASE SAVEPOINT " + memberSave)
	}
	return m.leave()
}

// end takes back a turn that was not committed. Its error gives way to the share's:
// what was refused may have been so for a row that is not there after all.
func (m *member) end(err *error) {
	if m.left {
		return
	}
	if !m.joined {
		m.left = true
		m.line.learn(m.name, time.Since(m.since))
		m.share.settle(false)
		m.line.pass()
		if m.share.err != nil && *err == nil {
			*err = m.share.err
		}
		return
	}
	m.share.exec("ROLLBACK TO SAVEPOINT " + memberSave)
	m.share.exec("RELEASE SAVEPOINT " + memberSave)
	if e := m.leave(); e != nil {
		*err = e
	}
}

// leave hands the transaction on, or commits it, and waits until it is committed,
// however the request fares: what has been handed on cannot be taken back.
func (m *member) leave() error {
	m.left = true
	m.line.learn(m.name, time.Since(m.since))
	if !m.line.handOn(m.share) {
		m.share.settle(true)
		m.line.pass()
		close(m.share.done)
	}
	<-m.share.done
	return m.share.err
}
