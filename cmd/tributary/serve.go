package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/tributary/tributary/server"
)

// serveCmd runs the server until it is told to stop.
type serveCmd struct {
	server.Config `embed:""`
}

// Run serves. The address goes to standard output, the log to standard error.
func (c *serveCmd) Run(a *app) error {
	ctx, stop := untilSignal(a.ctx, a.stderr)
	defer stop()
	c.Version = version()
	c.Config = c.WithDefaults()
	slog.SetDefault(c.Log) // libraries that write to the standard log speak JSON as well
	p, err := server.New(ctx, c.Config)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "tributary serves "+p.URL())
	return p.Run(ctx)
}

// untilSignal gives a context that ends with the first SIGINT or SIGTERM; the
// second ends the process at once.
func untilSignal(parent context.Context, stderr io.Writer) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
		<-signals
		fmt.Fprintln(stderr, "tributary: stopped at once by a second signal")
		os.Exit(1)
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}
