package store

import (
	"container/list"
	"database/sql/driver"
	"time"
)

// cachedStatements is how many prepared statements a connection keeps, and
// cachedLength the longest text among them: a long one is a batch whose length
// will not come again.
const (
	cachedStatements = 256
	cachedLength     = 8 << 10
)

// statementCache keeps prepared the statements that a connection used last. A
// connection serves one goroutine at a time, so there is no lock.
type statementCache struct {
	max   int
	order *list.List // of *statement, the last used first
	known map[string]*list.Element
}

// statement is a prepared statement. While rows of it are being read it is
// busy: running it again would take the rows from under their reader.
type statement struct {
	driver.Stmt
	query string
	busy  bool
	gone  bool // evicted while busy: closed when its rows are
}

func newStatementCache(limit int) *statementCache {
	return &statementCache{max: limit, order: list.New(), known: make(map[string]*list.Element, limit)}
}

func (c *statementCache) get(query string) (*statement, bool) {
	e, ok := c.known[query]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*statement), true
}

func (c *statementCache) put(query string, st driver.Stmt) *statement {
	kept := &statement{Stmt: st, query: query}
	c.known[query] = c.order.PushFront(kept)
	if c.order.Len() > c.max {
		last := c.order.Remove(c.order.Back()).(*statement)
		delete(c.known, last.query)
		last.evict()
	}
	return kept
}

func (s *statement) evict() {
	s.gone = true
	if !s.busy {
		_ = s.Close()
	}
}

// release ends the reading of the statement's rows.
func (s *statement) release() {
	s.busy = false
	if s.gone {
		_ = s.Close()
	}
}

func (c *statementCache) close() {
	for e := c.order.Front(); e != nil; e = e.Next() {
		_ = e.Value.(*statement).Close()
	}
	c.order.Init()
	clear(c.known)
}

// Watch sees each statement after it ran, with the time that it took: of a
// query, until its first row. It runs on the caller's goroutine.
type Watch func(query string, took time.Duration)

func (w Watch) done(query string, began time.Time) {
	if w != nil {
		w(query, time.Since(began))
	}
}

// settle gives instants their one form, UTC to the microsecond: what one
// database would keep and the other round must not depend on which it is.
func settle(args []driver.NamedValue) {
	for i, a := range args {
		if t, ok := a.Value.(time.Time); ok {
			args[i].Value = t.UTC().Truncate(time.Microsecond)
		}
	}
}
