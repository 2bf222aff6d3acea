package bus

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	pollWait = time.Second // one idle request; short, so that a restart is noticed soon
	ackWait  = 2 * time.Second
	maxPause = 32 // times RetryDelay
)

// Message is one stored group of records.
type Message struct {
	Seq       uint64    // place in the stream; grows, with gaps
	Delivered int       // how often it has been handed out, from 1; at least, after a crash
	At        time.Time // when the stream stored it
	Records   [][]byte  // in the order of their Appends; valid until the handler returns
	Raw       []byte    // the stored bytes
	Fault     error     // set when Raw cannot be read; Records is then empty, and Raw should be parked
}

// Handler stores the records of a batch. It must be idempotent by record: a
// batch comes again, whole or in other company, unless it returns nil.
type Handler func(ctx context.Context, batch []Message) error

// Consume hands stored messages to handle, one batch of up to Config.BatchSize
// messages at a time, and acknowledges them after it has returned nil. A batch
// that fails or panics is given back and comes again after a pause that grows
// with each failure in a row; it is never dropped. A long handler is safe: its
// messages are kept alive while it runs.
//
// Consume returns nil when ctx ends or the bus closes, ErrClosed when it had
// been closed before. Any number of Consumes, here and on other servers, share
// the stream: no message is with two of them while both are alive.
func (b *Bus) Consume(ctx context.Context, handle Handler) error {
	if !b.enter() {
		return ErrClosed
	}
	defer b.work.Done()
	fetching, stopFetching := either(ctx, b.soft)
	defer stopFetching()
	handling, stopHandling := either(ctx, b.life)
	defer stopHandling()

	c := &consumer{bus: b, handle: handle}
	for fetching.Err() == nil {
		batch, err := c.pull(fetching)
		if len(batch) > 0 {
			err = c.deliver(handling, batch)
		}
		c.pause(fetching, err)
	}
	return nil
}

// either gives a context that ends with a or with b.
func either(a, b context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(a)
	release := context.AfterFunc(b, cancel)
	return ctx, func() { release(); cancel() }
}

// consumer is the state of one Consume.
type consumer struct {
	bus      *Bus
	handle   Handler
	source   jetstream.Consumer // nil until found, and after it failed
	failures int                // in a row
}

// pull takes what is there, or waits for the first message to come.
func (c *consumer) pull(ctx context.Context) ([]jetstream.Msg, error) {
	if err := c.ensure(ctx); err != nil {
		return nil, err
	}
	batch, err := collect(c.source.FetchNoWait(c.bus.cfg.BatchSize))
	if len(batch) == 0 && err == nil {
		wait, cancel := context.WithTimeout(ctx, pollWait)
		defer cancel()
		batch, err = collect(c.source.Fetch(1, jetstream.FetchContext(wait)))
	}
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return batch, nil
	}
	if err != nil {
		c.source = nil
	}
	return batch, err
}

// ensure finds the shared work queue, or makes it.
func (c *consumer) ensure(ctx context.Context) (err error) {
	if c.source != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	c.source, err = c.bus.js.CreateOrUpdateConsumer(ctx, c.bus.cfg.stream(), jetstream.ConsumerConfig{
		Durable: "writer", AckPolicy: jetstream.AckExplicitPolicy, AckWait: c.bus.cfg.AckWait,
		MaxDeliver: -1, MaxAckPending: 4096,
	})
	return err
}

func collect(fetched jetstream.MessageBatch, err error) ([]jetstream.Msg, error) {
	if err != nil {
		return nil, err
	}
	var batch []jetstream.Msg
	for msg := range fetched.Messages() {
		batch = append(batch, msg)
	}
	return batch, fetched.Error()
}

// deliver runs the handler and answers for its messages.
func (c *consumer) deliver(ctx context.Context, batch []jetstream.Msg) error {
	messages, records := readMessages(batch)
	release := c.keepAlive(batch)
	err := c.guarded(ctx, messages)
	release()
	if err != nil {
		c.giveBack(ctx, batch)
		return err
	}
	c.bus.counts.delivered.Add(uint64(records))
	return acknowledge(batch)
}

func readMessages(batch []jetstream.Msg) (messages []Message, records int) {
	messages = make([]Message, len(batch))
	for i, msg := range batch {
		m := Message{Raw: msg.Data()}
		if meta, err := msg.Metadata(); err == nil {
			m.Seq, m.Delivered, m.At = meta.Sequence.Stream, int(meta.NumDelivered), meta.Timestamp
		}
		m.Records, m.Fault = openFrame(m.Raw)
		records += len(m.Records)
		messages[i] = m
	}
	return messages, records
}

// guarded turns a panic into a failure: one bad record must not end the server
// again after every restart.
func (c *consumer) guarded(ctx context.Context, messages []Message) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.bus.cfg.Log.Error("click handler panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errors.New("bus: handler panicked")
		}
	}()
	return c.handle(ctx, messages)
}

// keepAlive renews the messages in hand until release, which waits for the last
// renewal: one that overtook the answer would revoke it.
func (c *consumer) keepAlive(batch []jetstream.Msg) (release func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(c.bus.cfg.AckWait / 3)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				for _, msg := range batch {
					_ = msg.InProgress() // a lost renewal costs a second delivery
				}
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

// giveBack returns a failed batch: after the pause, or at once to another server
// when this one is stopping.
func (c *consumer) giveBack(ctx context.Context, batch []jetstream.Msg) {
	delay := c.delay(c.failures + 1)
	if ctx.Err() != nil {
		delay = 0
	}
	for _, msg := range batch {
		if err := msg.NakWithDelay(delay); err != nil {
			return // they come again after AckWait
		}
	}
}

// acknowledge removes the batch from the stream. Answers are handled in order,
// so the confirmed last one stands for all. A lost one costs a second delivery.
func acknowledge(batch []jetstream.Msg) error {
	last := len(batch) - 1
	for _, msg := range batch[:last] {
		if err := msg.Ack(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), ackWait)
	defer cancel()
	return batch[last].DoubleAck(ctx)
}

func (c *consumer) delay(failures int) time.Duration {
	return c.bus.cfg.RetryDelay * time.Duration(min(1<<min(failures-1, 10), maxPause))
}

// pause slows down while the database or the stream fails.
func (c *consumer) pause(ctx context.Context, err error) {
	if err == nil {
		c.failures = 0
		return
	}
	c.failures++
	c.bus.cfg.Log.Debug("click consumer pauses", "failures", c.failures, "error", err)
	timer := time.NewTimer(c.delay(c.failures))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
