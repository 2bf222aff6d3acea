package store

import (
	"context"
	"database/sql/driver"
	"strings"

	"github.com/tributary/tributary/trust"
)

// view is whose rows a connection to PostgreSQL meets. Row-level security is the
// second wall: what a predicate, an edge or a query by hand forgets, the database
// keeps apart by itself.
//
// There are two pools. A connection for viewers tells the database the merchant
// of the statement's context, and only when it is another than the last one: a
// transaction around every read would halve them. Without a viewer it names
// nobody and meets nothing. A connection of the house meets every row: for the
// doors, the sequencer, followers, the click writer, migrations and jobs. Which
// pool a statement takes is decided by the store, never by a request.
type view struct {
	own      bool   // one merchant's at a time
	merchant string // told last; unknown after a transaction was taken back
}

const (
	allRows = "*" // in app.merchant: every merchant's rows
	unknown = "?"
	tell    = `SELECT set_config('app.merchant', $1, false)`
)

// wallRole is a role without a log-in that viewers' connections take, so that
// row-level security applies to them whoever has logged in: it does not apply to
// a superuser.
const wallRole = "tributary_rows"

// takeRole takes the role where it is, may be taken and was given the tables.
const takeRole = `SELECT set_config('role', rolname, false) FROM pg_roles WHERE rolname = '` + wallRole + `'
	AND pg_has_role(session_user, oid, 'MEMBER') AND has_table_privilege(oid, to_regclass('merchants'), 'SELECT')`

// enter makes a fresh connection one of its pool.
func (c *pgConn) enter(ctx context.Context) error {
	c.until(ctx)
	if c.view.own {
		_, err := c.pqConn.ExecContext(ctx, takeRole, nil)
		return err
	}
	_, err := c.pqConn.ExecContext(ctx, `SELECT set_config('app.merchant', '*', false)`, nil)
	return err
}

// admit tells the database whose rows the next statement may meet, unless it
// knows. The statements that steer a transaction meet no rows, and must work in
// one that has failed.
func (c *pgConn) admit(ctx context.Context, query string) error {
	if !c.view.own || c.steers(query) {
		return nil
	}
	merchant := ""
	if v, known := trust.From(ctx); known && v.MerchantID != allRows {
		merchant = v.MerchantID
	}
	if merchant == c.view.merchant {
		return nil
	}
	st, err := c.prepared(ctx, tell)
	if err != nil {
		return err
	}
	c.view.merchant = unknown // until the database has said that it heard
	if _, err := st.Stmt.(driver.StmtExecContext).ExecContext(ctx, []driver.NamedValue{{Ordinal: 1, Value: merchant}}); err != nil {
		return err
	}
	c.view.merchant = merchant
	return nil
}

// steers reports a savepoint's beginning or end. Going back to one takes back
// what the database was told since.
func (c *pgConn) steers(query string) bool {
	switch verb, _, _ := strings.Cut(query, " "); verb {
	case "ROLLBACK":
		c.view.merchant = unknown
		return true
	case "SAVEPOINT", "RELEASE":
		return true
	}
	return false
}
