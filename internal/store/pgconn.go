package store

import (
	"container/list"
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
	deadline   time.Time // of the transaction under way
	statements *statementCache
}

func (c *pgConn) until(ctx context.Context) {
	limit := time.Now().Add(ceiling)
	if d, ok := ctx.Deadline(); ok && d.Add(grace).Before(limit) {
		limit = d.Add(grace)
	}
	c.deadline = limit
	_ = c.socket.SetDeadline(limit)
}

// QueryContext with the prepared statement.
func (c *pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.until(ctx)
	if len(args) == 0 {
		return c.pqConn.QueryContext(ctx, query, args)
	}
	st, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.(driver.StmtQueryContext).QueryContext(ctx, args)
}

// ExecContext with the prepared statement.
func (c *pgConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.until(ctx)
	if len(args) == 0 {
		return c.pqConn.ExecContext(ctx, query, args)
	}
	st, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (c *pgConn) prepared(ctx context.Context, query string) (driver.Stmt, error) {
	if st, ok := c.statements.get(query); ok {
		return st, nil
	}
	st, err := c.pqConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.statements.put(query, st)
	return st, nil
}

// PrepareContext for callers that prepare by themselves, such as COPY.
func (c *pgConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.until(ctx)
	return c.pqConn.PrepareContext(ctx, query)
}

// BeginTx starts a transaction whose end is bounded like its statements.
func (c *pgConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	c.until(ctx)
	tx, err := c.pqConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &pgTx{Tx: tx, conn: c}, nil
}

// Ping within the deadline.
func (c *pgConn) Ping(ctx context.Context) error {
	c.until(ctx)
	return c.pqConn.Ping(ctx)
}

// Close closes the statements' bookkeeping and the connection.
func (c *pgConn) Close() error {
	_ = c.socket.SetDeadline(time.Now().Add(time.Second))
	return c.pqConn.Close()
}

type pgTx struct {
	driver.Tx
	conn *pgConn
}

// Rollback gets a second even when the request's time is over.
func (t *pgTx) Rollback() error {
	_ = t.conn.socket.SetDeadline(time.Now().Add(time.Second))
	return t.Tx.Rollback()
}

// statementCache keeps the last statements used, at most max of them.
type statementCache struct {
	max   int
	order *list.List
	known map[string]*list.Element
}

type cachedStatement struct {
	query string
	st    driver.Stmt
}

func newStatementCache(limit int) *statementCache {
	return &statementCache{max: limit, order: list.New(), known: make(map[string]*list.Element, limit)}
}

func (c *statementCache) get(query string) (driver.Stmt, bool) {
	e, ok := c.known[query]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(cachedStatement).st, true
}

func (c *statementCache) put(query string, st driver.Stmt) {
	c.known[query] = c.order.PushFront(cachedStatement{query, st})
	if c.order.Len() <= c.max {
		return
	}
	last := c.order.Remove(c.order.Back()).(cachedStatement)
	delete(c.known, last.query)
	_ = last.st.Close()
}
