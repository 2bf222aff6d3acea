package bus

import (
	"context"
	"errors"
	"runtime"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tributary/tributary/internal/problem"
)

// publishPatience times Config.Deadline bounds the wait for one answer of the
// stream. It is longer than a caller waits, so that a slow sync does not pile up
// behind itself: the next message goes out when the disk is done with this one.
const publishPatience = 4

// Answers of the stream that mean "no room", and not "out of order".
var noRoom = map[jetstream.ErrorCode]bool{
	10002: true, // account limit of a shared cluster
	10047: true, // server limit of a cluster
	10077: true, // MaxBytes reached
}

// Append makes a record durable: it returns nil after the record and its sync
// are on disk. Records that wait together share one message; their order is
// that of the calls. The record may be reused as soon as Append returns.
//
// It fails within Config.Deadline (or when ctx ends) with an error that wraps
// ErrRefused; such a record may still arrive. A record longer than MaxRecord is
// a problem with code TooLarge.
func (b *Bus) Append(ctx context.Context, record []byte) error {
	if len(record) > MaxRecord {
		return problem.New(problem.TooLarge, "a click record is longer than %d bytes", MaxRecord)
	}
	g, why := b.join(record)
	if why != accepted {
		return b.refuse(why)
	}
	select {
	case <-g.done:
	case <-ctx.Done():
		return b.refuse(Late)
	}
	if g.fate != accepted {
		return b.refuse(g.fate)
	}
	b.counts.appended.Add(1)
	return nil
}

// join refuses at once what cannot succeed. While publishing fails, only one
// group may wait: it is the probe that finds out when publishing works again,
// and everyone beyond it need not wait for nothing.
func (b *Bus) join(record []byte) (*group, Reason) {
	switch {
	case b.down.Load():
		return nil, Stopped
	case b.low.Load():
		return nil, Disk
	case b.health.bad.Load():
		return b.queue.join(record, 1)
	}
	return b.queue.join(record, maxWaiting)
}

func (b *Bus) refuse(why Reason) error {
	b.counts.refused[why].Add(1)
	return refusals[why]
}

// publishLoop is the only goroutine that publishes and that restarts the
// embedded server: no publish ever runs into a half-stopped one.
func (b *Bus) publishLoop() {
	for {
		select {
		case <-b.queue.ready:
			b.publishWaiting()
		case <-b.recycleDue:
			b.recycle()
		case <-b.soft.Done():
			b.publishWaiting()
			return
		}
	}
}

func (b *Bus) publishWaiting() {
	for {
		// Those just released run first and join again: groups fill up by themselves.
		runtime.Gosched()
		g := b.queue.take()
		if g == nil {
			return
		}
		g.settle(b.publish(sealFrame(g.frame)))
		b.queue.recycle(g)
	}
}

// publish writes one message and waits for its sync.
func (b *Bus) publish(frame []byte) Reason {
	ctx, cancel := context.WithTimeout(b.life, publishPatience*b.cfg.Deadline)
	defer cancel()
	_, err := b.js.Publish(ctx, b.cfg.subject(), frame, jetstream.WithRetryAttempts(0))
	full := isFull(err)
	b.full.Store(full)
	if err != nil && !full {
		if b.health.fail(b.cfg.Clock(), err) {
			b.cfg.Log.Warn("click stream fails", "error", err)
		}
		return Late
	}
	if b.health.ok() {
		b.cfg.Log.Info("click stream works again")
	}
	if full {
		return Full
	}
	b.counts.groups.Add(1)
	return accepted
}

func isFull(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && noRoom[api.ErrorCode]
}
