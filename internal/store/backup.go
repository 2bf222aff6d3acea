package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"

	"github.com/tributary/tributary/internal/problem"
)

// backupPages is how many pages of 4 KiB are copied between two looks at the context.
const backupPages = 1024

// Backup copies the SQLite database to a new file while commands go on. The
// copy is the database at one instant, the one at which the copying began;
// until it ends the write-ahead log is not cut, and grows. The file appears
// under its name only when it is complete. progress, which may be nil, gets the
// pages copied and their number in all. Errors: State on PostgreSQL, which has
// tools of its own; Taken when the file is there.
func (s *Store) Backup(ctx context.Context, toPath string, progress func(done, total int)) error {
	if s.Postgres() {
		return problem.New(problem.State, "a PostgreSQL database is backed up with pg_dump or a base backup")
	}
	if _, err := os.Stat(toPath); !errors.Is(err, fs.ErrNotExist) {
		return problem.New(problem.Taken, "the file exists: a backup overwrites nothing").Because(err)
	}
	partial := toPath + ".partial"
	if err := emptyFile(partial); err != nil {
		return err
	}
	if err := s.copyPages(ctx, partial, progress); err != nil {
		return errors.Join(present(overdue(ctx, err)), os.Remove(partial))
	}
	if err := os.Rename(partial, toPath); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(toPath))
}

// emptyFile makes the copy readable for its owner only before anything is in it.
// What an earlier attempt left is overwritten.
func emptyFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// copyPages copies from a connection of its own that holds one read
// transaction: without it each write elsewhere would start the copy anew.
func (s *Store) copyPages(ctx context.Context, to string, progress func(done, total int)) (err error) {
	db, err := sql.Open("sqlite", sqliteDSN(s.path, "deferred", "query_only(1)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := fixInstant(ctx, conn); err != nil {
		return err
	}
	return conn.Raw(func(raw any) error {
		source, ok := raw.(interface {
			NewBackup(string) (*sqlite.Backup, error)
		})
		if !ok {
			return fmt.Errorf("the SQLite driver cannot copy a database")
		}
		b, err := source.NewBackup("file:" + (&url.URL{Path: to}).EscapedPath())
		if err != nil {
			return err
		}
		return errors.Join(step(ctx, b, progress), b.Finish())
	})
}

// fixInstant begins a read transaction: its first read decides what it sees.
func fixInstant(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	var tables int
	return conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables)
}

func step(ctx context.Context, b *sqlite.Backup, progress func(done, total int)) error {
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if more, err = b.Step(backupPages); err != nil {
			return err
		}
		if progress != nil {
			progress(b.PageCount()-b.Remaining(), b.PageCount())
		}
	}
	return nil
}

// syncFolder makes the file's new name survive a loss of power.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
