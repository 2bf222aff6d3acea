package store

import (
	"database/sql"
	"errors"
	"net/url"
	"regexp"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// readers is how many connections may read an SQLite file at once.
const readers = 8

// openSQLite opens one writer and a pool of readers on a file.
//
// One writer connection with immediate transactions: two writers would meet as
// "database is locked" in the middle of a command; here the second one waits
// its turn before it has read anything. busy_timeout comes first, so that the
// other pragmas wait for a checkpoint of another process instead of failing.
func openSQLite(path string) (write, read *sql.DB, err error) {
	write, err = sql.Open("sqlite", sqliteDSN(path, "immediate", "foreign_keys(1)"))
	if err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	write.SetConnMaxLifetime(0)
	if err := write.Ping(); err != nil { // makes the file and its WAL before a reader looks
		return nil, nil, errors.Join(err, write.Close())
	}
	read, err = sql.Open("sqlite", sqliteDSN(path, "deferred", "query_only(1)"))
	if err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return write, read, nil
}

func sqliteDSN(path, lock string, extra ...string) string {
	pragmas := append([]string{
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "recursive_triggers(1)",
		"cache_size(-16000)", "temp_store(MEMORY)",
	}, extra...)
	q := url.Values{"_pragma": pragmas, "_txlock": {lock}, "_time_format": {"sqlite"}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

var placeholder = regexp.MustCompile(`\$(\d+)`)

// rebound keeps the SQLite spelling of each query that was written with $1.
var rebound sync.Map

// rebind turns $1 into ?1: SQLite reads $1 as a name.
func (s *Store) rebind(query string) string {
	if s.Postgres() {
		return query
	}
	if known, ok := rebound.Load(query); ok {
		return known.(string)
	}
	spelled := placeholder.ReplaceAllString(query, "?$1")
	rebound.Store(query, spelled)
	return spelled
}

func sqliteCode(err error) (code int, ok bool) {
	if e, is := errors.AsType[*sqlite.Error](err); is {
		return e.Code(), true
	}
	return 0, false
}

func sqliteBusy(err error) bool {
	code, ok := sqliteCode(err)
	return ok && (code&0xff == sqlite3.SQLITE_BUSY || code&0xff == sqlite3.SQLITE_LOCKED)
}

func sqliteUnique(err error) bool {
	code, ok := sqliteCode(err)
	return ok && (code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

func sqliteForeign(err error) bool {
	code, ok := sqliteCode(err)
	return ok && code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}
