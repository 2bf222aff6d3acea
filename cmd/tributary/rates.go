package main

import (
	"context"
	"fmt"
	"os"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/rates"
	"github.com/tributary/tributary/server"
)

// ratesCmd looks after published exchange rates, which all merchants share.
type ratesCmd struct {
	Import ratesImportCmd `cmd:"" help:"Read a file of the European Central Bank: XML, CSV, or the ZIP of its history."`
}

type ratesImportCmd struct {
	server.Place `embed:""`

	File string `arg:"" type:"existingfile" help:"The file, such as eurofxref-hist.zip."`
}

// ratesFile is a file as a source.
type ratesFile string

// File reads it.
func (f ratesFile) File(context.Context) ([]byte, error) { return os.ReadFile(string(f)) }

// Run keeps what is new and says how much that is.
func (c *ratesImportCmd) Run(a *app) error {
	return a.existing(&c.Place, func(s *store.Store) error { return c.keep(a, s) })
}

func (c *ratesImportCmd) keep(a *app, s *store.Store) error {
	out, err := rates.New(s).Import(a.ctx, ratesFile(c.File))
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%d rates added, %d were there; from %s to %s\n", out.Added, out.Known, out.First, out.Last)
	return nil
}
