package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/tributary/tributary/internal/sim"
	"github.com/tributary/tributary/server"
)

// demoCmd runs a server on fresh data with a merchant whose market keeps going.
type demoCmd struct {
	Addr    string        `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on; a free port when it is taken."`
	DataDir string        `placeholder:"DIR" help:"Folder for the demo's data; a fresh temporary one when empty, removed at the end."`
	Seed    uint64        `default:"1" help:"What the market does; equal seeds do the same."`
	Pause   time.Duration `default:"300ms" help:"Between visitors."`
	For     time.Duration `help:"Stop by itself after this long; runs until interrupted when zero."`
}

// Run serves, sets the merchant up through the API, and keeps the market going.
func (c *demoCmd) Run(a *app) error {
	ctx, stop := untilSignal(a.ctx, a.stderr)
	defer stop()
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	dir, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer remove()
	p, err := c.open(ctx, dir)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- p.Run(ctx) }()
	failed := c.market(ctx, a, p.URL())
	if failed != nil {
		stop()
	}
	return errors.Join(failed, <-served)
}

func (c *demoCmd) folder() (dir string, remove func(), err error) {
	if c.DataDir != "" {
		if _, err := os.Stat(filepath.Join(c.DataDir, "tributary.db")); err == nil {
			return "", nil, fmt.Errorf("%s has data already: go on with it by `tributary serve --data-dir %s`, or name an empty folder", c.DataDir, c.DataDir)
		}
		return c.DataDir, func() {}, nil
	}
	dir, err = os.MkdirTemp("", "tributary-demo")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// open opens the server, on a free port when the usual one is taken. Its log
// goes to a file, so that the terminal shows the market.
func (c *demoCmd) open(ctx context.Context, dir string) (*server.Program, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(dir, "demo.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	config := server.Config{
		Place: server.Place{DataDir: dir}, Addr: c.Addr, Introspection: true, Explorer: true, OpenSignUp: "yes", Version: version(),
		TrustedProxies: []string{"127.0.0.1/32"}, Log: slog.New(slog.NewJSONHandler(log, nil)),
	}
	p, err := server.New(ctx, config)
	if err != nil && errors.Is(err, syscall.EADDRINUSE) {
		config.Addr = "127.0.0.1:0"
		p, err = server.New(ctx, config)
	}
	return p, err
}

func (c *demoCmd) market(ctx context.Context, a *app, base string) error {
	secret := make([]byte, 8)
	_, _ = rand.Read(secret)
	w, err := sim.Build(ctx, base, sim.Plan{
		Merchant: "Northwind Outdoor", Email: "owner@northwind.example", Password: "demo-" + hex.EncodeToString(secret),
		Currency: "USD", Percent: "12.5", HoldDays: 30, Affiliates: []string{"Ada Trails", "Ben Climbs", "Cleo Camps", "Dev Deals"},
		Levels: []string{"3", "1"}, // Dev was recruited by Cleo, she by Ben, he by Ada
	})
	if err != nil {
		return fmt.Errorf("setting the demo up: %w", err)
	}
	c.welcome(a, base, w)
	m := sim.Market{World: w, Seed: c.Seed, Pause: c.Pause, Clock: time.Now, Say: func(format string, v ...any) {
		fmt.Fprintf(a.stdout, time.Now().Format("15:04:05 ")+format+"\n", v...)
	}}
	return m.Run(ctx)
}

func (c *demoCmd) welcome(a *app, base string, w *sim.World) {
	fmt.Fprintf(a.stdout, `
Tributary demo: a merchant, %d affiliates and a market that keeps clicking and buying.

  console     %s/
  explorer    %s/explorer
  owner       %s   password %s
  affiliate   %s   password %s
  API token   %s
  sign-up key %s

Three things to try
  1. Watch everything that happens, live:
     curl -N %s/graphql -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' -H 'Accept: text/event-stream' -d '{"query":"subscription { events { type at facts } }"}'
  2. Ask a commission how it came about:
     curl -s %s/graphql -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' -d '{"query":"{ commissions(last: 1) { edges { node { amount { amount currency } explanation { steps { text } } conversion { attribution { rule touches { kind won excluded } } } } } } }"}'
  3. Open an affiliate's link and look where it leads:
     curl -si %s%s | grep -i '^location'

Stop with Ctrl-C.

`, len(w.Affiliates), base, base, w.Email, w.Password, w.Affiliates[0].Email, w.Affiliates[0].Password, w.APIToken, w.Publish,
		base, w.APIToken, base, w.APIToken, base, w.Affiliates[0].LinkPath)
}
