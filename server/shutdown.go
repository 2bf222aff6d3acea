package server

import (
	"context"
	"errors"
	"net"
	"time"
)

// shutdown ends the server in order and says what it waits for: readiness flips
// while requests are still answered, then the socket closes and requests under
// way are awaited, subscriptions are told to end, the stream, the errands and
// the other loops stop, and the engines close. What the patience does not cover
// is cut off; nothing acknowledged is lost by that, only repeated.
func (p *Program) shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.cfg.Patience)
	defer cancel()
	began := time.Now()
	p.traffic.draining.Store(true)
	p.cfg.Log.Info("stopping: not ready any more", "drain", p.cfg.Drain.String())
	pause(ctx, p.cfg.Drain)

	err := errors.Join(
		closeDoor(p.listen),
		p.waitFor(ctx, "requests", func(ctx context.Context) error { return p.traffic.await(ctx, &p.traffic.requests) }),
		p.waitFor(ctx, "subscriptions", p.endStreams),
		p.waitFor(ctx, "connections", p.conns.await),
		unlessClosed(p.http.Shutdown(ctx)),
		p.endLoops(ctx),
		p.waitFor(ctx, "stream", p.closeBus),
		p.close(ctx),
	)
	p.cfg.Log.Info("stopped", "took", time.Since(began).String(), "clean", err == nil)
	return err
}

// waitFor runs a step and tells what is waited for.
func (p *Program) waitFor(ctx context.Context, what string, step func(context.Context) error) error {
	began := time.Now()
	p.cfg.Log.Info("stopping: waiting", "for", what, "requests", p.traffic.requests.Load(), "streams", p.traffic.streams.Load())
	err := step(ctx)
	if err != nil {
		p.cfg.Log.Warn("stopping: gave up waiting", "for", what, "after", time.Since(began).String(), "error", err)
	}
	return err
}

// endStreams tells subscriptions to end and waits for them.
func (p *Program) endStreams(ctx context.Context) error {
	p.traffic.end()
	return p.traffic.await(ctx, &p.traffic.streams)
}

func (p *Program) endLoops(ctx context.Context) (err error) {
	for _, m := range p.crew.members {
		err = errors.Join(err, p.waitFor(ctx, m.name, m.stop))
	}
	return err
}

func (p *Program) closeBus(ctx context.Context) error {
	if p.bus == nil {
		return nil
	}
	return p.bus.Close(ctx)
}

// close lets go of everything that was opened, from any point New had reached.
func (p *Program) close(ctx context.Context) error {
	var errs []error
	if p.http != nil {
		errs = append(errs, unlessClosed(p.http.Close()))
	}
	errs = append(errs, p.closeBus(ctx), p.tracing.close(ctx))
	if p.store != nil {
		errs = append(errs, p.store.Close())
	}
	if p.unlock != nil {
		errs = append(errs, p.unlock())
	}
	return errors.Join(errs...)
}

// unlessClosed drops the complaint that the socket is closed: it was closed
// first, on purpose, and the HTTP server may not have noticed yet.
func unlessClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
