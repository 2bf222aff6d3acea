package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/lib/pq"
)

// ceiling bounds every exchange with PostgreSQL that has no deadline of its own.
const ceiling = 30 * time.Second

// grace is how long after its deadline a request may still wait for the server
// to say that it gave up.
const grace = 50 * time.Millisecond

// openPostgres opens a pool whose connections end with their request's deadline.
//
// lib/pq sends a cancel request when a context ends and then goes on waiting
// for the backend; a frozen backend never answers, and the request would hang
// for ever. Every exchange therefore sets the socket's own deadline.
//
// A pool for viewers meets the rows of the merchant in each statement's context,
// one for the house every row: see view.
func openPostgres(dsn string, conns int, watch Watch, viewers bool) (*sql.DB, error) {
	dsn, err := withSettings(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(pgConnector{dsn: dsn, watch: watch, viewers: viewers})
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}

// withSettings makes explicit what a default would decide differently elsewhere.
func withSettings(dsn string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", fmt.Errorf("database URL is not a URL")
	}
	q := u.Query()
	for name, value := range map[string]string{
		"sslmode": "disable", "statement_timeout": "30000", "lock_timeout": "15000",
		"idle_in_transaction_session_timeout": "120000", "timezone": "UTC", "connect_timeout": "10",
		"application_name": "tributary",
		"jit":              "off", // compiling a plan costs a second where running it costs a tenth
	} {
		if q.Get(name) == "" {
			q.Set(name, value)
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

type pgConnector struct {
	dsn     string
	watch   Watch
	viewers bool
}

// Driver of the connector.
func (c pgConnector) Driver() driver.Driver { return &pq.Driver{} }

// Connect opens one connection and keeps hold of its socket.
func (c pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	base, err := pq.NewConnector(c.dsn)
	if err != nil {
		return nil, err
	}
	d := &socketKeeper{}
	base.Dialer(d)
	stop := context.AfterFunc(ctx, d.hangUp)
	conn, err := base.Connect(ctx)
	if !stop() { // the request ended, and the socket with it
		err = errors.Join(ctx.Err(), err)
	}
	if err != nil {
		return nil, err
	}
	entered := &pgConn{pqConn: conn.(pqConn), socket: d.greeted(), statements: newStatementCache(cachedStatements), watch: c.watch, view: view{own: c.viewers}}
	if err := entered.enter(ctx); err != nil {
		return nil, errors.Join(err, entered.Close())
	}
	return entered, nil
}

// socketKeeper dials and remembers the connection's own socket. What is dialled
// once the server has greeted it are cancel requests: they too end soon, or a
// request would wait for a frozen server to read them.
type socketKeeper struct {
	mu   sync.Mutex
	own  net.Conn
	done bool
}

// greeted ends the time in which sockets are the connection's own.
func (d *socketKeeper) greeted() net.Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = true
	return d.own
}

// hangUp ends a greeting that the server does not answer.
func (d *socketKeeper) hangUp() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.own != nil {
		_ = d.own.Close()
	}
}

// keep takes a socket unless the connection has its own already.
func (d *socketKeeper) keep(conn net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.done {
		d.own = conn
	}
	return !d.done
}

// Dial a server.
func (d *socketKeeper) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout dials with a bound.
func (d *socketKeeper) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext dials until the context ends.
func (d *socketKeeper) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{KeepAlive: 30 * time.Second}
	if d.busy() {
		dialer.Timeout = grace
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if !d.keep(conn) {
		return cancelConn{conn}, conn.SetDeadline(time.Now().Add(grace))
	}
	if ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), conn.Close())
	}
	return conn, nil
}

// busy reports whether the connection has its socket: a dial is a cancel request.
func (d *socketKeeper) busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.done
}

// cancelConn keeps the short deadline of a cancel request, which lib/pq would
// put off to the time a connection may take.
type cancelConn struct{ net.Conn }

// SetDeadline is refused silently.
func (cancelConn) SetDeadline(time.Time) error { return nil }

// pqConn is what lib/pq's connection can do.
type pqConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}
