package store

import (
	"database/sql"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// readers is how many connections may read an SQLite file at once.
const readers = 8

// walPages is how long the log of changes grows, in pages of 4 KiB, before it is
// copied into the file. An order changes some sixty pages, most of them those that
// the last one changed: the default of a thousand would copy them every sixteen
// orders, and hold up the seventeenth.
const walPages = 8000

// openSQLite opens one writer and a pool of readers on a file.
//
// One writer connection with immediate transactions: two writers would meet as
// "database is locked" in the middle of a command; here the second one waits
// its turn before it has read anything. busy_timeout comes first, so that the
// other pragmas wait for a checkpoint of another process instead of failing; it is
// long, because a command beside a busy server asks for the file now and then while
// the server's own writers stand in line.
func openSQLite(path string, watch Watch) (write, read *sql.DB, err error) {
	write, err = liteDB(sqliteDSN(path, "immediate", "foreign_keys(1)"), watch)
	if err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	write.SetConnMaxLifetime(0)
	if err := write.Ping(); err != nil { // makes the file and its WAL before a reader looks
		return nil, nil, errors.Join(err, write.Close())
	}
	read, err = liteDB(sqliteDSN(path, "deferred", "query_only(1)"), watch)
	if err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return write, read, nil
}

func liteDB(dsn string, watch Watch) (*sql.DB, error) {
	base, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(liteConnector{base, watch}), nil
}

func sqliteDSN(path, lock string, extra ...string) string {
	pragmas := append([]string{
		"busy_timeout(15000)", "journal_mode(WAL)", "synchronous(FULL)", "recursive_triggers(1)",
		"cache_size(-16000)", "temp_store(MEMORY)", "wal_autocheckpoint(" + strconv.Itoa(walPages) + ")",
	}, extra...)
	q := url.Values{"_pragma": pragmas, "_txlock": {lock}, "_time_format": {"sqlite"}, "_timezone": {"UTC"}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// rebind turns $1 into ?, or into ?1 where the numbers do not simply rise:
// SQLite reads $1 as a name, and the driver looks every name up among all
// arguments.
func (s *Store) rebind(query string) string {
	if s.Postgres() {
		return query
	}
	if spelled, rising := respell(query, false); rising {
		return spelled
	}
	spelled, _ := respell(query, true)
	return spelled
}

// respell writes ? for each $n, with its number if asked, and reports whether
// the numbers were 1, 2, 3, … in this order.
func respell(query string, numbered bool) (string, bool) {
	var b strings.Builder
	b.Grow(len(query))
	count, rising := 0, true
	for i := 0; i < len(query); i++ {
		end := i + 1
		for end < len(query) && query[end] >= '0' && query[end] <= '9' {
			end++
		}
		if query[i] != '$' || end == i+1 {
			b.WriteByte(query[i])
			continue
		}
		count++
		rising = rising && query[i+1:end] == strconv.Itoa(count)
		b.WriteByte('?')
		if numbered {
			b.WriteString(query[i+1 : end])
		}
		i = end - 1
	}
	return b.String(), rising
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

// sqliteLoses reports whether SQLite may have taken back the whole transaction.
func sqliteLoses(err error) bool {
	code, ok := sqliteCode(err)
	switch code & 0xff {
	case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_SCHEMA:
		return false
	}
	return ok
}
