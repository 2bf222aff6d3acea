package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tributary/tributary/server"
)

// migrateCmd brings the database to this build's schema.
type migrateCmd struct {
	server.Place `embed:""`
}

// Run migrates alone on SQLite: a server of an older build would go on writing
// what the new schema does not know. On PostgreSQL, where migrations only
// expand, servers go on.
func (c *migrateCmd) Run(a *app) (err error) {
	if !c.Postgres() {
		unlock, err := c.Lock()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, unlock()) }()
	}
	s, err := c.Open(a.ctx, quiet(), time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	err = a.during("migrating", func() error { return server.Migrate(a.ctx, s) })
	if err == nil {
		fmt.Fprintln(a.stdout, "the database has this build's schema")
	}
	return err
}

// quiet is the log of commands that tell what they do by themselves.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// during tells every second that a piece of work goes on, from the first second on.
func (a *app) during(what string, work func() error) error {
	ctx, cancel := context.WithCancel(a.ctx)
	told := make(chan struct{})
	go func() {
		defer close(told)
		began, tick := time.Now(), time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				fmt.Fprintf(a.stderr, "%s … %s\n", what, time.Since(began).Round(time.Second))
			}
		}
	}()
	err := work()
	cancel()
	<-told // its last line is out before whatever comes next
	return err
}
