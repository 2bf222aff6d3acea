package store

import (
	"context"
	"database/sql/driver"
	"net"
	"time"
)

// pgConn sets the socket's deadline before every exchange and keeps prepared
// the statements it has seen with arguments: a prepared read costs one round
// trip instead of two.
type pgConn struct {
	pqConn
	socket     net.Conn
	statements *statementCache
	watch      Watch
	last       context.Context // of the exchange under way or just over
	view       view
}

func (c *pgConn) until(ctx context.Context) {
	limit := time.Now().Add(ceiling)
	if d, ok := ctx.Deadline(); ok && d.Add(grace).Before(limit) {
		limit = d.Add(grace)
	}
	c.last = ctx
	_ = c.socket.SetDeadline(limit)
}

// IsValid drops a connection whose last request was given up: a cancel request
// may still be on its way to the backend and would hit the next request's
// statement.
func (c *pgConn) IsValid() bool {
	over := c.last != nil && c.last.Err() != nil
	c.last = nil
	return !over && c.pqConn.IsValid()
}

// QueryContext with the prepared statement.
func (c *pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	defer c.watch.done(query, time.Now())
	c.until(ctx)
	if err := c.admit(ctx, query); err != nil {
		return nil, err
	}
	settle(args)
	if len(args) == 0 || len(query) > cachedLength {
		return c.pqConn.QueryContext(ctx, query, args)
	}
	st, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}

// ExecContext with the prepared statement.
func (c *pgConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	defer c.watch.done(query, time.Now())
	c.until(ctx)
	if err := c.admit(ctx, query); err != nil {
		return nil, err
	}
	settle(args)
	if len(args) == 0 || len(query) > cachedLength {
		return c.pqConn.ExecContext(ctx, query, args)
	}
	st, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (c *pgConn) prepared(ctx context.Context, query string) (*statement, error) {
	if st, ok := c.statements.get(query); ok {
		return st, nil
	}
	st, err := c.pqConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return c.statements.put(query, st), nil
}

// PrepareContext for callers that prepare by themselves, such as COPY.
func (c *pgConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.until(ctx)
	if err := c.admit(ctx, query); err != nil {
		return nil, err
	}
	return c.pqConn.PrepareContext(ctx, query)
}

// BeginTx starts a transaction whose end is bounded like its statements.
func (c *pgConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	c.until(ctx)
	if err := c.admit(ctx, "BEGIN"); err != nil {
		return nil, err
	}
	tx, err := c.pqConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &pgTx{Tx: tx, conn: c, ctx: ctx, began: c.view}, nil
}

// Ping within the deadline.
func (c *pgConn) Ping(ctx context.Context) error {
	c.until(ctx)
	return c.pqConn.Ping(ctx)
}

// Close closes the connection; a frozen backend does not hold it up.
func (c *pgConn) Close() error {
	_ = c.socket.SetDeadline(time.Now().Add(time.Second))
	return c.pqConn.Close()
}

type pgTx struct {
	driver.Tx
	conn *pgConn
	ctx  context.Context // the transaction's; a statement may have had a shorter one

	began view // the connection's before the transaction
}

// Commit within the transaction's deadline.
func (t *pgTx) Commit() error {
	t.conn.until(t.ctx)
	err := t.Tx.Commit()
	if err != nil {
		t.undo()
	}
	return err
}

// undo forgets what the connection was told within a transaction that is taken
// back: the database has forgotten it too.
func (t *pgTx) undo() {
	if t.conn.view != t.began {
		t.conn.view.merchant = unknown
	}
}

// Rollback waits a second at most, and not at all once the request is over: the
// backend may be frozen. The connection is then dropped, which ends the
// transaction as well.
func (t *pgTx) Rollback() error {
	if t.ctx.Err() != nil {
		return driver.ErrBadConn
	}
	brief, cancel := context.WithTimeout(t.ctx, time.Second)
	defer cancel()
	t.conn.until(brief)
	t.undo()
	err := t.Tx.Rollback()
	t.conn.last = t.ctx
	return err
}
