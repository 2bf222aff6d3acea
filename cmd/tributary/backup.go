package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/tributary/tributary/internal/bus"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/server"
)

// backupCmd copies the data while the server runs.
//
// The order makes the copy consistent although nothing is stopped. A click is in
// the stream before it is a row, and leaves the stream after its row is
// committed; so the stream is copied first and the database after it: a click
// that was acknowledged before the backup began is in one of the two copies,
// and one that is in both is stored once, because its id is its row's id. The
// keys come last: they only ever grow, so the copy opens everything that the
// database holds. The snapshot of links is a cache and may be of any moment.
type backupCmd struct {
	server.Place `embed:""`

	To string `required:"" placeholder:"DIR" help:"Folder to make; it must be empty or not there."`
}

// Run makes the backup and proves that it can be opened.
func (c *backupCmd) Run(a *app) (err error) {
	c.Place = c.WithDefaults()
	if err := emptyFolder(c.To); err != nil {
		return err
	}
	s, err := c.OpenExisting(a.ctx, quiet())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := c.copyAll(a, s); err != nil {
		return err
	}
	clicks, err := openable(a.ctx, filepath.Join(c.To, server.StreamFolder))
	if err != nil {
		return err
	}
	m, err := writeManifest(c.To, version(), time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s holds %d files, %d bytes; %d messages of clicks wait in the stream\n", c.To, len(m.Files), m.bytes(), clicks)
	if c.Postgres() {
		fmt.Fprintln(a.stderr, "the rows are on PostgreSQL: dump them now, after this copy (see docs/operations.md)")
	}
	return nil
}

func (c *backupCmd) copyAll(a *app, s *store.Store) error {
	p := a.progress()
	if err := copyStream(c.from(server.StreamFolder), c.to(server.StreamFolder), p); err != nil {
		return err
	}
	if !s.Postgres() {
		pages := func(done, total int) { p.tell("database pages", int64(done), int64(total)) }
		if err := s.Backup(a.ctx, c.to(server.DatabaseFile), pages); err != nil {
			return err
		}
	}
	if err := copyTree(c.from(server.ParkedFolder), c.to(server.ParkedFolder), p, everything); err != nil {
		return err
	}
	if err := copyFile(c.from(server.SnapshotFile), c.to(server.SnapshotFile)); !absent(err) {
		return err
	}
	if c.MasterKeys != "" {
		return nil // they are in the environment, and whoever keeps that keeps them
	}
	return copyFile(c.KeyFile, c.to(server.KeyFileName))
}

func (c *backupCmd) from(name string) string { return filepath.Join(c.DataDir, name) }
func (c *backupCmd) to(name string) string   { return filepath.Join(c.To, name) }

func absent(err error) bool { return err == nil || errors.Is(err, fs.ErrNotExist) }

// emptyFolder makes a folder for its owner only, or finds it empty.
func emptyFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	inside, err := os.ReadDir(path)
	if err == nil && len(inside) > 0 {
		err = fmt.Errorf("%s is not empty", path)
	}
	return err
}

// openable opens the copied stream as a server would, and counts its messages:
// what cannot be opened is no backup. A server that uses a cluster has no stream
// in its folder, and nothing to open.
func openable(ctx context.Context, stream string) (messages uint64, err error) {
	if _, err := os.Stat(stream); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	b, err := bus.Open(ctx, bus.Config{Dir: stream})
	if err != nil {
		return 0, fmt.Errorf("the copy of the stream cannot be opened: %w", err)
	}
	log, err := b.Pending(ctx)
	return log.Messages, errors.Join(err, b.Close(ctx))
}
