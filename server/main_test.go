package server

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store/storetest"
)

// patience is how long a test waits for something that must happen.
const patience = 20 * time.Second

// logBook is a log that tests read.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds a line.
func (l *logBook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logBook) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// running is a server under test.
type running struct {
	*Program
	log  *logBook
	quit context.CancelFunc
	done chan error
}

// testConfig is a server on a free port with data of its own.
func testConfig(t *testing.T, log *logBook) Config {
	t.Helper()
	return Config{
		Place: Place{DataDir: t.TempDir(), DatabaseURL: storetest.URL(t)}, Addr: "127.0.0.1:0",
		Introspection: true, Explorer: true, Log: log.logger(), Drain: 100 * time.Millisecond,
	}
}

// serve starts a server; edit may change its configuration.
func serve(t *testing.T, edit ...func(*Config)) *running {
	t.Helper()
	log := &logBook{}
	cfg := testConfig(t, log)
	for _, fn := range edit {
		fn(&cfg)
	}
	p, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, quit := context.WithCancel(context.Background())
	r := &running{Program: p, log: log, quit: quit, done: make(chan error, 1)}
	go func() { r.done <- p.Run(ctx) }()
	t.Cleanup(func() { r.stop(t) })
	return r
}

// stop ends the server and waits; more than once is the same as once.
func (r *running) stop(t *testing.T) {
	t.Helper()
	r.quit()
	select {
	case err := <-r.done:
		if err != nil {
			t.Errorf("the server ended with: %v", err)
		}
		r.done <- nil
	case <-time.After(patience):
		t.Fatalf("the server did not end\n%s", r.log)
	}
}

// answered is a response with its body read.
type answered struct {
	*http.Response
	text string
}

// send makes a request: headers come in pairs.
func (r *running) send(t *testing.T, method, path, body string, headers ...string) answered {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return do(t, req)
}

func do(t *testing.T, req *http.Request) answered {
	t.Helper()
	res, err := noRedirects.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{res, string(text)}
}

var noRedirects = &http.Client{
	Timeout:       patience,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// eventually tries until ok, for things that happen a little later.
func eventually(t *testing.T, within time.Duration, what string, ok func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !ok() {
		if time.Since(began) > within {
			t.Fatalf("%s: not within %v", what, within)
		}
		time.Sleep(10 * time.Millisecond) // between two looks at another process's state
	}
	return time.Since(began)
}
