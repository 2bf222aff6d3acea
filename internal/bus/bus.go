package bus

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// stopGrace bounds the wait for an embedded server that does not stop.
const stopGrace = 5 * time.Second

// Bus is an open stream with its wake-ups. Its methods may be called from any goroutine.
type Bus struct {
	cfg    Config
	lock   *os.File // nil with a cluster
	engine *engine  // nil with a cluster
	conn   *nats.Conn
	js     jetstream.JetStream
	hub    *hub
	queue  *queue
	health health
	counts counters

	low  atomic.Bool // the watchdog sees too little free space
	full atomic.Bool // the last group was refused because the stream is full
	down atomic.Bool // the embedded server is being restarted, or could not be

	recycleDue  chan struct{} // watchdog → publisher
	reconnected chan struct{} // client → recycler

	soft context.Context // ends when Close begins: nothing new is started
	stop context.CancelFunc
	life context.Context // ends when Close has no more patience
	kill context.CancelFunc

	mu     sync.Mutex // guards closed against work.Add: no Add may race with the Wait of Close
	closed bool
	work   sync.WaitGroup

	closeOnce sync.Once
	closeErr  error
}

// Open starts or joins the stream and makes it ready for Append. It fails with a
// plain error when the folder is in use by another process, when the embedded
// server does not start, when the cluster does not answer, and when a stream of
// that name keeps or discards messages in another way than this package needs.
func Open(ctx context.Context, cfg Config) (*Bus, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	b := &Bus{
		cfg: cfg, hub: newHub(), queue: newQueue(cfg.Deadline),
		recycleDue: make(chan struct{}, 1), reconnected: make(chan struct{}, 1),
	}
	b.soft, b.stop = context.WithCancel(context.Background())
	b.life, b.kill = context.WithCancel(context.Background())
	if err := b.start(ctx); err != nil {
		b.kill()
		b.stop()
		_ = b.release()
		return nil, err
	}
	return b, nil
}

func (b *Bus) start(ctx context.Context) (err error) {
	if b.cfg.embedded() {
		if b.lock, err = lockDir(b.cfg.Dir); err != nil {
			return err
		}
		b.engine = newEngine(b.cfg.Dir, b.cfg.Log)
		if err := b.engine.start(); err != nil {
			return err
		}
	}
	if err := b.connect(); err != nil {
		return err
	}
	if err := b.ensureStream(ctx); err != nil {
		return err
	}
	b.work.Go(b.publishLoop)
	if b.cfg.embedded() {
		b.work.Go(b.watchLoop)
	}
	return nil
}

// Close refuses new records, publishes those that wait, lets running handlers
// finish and acknowledge, and stops the embedded server. When ctx ends first,
// handlers are cancelled and ctx's error is returned; what they had not
// acknowledged is delivered again after the next Open. The embedded server itself
// gets up to stopGrace more. Later calls wait for the first and return its result.
func (b *Bus) Close(ctx context.Context) error {
	b.closeOnce.Do(func() { b.closeErr = b.shutdown(ctx) })
	return b.closeErr
}

func (b *Bus) shutdown(ctx context.Context) error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.queue.close()
	b.stop()
	err := waitFor(ctx, &b.work)
	b.kill()
	if released := b.release(); err == nil {
		err = released
	}
	return err
}

// release undoes start, from any point it had reached. The lock is kept when the
// server does not stop: a second one on the same folder would damage it.
func (b *Bus) release() error {
	b.hub.close()
	if b.conn != nil {
		b.conn.Close()
	}
	if b.engine != nil {
		if err := b.engine.stop(stopGrace); err != nil {
			return err
		}
	}
	if b.lock != nil {
		return b.lock.Close()
	}
	return nil
}

// enter registers a long call that Close must wait for.
func (b *Bus) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.work.Add(1)
	return true
}

func waitFor(ctx context.Context, work *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() { work.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
