package store

import (
	"context"
	"database/sql/driver"
	"time"
)

// liteConnector opens SQLite connections that keep their statements prepared:
// parsing was a fifth of a command's time.
type liteConnector struct {
	driver.Connector
	watch Watch
}

// Connect opens one connection.
func (c liteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &liteConn{liteBase: conn.(liteBase), statements: newStatementCache(cachedStatements), watch: c.watch}, nil
}

// liteBase is what the driver's connection can do.
type liteBase interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type liteConn struct {
	liteBase
	statements *statementCache
	watch      Watch
	shared     bool  // several commands write in the open transaction
	lost       error // after which SQLite has taken back the whole transaction
}

// bounded is the context of a statement. An interrupted write takes back the whole
// transaction, so one member's context does not interrupt where others have written:
// its statement ends, and the next one is refused.
func (c *liteConn) bounded(ctx context.Context) (context.Context, error) {
	if c.shared {
		return context.WithoutCancel(ctx), ctx.Err()
	}
	return ctx, ctx.Err()
}

// heed remembers an error that ends a transaction. An error of the statement alone,
// such as a broken constraint, does not.
func (c *liteConn) heed(err error) error {
	if err != nil && c.lost == nil && sqliteLoses(err) {
		c.lost = err
	}
	return err
}

// QueryContext with the prepared statement. A statement whose rows are still
// being read is prepared afresh.
func (c *liteConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	defer c.watch.done(query, time.Now())
	settle(args)
	ctx, err := c.bounded(ctx)
	if err != nil {
		return nil, err
	}
	st, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if st == nil {
		rows, err := c.liteBase.QueryContext(ctx, query, args)
		return rows, c.heed(err)
	}
	rows, err := st.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, c.heed(err)
	}
	st.busy = true
	return &liteRows{rowsBase: rows.(rowsBase), st: st}, nil
}

// ExecContext with the prepared statement.
func (c *liteConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	defer c.watch.done(query, time.Now())
	settle(args)
	ctx, err := c.bounded(ctx)
	if err != nil {
		return nil, err
	}
	st, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if st == nil {
		done, err := c.liteBase.ExecContext(ctx, query, args)
		return done, c.heed(err)
	}
	done, err := st.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	return done, c.heed(err)
}

// prepared finds or prepares the statement; none for one that is busy or too long.
func (c *liteConn) prepared(ctx context.Context, query string) (*statement, error) {
	if len(query) > cachedLength {
		return nil, nil
	}
	if st, ok := c.statements.get(query); ok {
		if st.busy {
			return nil, nil
		}
		return st, nil
	}
	st, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return c.statements.put(query, st), nil
}

// Close closes the statements, without which the file would stay open.
func (c *liteConn) Close() error {
	c.statements.close()
	return c.liteBase.Close()
}

// rowsBase is what both the driver's rows and those who read their types need.
type rowsBase interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeScanType
}

type liteRows struct {
	rowsBase
	st *statement
}

// Close ends the reading; the statement may be run again.
func (r *liteRows) Close() error {
	err := r.rowsBase.Close()
	r.st.release()
	return err
}
