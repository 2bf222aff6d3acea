package store

import (
	"errors"

	"github.com/lib/pq"
	sqlite3 "modernc.org/sqlite/lib"
)

// Unstorable reports whether the database refused the values themselves, so
// that the same row would be refused for ever: a broken constraint, text it
// cannot hold. A full disk, a lost connection or a lock is something else.
func Unstorable(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		class := e.Code.Class()
		return class == "22" || class == "23"
	}
	code, ok := sqliteCode(err)
	if !ok {
		return false
	}
	switch code & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH:
		return true
	}
	return false
}
