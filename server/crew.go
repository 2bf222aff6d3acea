package server

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// loop is work that goes on for as long as the server runs: it returns when its
// context ends.
type loop struct {
	name string
	run  func(context.Context) error
}

// restartPause keeps a loop that fails at once from spinning.
const restartPause = time.Second

// crew runs loops. One that fails or panics is reported and started again: a
// server that tells no live numbers still takes orders.
type crew struct {
	log     *slog.Logger
	members []member
}

type member struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
}

// start runs the loops, each on its own goroutine and under its own context, so
// that they can be stopped one after another, in the order given here.
func (c *crew) start(loops []loop) {
	for _, l := range loops {
		ctx, cancel := context.WithCancel(context.Background())
		m := member{name: l.name, cancel: cancel, done: make(chan struct{})}
		c.members = append(c.members, m)
		go func() {
			defer close(m.done)
			c.keepRunning(ctx, l)
		}()
	}
}

func (c *crew) keepRunning(ctx context.Context, l loop) {
	for {
		err := guarded(ctx, l)
		if ctx.Err() != nil {
			if err != nil {
				c.log.Warn("loop ended badly", "loop", l.name, "error", err)
			}
			return
		}
		c.log.Error("loop ended; it is started again", "loop", l.name, "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(restartPause):
		}
	}
}

// guarded turns a panic into an error with its stack.
func guarded(ctx context.Context, l loop) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return l.run(ctx)
}

// stop ends the loop and waits for it, until ctx ends.
func (m member) stop(ctx context.Context) error {
	m.cancel()
	select {
	case <-m.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
