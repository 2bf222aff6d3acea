package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/lib/pq"

	"github.com/tributary/tributary/internal/problem"
)

// SQLSTATE values that mean: run the command again.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	uniqueViolation      = "23505"
	foreignKeyViolation  = "23503"
	queryCanceled        = "57014"
	notSupported         = "0A000"
	notNow               = "55000" // such as a database that takes no connections
	noCharacter          = "22021" // such as U+0000, which PostgreSQL keeps in no text
)

// Retryable reports whether the database gave up for a reason that a second
// run of the same command may not meet.
func Retryable(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == serializationFailure || e.Code == deadlockDetected
	}
	return sqliteBusy(err)
}

// IsUnique reports whether err is a broken unique key.
func IsUnique(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == uniqueViolation
	}
	return sqliteUnique(err)
}

// IsForeign reports whether err is a reference to a row that is not there, or
// is another merchant's: the composite keys do not tell these apart.
func IsForeign(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == foreignKeyViolation
	}
	return sqliteForeign(err)
}

// IsUnsupported reports whether the database refused the kind of statement, such
// as a COPY into a table with row-level security.
func IsUnsupported(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && e.Code == notSupported
}

// Infrastructure reports whether err is the database's own trouble rather than
// the command's: such an error must not be recorded as a business outcome.
func Infrastructure(err error) bool {
	if Retryable(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, driver.ErrBadConn) || hungUp(err) {
		return true
	}
	if e, ok := errors.AsType[*pq.Error](err); ok {
		class := e.Code.Class()
		return e.Code == notNow || class == "08" || class == "53" || class == "57" || class == "58"
	}
	_, isNet := errors.AsType[net.Error](err)
	return isNet
}

// Out reports whether err says that the database is out of reach for now: what
// failed may succeed later as it is. An SQLite file is never out of reach.
func (s *Store) Out(err error) bool {
	return s.Postgres() && Infrastructure(err)
}

// hungUp reports whether the other end closed a connection amid an answer. What a rule
// made of the end of a text that it read is no such thing.
func hungUp(err error) bool {
	p, ruled := problem.As(err)
	return (!ruled || p.Code == problem.Unavailable) && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF))
}

// present gives the error a caller may see: problems stay, a deadline and a
// database that is away get their own codes, all else is internal.
func present(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := problem.As(err); ok {
		return err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded) || isCode(err, queryCanceled):
		return problem.New(problem.Deadline, "the request took too long and was given up").Because(err)
	case IsForeign(err):
		return problem.New(problem.NotFound, "a row the request refers to was not found").Because(err)
	case isCode(err, noCharacter):
		return problem.New(problem.Invalid, "a text holds a character that is none, such as U+0000").Because(err)
	case Infrastructure(err):
		return problem.New(problem.Unavailable, "the database is not available").Because(err)
	}
	return err
}

func isCode(err error, code string) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && string(e.Code) == code
}
