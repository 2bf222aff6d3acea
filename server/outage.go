package server

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// A server that starts while PostgreSQL is out of reach sends visitors on from
// the snapshot of links and keeps their clicks in the stream. Until the database
// has been reached, brought to this build's schema and found to be sealed with
// our keys, nothing else is let near it: no request of the API, and no loop.

// reachPause is between two attempts to reach the database.
const reachPause = 500 * time.Millisecond

// errUnreached is what everybody but visitors is told meanwhile.
var errUnreached = problem.New(problem.Unavailable, "the database has not been reached since the server started")

// reached remembers that the database has been prepared.
type reached struct{ yes atomic.Bool }

// check fails until the database has been prepared.
func (r *reached) check(context.Context) error {
	if !r.yes.Load() {
		return errUnreached
	}
	return nil
}

// only answers 503 until the database has been prepared.
func (r *reached) only(next http.Handler) http.Handler {
	return past(r.yet, next)
}

// past is a door with a porter, who answers those whom he lets not pass.
func past(porter func(http.ResponseWriter, *http.Request) bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if porter(w, r) {
			next.ServeHTTP(w, r)
		}
	})
}

// yet answers 503, and false, until the database has been prepared.
func (r *reached) yet(w http.ResponseWriter, req *http.Request) bool {
	err := r.check(req.Context())
	if err != nil {
		w.Header().Set("Retry-After", "5")
		refuse(w, err)
	}
	return err == nil
}

// prepare brings the database to this build's schema and makes sure that it is
// sealed with our keys, and reads the clocks of the sandboxes.
func (p *Program) prepare(ctx context.Context) error {
	if err := Migrate(ctx, p.store); err != nil {
		return err
	}
	if err := errors.Join(p.store.BindKeys(ctx), p.store.LoadClocks(ctx)); err != nil {
		return err
	}
	p.reached.yes.Store(true)
	return nil
}

// openDatabase opens and prepares the database, or leaves the rest to reach when
// it is out of reach for now.
func (p *Program) openDatabase(ctx context.Context) (err error) {
	p.store, err = p.cfg.open(ctx, store.Config{Log: p.cfg.Log, Clock: p.cfg.Clock, MayBeOut: true})
	if err != nil {
		return err
	}
	if err = p.prepare(ctx); err != nil && p.store.Out(err) {
		p.cfg.Log.Error("the database is out of reach: only links work until it returns", "error", err)
		return nil
	}
	return err
}

// reach prepares the database as soon as it answers. It fails with the first
// trouble that waiting does not mend, and when ctx ends.
func (p *Program) reach(ctx context.Context) error {
	for {
		if p.reached.yes.Load() {
			return nil
		}
		err := p.prepare(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			p.cfg.Log.Info("the database has been reached")
		case !p.store.Out(err):
			return err
		default:
			pause(ctx, reachPause)
		}
	}
}
