package main

import (
	"errors"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/server"
)

// existing runs do on a database that is there and up to date, and closes it. It
// works beside running servers.
func (a *app) existing(p *server.Place, do func(*store.Store) error) (err error) {
	s, err := p.OpenExisting(a.ctx, quiet())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := server.Migrated(a.ctx, s); err != nil {
		return err
	}
	return do(s)
}
