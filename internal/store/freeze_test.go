package store_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

const (
	patience  = 300 * time.Millisecond // of each request to a frozen database
	tolerance = 100 * time.Millisecond // after which it must have ended
)

// pooled opens a store with few connections.
func pooled(t *testing.T, url string, conns int) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URL: url, Keys: storetest.Keys(t), MaxConns: conns})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// freeze stops a backend of this test's own until the test ends.
func freeze(t *testing.T, pid int) {
	t.Helper()
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !bytes.Contains(name, []byte("postgres")) {
		t.Skipf("the backend %d is not a process of this machine that can be seen: %v", pid, err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Skipf("the backend %d may not be stopped: %v", pid, err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
}

// lateness measures how late this machine's timers are while fn runs: with
// other work on all processors no deadline is kept better than that.
func lateness(fn func()) (worst time.Duration) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			due := time.Now().Add(5 * time.Millisecond)
			select {
			case <-stop:
				return
			case <-time.After(time.Until(due)):
				worst = max(worst, time.Since(due))
			}
		}
	}()
	fn()
	close(stop)
	<-done
	return worst
}

// endsInTime runs a request with a deadline against something frozen.
func endsInTime(t *testing.T, name string, request func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var took time.Duration
	var err error
	late := lateness(func() {
		begin := time.Now()
		err = request(ctx)
		took = time.Since(begin)
	})
	wantCode(t, err, problem.Deadline, problem.Unavailable)
	if took > patience+tolerance+late {
		t.Errorf("%s: ended after %v, %v after its deadline (timers are %v late)", name, took, took-patience, late)
	}
	t.Logf("%s: %v after the deadline (timers %v late)", name, took-patience, late)
}

func backendOf(ctx context.Context, tx *store.Tx) (pid int, err error) {
	err = tx.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&pid)
	return pid, err
}

func TestFrozenBackendEndsRequestsByTheirDeadline(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := pooled(t, storetest.URL(t), 4)
	owner, _ := storetest.Merchant(t, s)
	frozenThen := func(t *testing.T, c store.Command, next func(context.Context, *store.Tx) error) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := store.Run(withViewerOf(ctx, owner), s, c, func(ctx context.Context, tx *store.Tx) (int, error) {
				pid, err := backendOf(ctx, tx)
				if err != nil {
					return 0, err
				}
				freeze(t, pid)
				return 0, next(ctx, tx)
			})
			return err
		}
	}
	endsInTime(t, "statement", frozenThen(t, store.Command{Name: "x"}, func(ctx context.Context, tx *store.Tx) error {
		_, err := backendOf(ctx, tx)
		return err
	}))
	endsInTime(t, "event and audit row", frozenThen(t, store.Command{Name: "x"}, func(_ context.Context, tx *store.Tx) error {
		tx.Emit(store.Event{Type: "test.frozen"})
		return nil
	}))
	endsInTime(t, "commit", frozenThen(t, store.Command{Name: "x", Quiet: true}, func(context.Context, *store.Tx) error { return nil }))
	endsInTime(t, "work past the deadline", frozenThen(t, store.Command{Name: "x"}, func(ctx context.Context, tx *store.Tx) error {
		<-ctx.Done()
		_, err := backendOf(ctx, tx)
		return err
	}))
	recovers(t, owner, s) // four backends are frozen: the whole pool
}

func TestFrozenIdleConnectionEndsReadsByTheirDeadline(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := pooled(t, storetest.URL(t), 1)
	owner, _ := storetest.Merchant(t, s)
	freeze(t, oneAs[int](owner, t, s, `SELECT pg_backend_pid()`))
	endsInTime(t, "read", func(ctx context.Context) error {
		rows, err := s.Read(withViewerOf(ctx, owner), `SELECT count(*) FROM events WHERE merchant_id = $1`, "x")
		if err == nil {
			_ = rows.Close()
		}
		return err
	})
	recovers(t, owner, s)
}

// All connections are taken: a request waits for one no longer than it may.
func TestFullPoolEndsRequestsByTheirDeadline(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := pooled(t, storetest.URL(t), 1)
	owner, _ := storetest.Merchant(t, s)
	err := run(owner, s, func(context.Context, *store.Tx) error {
		endsInTime(t, "waiting", func(ctx context.Context) error {
			_, err := makeGroup(withViewerOf(ctx, owner), s, "waiting")
			return err
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	recovers(t, owner, s)
}

// The whole server freezes: connections, new connections and cancel requests.
func TestFrozenServerEndsRequestsByTheirDeadline(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	p := newProxy(t, storetest.URL(t))
	s := pooled(t, p.url, 3)
	owner, _ := storetest.Merchant(t, s)
	p.freeze(true)
	for round := range 5 { // beyond the pool: later rounds meet new connections
		endsInTime(t, fmt.Sprintf("round %d", round), func(ctx context.Context) error {
			_, err := makeGroup(withViewerOf(ctx, owner), s, fmt.Sprint(round))
			return err
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Ready(ctx); err == nil {
		t.Error("ready on a frozen server")
	}
	p.freeze(false)
	recovers(t, owner, s)
}

// recovers runs commands one after the other, each in good time.
func recovers(t *testing.T, owner context.Context, s *store.Store) {
	t.Helper()
	for n := range 8 {
		ctx, cancel := context.WithTimeout(owner, 5*time.Second)
		_, err := makeGroup(ctx, s, fmt.Sprintf("after %d", n))
		cancel()
		if err != nil {
			t.Errorf("command %d afterwards: %v", n, err)
		}
	}
}

// proxy stands between the store and the server and can stop all traffic.
type proxy struct {
	url   string
	mu    sync.Mutex
	moved *sync.Cond
	still bool
	over  bool
	conns []net.Conn
	wg    sync.WaitGroup
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p, host := &proxy{}, u.Host
	p.moved = sync.NewCond(&p.mu)
	p.wg.Go(func() { p.serve(listener, host) })
	u.Host = listener.Addr().String()
	p.url = u.String()
	t.Cleanup(func() {
		_ = listener.Close()
		p.close()
		p.wg.Wait()
	})
	return p
}

func (p *proxy) serve(listener net.Listener, server string) {
	for {
		in, err := listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", server)
		if err != nil {
			_ = in.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, in, out)
		p.mu.Unlock()
		p.wg.Go(func() { p.copy(in, out) })
		p.wg.Go(func() { p.copy(out, in) })
	}
}

func (p *proxy) copy(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 8<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		for p.still && !p.over {
			p.moved.Wait()
		}
		p.mu.Unlock()
		if _, e := to.Write(buffer[:n]); e != nil || err != nil {
			return
		}
	}
}

func (p *proxy) freeze(still bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.still = still
	p.moved.Broadcast()
}

func (p *proxy) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.moved.Broadcast()
	for _, c := range p.conns {
		_ = c.Close()
	}
}

// A request that was given up may have a cancel request on its way: what the
// backend did next would be cancelled for it.
func TestGivenUpConnectionIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := pooled(t, storetest.URL(t), 1)
	owner := system(t, "mer_1")
	before := oneAs[int](owner, t, s, `SELECT pg_backend_pid()`)
	if again := oneAs[int](owner, t, s, `SELECT pg_backend_pid()`); again != before {
		t.Fatalf("backend %d, then %d: this test shows nothing", before, again)
	}
	endsInTime(t, "sleep", func(ctx context.Context) error {
		rows, err := s.Read(withViewerOf(ctx, owner), `SELECT pg_sleep($1)`, 5)
		if err == nil {
			_ = rows.Close()
		}
		return err
	})
	if after := oneAs[int](owner, t, s, `SELECT pg_backend_pid()`); after == before {
		t.Error("the connection of a request that was given up serves the next one")
	}
}
