package bus

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// startPatience bounds the start of the embedded server, which reads its folder first.
const startPatience = time.Minute

// engine is the embedded server: on one folder, without a socket, syncing always.
// It can be stopped and started again; a client that connects through it finds
// whichever server runs.
type engine struct {
	dir string
	log *slog.Logger

	mu   sync.Mutex
	srv  *server.Server // nil while stopped or stopping
	gone chan struct{}  // closed when the last server has ended
}

func newEngine(dir string, log *slog.Logger) *engine {
	gone := make(chan struct{})
	close(gone)
	return &engine{dir: dir, log: log, gone: gone}
}

func (e *engine) options() *server.Options {
	return &server.Options{
		ServerName: "tributary", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: e.dir, SyncAlways: true, DisableJetStreamBanner: true,
		// The stream has its own limit and the watchdog guards the disk. A third,
		// guessed limit would refuse the stream on a disk that is filling up.
		JetStreamMaxStore: math.MaxInt64 / 2, JetStreamMaxMemory: 1 << 20,
	}
}

// start runs a new server; the caller holds the lock of the folder.
func (e *engine) start() error {
	srv, err := server.NewServer(e.options())
	if err != nil {
		return fmt.Errorf("bus: embedded server: %w", err)
	}
	log := &serverLog{log: e.log}
	srv.SetLogger(log, false, false)
	srv.Start()
	if fatal := log.fatal.Load(); fatal != nil || !srv.ReadyForConnections(startPatience) || !srv.JetStreamEnabled() {
		srv.Shutdown()
		return errors.Join(errors.New("bus: embedded server did not start"), log.err())
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.srv = srv
	return nil
}

// stop ends the server and waits until its files are closed. If that takes
// longer than patience the folder stays in use: start must not be called, and
// the next stop waits for the same end.
func (e *engine) stop(patience time.Duration) error {
	gone := e.shutdown()
	select {
	case <-gone:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("bus: embedded server did not stop within %v", patience)
	}
}

// shutdown begins the end once and gives the channel that closes at the end.
func (e *engine) shutdown() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.srv != nil {
		srv, gone := e.srv, make(chan struct{})
		go func() { srv.Shutdown(); srv.WaitForShutdown(); close(gone) }()
		e.srv, e.gone = nil, gone
	}
	return e.gone
}

// InProcessConn gives a pipe to the running server; the client's reconnect loop
// calls it until there is one.
func (e *engine) InProcessConn() (net.Conn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.srv == nil {
		return nil, errors.New("bus: embedded server is stopped")
	}
	return e.srv.InProcessConn()
}
