package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/tributary/tributary/server"
)

// restoreCmd puts a backup into an empty data folder.
type restoreCmd struct {
	server.Place `embed:""`

	From string `required:"" placeholder:"DIR" help:"Folder of the backup."`
}

// Run checks every file against the backup's manifest, copies it, and opens the
// database with the restored keys. It never overwrites: a folder with anything
// in it is refused.
func (c *restoreCmd) Run(a *app) error {
	c.Place = c.WithDefaults()
	if err := emptyFolder(c.DataDir); err != nil {
		return err
	}
	m, err := readManifest(c.From)
	if err != nil {
		return err
	}
	if c.DatabaseURL == "" && !m.has(server.DatabaseFile) {
		return fmt.Errorf("%s is the backup of a house on PostgreSQL: restore its database with pg_restore, and name it with --database-url", c.From)
	}
	p := a.progress()
	for i, f := range m.Files {
		if err := copyFile(filepath.Join(c.From, filepath.FromSlash(f.Path)), c.target(f.Path)); err != nil {
			return err
		}
		p.tell("files restored", int64(i+1), int64(len(m.Files)))
	}
	s, err := c.Open(a.ctx, quiet(), time.Now)
	if err != nil {
		return err
	}
	err = errors.Join(server.Migrated(a.ctx, s), s.Close())
	if err != nil {
		return fmt.Errorf("restored, but not ready to serve: %w", err)
	}
	fmt.Fprintf(a.stdout, "%s holds the backup of %s\n", c.DataDir, m.At.Format(time.RFC3339))
	return nil
}

// target is where a file belongs: the keys may have a place of their own.
func (c *restoreCmd) target(path string) string {
	if path == server.KeyFileName {
		return c.KeyFile
	}
	return filepath.Join(c.DataDir, filepath.FromSlash(path))
}
