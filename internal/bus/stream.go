package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// reconnectWait is short in process, where a restart takes milliseconds, and
// kinder to a cluster.
const (
	reconnectWait        = 10 * time.Millisecond
	reconnectWaitCluster = 250 * time.Millisecond
)

// connect opens the one client connection. Nothing is buffered while it is
// broken: a record that cannot be written now is refused now.
func (b *Bus) connect() error {
	wait, url := reconnectWaitCluster, b.cfg.URL
	opts := []nats.Option{
		nats.Name(b.cfg.Name), nats.NoEcho(), nats.MaxReconnects(-1), nats.ReconnectBufSize(-1),
		nats.ReconnectHandler(func(*nats.Conn) { b.onReconnect() }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { b.cfg.Log.Debug("stream connection lost", "error", err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			b.cfg.Log.Debug("stream connection", "error", err)
		}),
	}
	if b.engine != nil {
		wait, url = reconnectWait, nats.DefaultURL
		opts = append(opts, nats.InProcessServer(b.engine))
	}
	opts = append(opts, nats.CustomReconnectDelay(func(int) time.Duration { return wait }))
	conn, err := nats.Connect(url, opts...)
	if err != nil {
		return fmt.Errorf("bus: connect: %w", err)
	}
	b.conn = conn
	if b.js, err = jetstream.New(conn); err != nil {
		return fmt.Errorf("bus: stream client: %w", err)
	}
	if b.engine == nil {
		return b.hub.bridge(conn, b.cfg.Name, b.cfg.Log)
	}
	return nil
}

// onReconnect tells everyone that wake-ups may have been missed.
func (b *Bus) onReconnect() {
	b.hub.suspect()
	select {
	case b.reconnected <- struct{}{}:
	default:
	}
}

// ensureStream creates the stream, or fits the limit of the embedded one to
// today's disk. A smaller limit deletes nothing: it only refuses new messages.
// In a cluster the limits belong to whoever runs it.
func (b *Bus) ensureStream(ctx context.Context) error {
	stream, err := b.js.Stream(ctx, b.cfg.stream())
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return b.createStream(ctx)
	case err != nil:
		return fmt.Errorf("bus: look up stream: %w", err)
	}
	info := stream.CachedInfo()
	if got := info.Config; got.Retention != jetstream.WorkQueuePolicy || got.Discard != jetstream.DiscardNew {
		return fmt.Errorf("bus: stream %s must have work-queue retention and discard new messages when full", got.Name)
	}
	if b.engine == nil {
		return nil
	}
	config := info.Config
	if config.MaxBytes, err = b.capacity(info.State.Bytes); err != nil {
		return err
	}
	if _, err = b.js.UpdateStream(ctx, config); err != nil {
		return fmt.Errorf("bus: update stream: %w", err)
	}
	return nil
}

// createStream tolerates another server that creates the same stream meanwhile.
func (b *Bus) createStream(ctx context.Context) error {
	size, err := b.capacity(0)
	if err != nil {
		return err
	}
	_, err = b.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: b.cfg.stream(), Subjects: []string{b.cfg.subject()},
		Storage: jetstream.FileStorage, Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew,
		MaxBytes: size, MaxMsgs: -1, Replicas: b.replicas(),
	})
	if err != nil && !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return fmt.Errorf("bus: create stream: %w", err)
	}
	return nil
}

// capacity is the configured limit, or half of what is free or already ours.
func (b *Bus) capacity(used uint64) (int64, error) {
	switch {
	case b.cfg.MaxBytes > 0:
		return b.cfg.MaxBytes, nil
	case b.engine == nil:
		return clusterStreamBytes, nil
	}
	free, err := b.cfg.FreeBytes(b.cfg.Dir)
	if err != nil {
		return 0, err
	}
	return max((free+int64(used))/2, minStreamBytes), nil
}

func (b *Bus) replicas() int {
	switch {
	case b.engine != nil:
		return 1
	case b.cfg.Replicas > 0:
		return b.cfg.Replicas
	case b.conn.ConnectedClusterName() != "":
		return 3
	}
	return 1
}

// Backlog is what the stream holds and no handler has stored yet.
type Backlog struct {
	Messages uint64        // each up to 256 records
	Bytes    uint64        // on disk, of MaxBytes
	Lag      time.Duration // age of the oldest message; 0 when there is none
}

// Pending asks the server for the backlog. It fails while the stream is down.
func (b *Bus) Pending(ctx context.Context) (Backlog, error) {
	stream, err := b.js.Stream(ctx, b.cfg.stream())
	if err != nil {
		return Backlog{}, fmt.Errorf("bus: backlog: %w", err)
	}
	state := stream.CachedInfo().State
	log := Backlog{Messages: state.Msgs, Bytes: state.Bytes}
	if state.Msgs > 0 {
		log.Lag = max(0, b.cfg.Clock().Sub(state.FirstTime))
	}
	return log, nil
}
