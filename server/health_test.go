package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

func readinessOf(t *testing.T, h *health) (int, readiness) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ready(w, httptest.NewRequest("GET", "/readyz", nil))
	var out readiness
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	return w.Code, out
}

func TestReadinessTellsEachPartAndNoCause(t *testing.T) {
	t.Parallel()
	draining := false
	var failing error
	h := &health{draining: func() bool { return draining }, log: (&logBook{}).logger(), parts: []part{
		{"steady", func(context.Context) error { return nil }},
		{"moody", func(context.Context) error { return failing }},
	}}
	if code, got := readinessOf(t, h); code != 200 || !got.Ready || !got.Parts["moody"].OK {
		t.Errorf("all well: %d %+v", code, got)
	}
	failing = errors.New("dial tcp 10.0.0.1:5432: refused")
	if code, got := readinessOf(t, h); code != 503 || got.Ready || got.Parts["moody"] != (partState{Reason: "does not work"}) || !got.Parts["steady"].OK {
		t.Errorf("one failing: %d %+v", code, got)
	}
	failing = problem.New(problem.Unavailable, "the click stream is full").Because(failing)
	if _, got := readinessOf(t, h); got.Parts["moody"].Reason != "the click stream is full" {
		t.Errorf("a problem: %+v", got)
	}
	h.guarded = func(context.Context) (string, error) { return "role", nil }
	if _, got := readinessOf(t, h); got.RowLevelSecurity != "role" {
		t.Errorf("row-level security: %+v", got)
	}
	h.guarded = func(context.Context) (string, error) { return "", errors.New("no answer") }
	failing, draining = nil, true
	if code, got := readinessOf(t, h); code != 503 || got.Ready || !got.Draining {
		t.Errorf("draining: %d %+v", code, got)
	}
}

// A part that hangs and heeds no context must not hang /readyz.
func TestReadinessAnswersBesideAHangingPart(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	h := &health{draining: func() bool { return false }, log: (&logBook{}).logger(), parts: []part{
		{"stuck", func(context.Context) error { <-release; return nil }},
		{"steady", func(context.Context) error { return nil }},
	}}
	began := time.Now()
	code, got := readinessOf(t, h)
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	if code != 503 || got.Parts["stuck"].Reason != "did not answer in time" || !got.Parts["steady"].OK {
		t.Errorf("%d %+v", code, got)
	}
}

func TestRememberedKeepsSuccessOnly(t *testing.T) {
	t.Parallel()
	calls := 0
	var answer error
	check := remembered(time.Hour, func(context.Context) error { calls++; return answer })
	answer = errors.New("not yet")
	for range 2 {
		if check(t.Context()) == nil {
			t.Fatal("a failure was forgotten")
		}
	}
	answer = nil
	for range 3 {
		if err := check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 3 { // two failures, one success
		t.Errorf("%d calls", calls)
	}
}

// R8: /readyz flips within two seconds of the database going and returning.
func TestR8_ReadinessFlipsWithTheDatabase(t *testing.T) {
	t.Parallel()
	var gate *gate
	r := serve(t, func(c *Config) {
		if c.Postgres() {
			gate = openGate(t, c)
		}
	})
	ready := func(want int) func() bool {
		return func() bool { return r.send(t, "GET", "/readyz", "").StatusCode == want }
	}
	eventually(t, patience, "ready at first", ready(200)) // on PostgreSQL after the sequencer's election
	if gate == nil {
		if err := r.store.Close(); err != nil { // nothing else takes an SQLite file away
			t.Fatal(err)
		}
		t.Logf("503 after %v", eventually(t, 2*time.Second, "not ready", ready(503)))
		return
	}
	gate.shut()
	t.Logf("503 after %v", eventually(t, 2*time.Second, "not ready", ready(503)))
	if got := r.send(t, "GET", "/healthz", ""); got.StatusCode != 200 {
		t.Errorf("alive: %d", got.StatusCode)
	}
	gate.open()
	t.Logf("200 after %v", eventually(t, 4*time.Second, "ready again", ready(200))) // the sequencer's election comes within two of them
}

// gate stands between a server and PostgreSQL and can be shut.
type gate struct {
	mu    sync.Mutex
	to    string
	isOff bool
	conns map[net.Conn]bool
}

// openGate leads the configuration through a gate.
func openGate(t *testing.T, c *Config) *gate {
	t.Helper()
	u, err := url.Parse(c.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{to: u.Host, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = listen.Close(); g.shut() })
	u.Host = listen.Addr().String()
	c.DatabaseURL = u.String()
	go func() {
		for {
			in, err := listen.Accept()
			if err != nil {
				return
			}
			go g.pass(in)
		}
	}()
	return g
}

func (g *gate) pass(in net.Conn) {
	out, err := net.Dial("tcp", g.to)
	g.mu.Lock()
	refused := err != nil || g.isOff
	g.conns[in] = true
	if out != nil {
		g.conns[out] = true
	}
	g.mu.Unlock()
	if refused {
		_ = in.Close()
		return
	}
	go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
	_, _ = io.Copy(in, out)
	_ = in.Close()
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.isOff = true
	for c := range g.conns {
		_ = c.Close()
	}
	g.conns = map[net.Conn]bool{}
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.isOff = false
}

// What /readyz says is read by anyone: no address and no cause.
func TestReadinessAnswerHoldsNoAddress(t *testing.T) {
	t.Parallel()
	r := serve(t)
	if err := r.store.Close(); err != nil {
		t.Fatal(err)
	}
	got := r.send(t, "GET", "/readyz", "")
	for _, leak := range []string{"sql", "postgres", "127.0.0.1", r.cfg.DataDir} {
		if strings.Contains(got.text, leak) {
			t.Errorf("%s holds %q", got.text, leak)
		}
	}
}
