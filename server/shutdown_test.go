package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/auth"
)

// callers keep asking until the server is gone, and count what came of it.
type callers struct {
	ending                atomic.Bool // the server has been told to stop
	done, refused, failed atomic.Int64
	mu                    sync.Mutex
	faults                []string
}

func (c *callers) fault(format string, a ...any) {
	c.failed.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, fmt.Sprintf(format, a...))
}

// ask makes requests on connections of its own until the server refuses one.
func (c *callers) ask(base, path, body string) {
	client := &http.Client{Transport: &http.Transport{}, Timeout: patience, CheckRedirect: noRedirects.CheckRedirect}
	defer client.CloseIdleConnections()
	for {
		method, payload := http.MethodGet, io.Reader(nil)
		if body != "" {
			method, payload = http.MethodPost, bytes.NewReader([]byte(body))
		}
		req, err := http.NewRequest(method, base+path, payload)
		if err != nil {
			c.fault("%v", err)
			return
		}
		req.Header.Set("Content-Type", "application/json")
		ending, fresh := c.ending.Load(), false
		res, err := client.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
			GotConn: func(got httptrace.GotConnInfo) { fresh = !got.Reused },
		})))
		if err != nil {
			if unaccepted(err, fresh) {
				c.refused.Add(1)
				return
			}
			c.fault("%s: %v", path, err)
			return
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err == nil && res.StatusCode == http.StatusServiceUnavailable && !ending {
			continue // a busy machine said so; what the end does is asked here
		}
		if err != nil || res.StatusCode >= 500 {
			c.fault("%s: %d %v %.100s", path, res.StatusCode, err, text)
			return
		}
		c.done.Add(1)
	}
}

// unaccepted: the server had closed its socket. A reset while the connection is
// being made, or before a fresh one has said anything, is the kernel's refusal of
// one that it had queued: the server waits for those that it accepted.
func unaccepted(err error, fresh bool) bool {
	var op *net.OpError
	return errors.Is(err, syscall.ECONNREFUSED) || fresh && errors.Is(err, syscall.ECONNRESET) || errors.As(err, &op) && op.Op == "dial"
}

// R8: told to stop under load with subscriptions open, the server fails no
// request that it accepted, ends the subscriptions so that their clients come
// back, and is gone in ten seconds.
func TestR8_StopUnderLoadFailsNothingAccepted(t *testing.T) {
	t.Parallel()
	r := serve(t, func(c *Config) { c.Drain = 2 * time.Second })
	token := ownerToken(t, r)
	ended := make(chan error, 20)
	for range cap(ended) {
		subscribe(t, r, token, ended)
	}
	eventually(t, patience, "a first look-up of the link", func() bool { return r.send(t, "GET", "/r/nowhere", "").StatusCode == http.StatusNotFound })
	var c callers
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { c.ask(r.URL(), "/graphql", `{"query":"{ __typename }"}`) })
		wg.Go(func() { c.ask(r.URL(), "/r/nowhere", "") })
	}
	eventually(t, patience, "load", func() bool { return c.done.Load() > 500 })
	began := time.Now()
	c.ending.Store(true)
	r.quit()
	eventually(t, patience, "not ready while it still answers", func() bool {
		res, err := http.Get(r.URL() + "/readyz")
		if err != nil {
			t.Fatalf("the socket closed before /readyz flipped: %v", err)
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusServiceUnavailable
	})
	before := c.done.Load()
	r.stop(t)
	took := time.Since(began)
	wg.Wait()
	for range cap(ended) {
		if err := <-ended; err != nil {
			t.Errorf("a subscription was cut off: %v", err)
		}
	}
	t.Logf("%d answered (%d of them after readiness flipped), %d refused at the door, %d failed; gone after %v", c.done.Load(), c.done.Load()-before, c.refused.Load(), c.failed.Load(), took)
	if c.failed.Load() > 0 || took > 10*time.Second || c.done.Load() == before {
		t.Errorf("faults: %v", c.faults)
	}
	for _, want := range []string{"requests", "subscriptions", "clicks", "errands", "stream"} {
		if !strings.Contains(r.log.String(), `"for":"`+want+`"`) {
			t.Errorf("the log does not say that it waits for %s", want)
		}
	}
}

// A request that was accepted before the end is awaited, however the load is.
func TestStopWaitsForTheRequestUnderWay(t *testing.T) {
	t.Parallel()
	r := serve(t)
	conn, err := net.Dial("tcp", r.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := `{"query":"{ __typename }"}`
	fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:5])
	eventually(t, patience, "the request", func() bool { return r.traffic.requests.Load() == 1 })
	r.quit()
	eventually(t, patience, "the wait", func() bool { return strings.Contains(r.log.String(), `"for":"requests","requests":1`) })
	fmt.Fprint(conn, body[5:])
	text, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(text), `{"data":{"__typename":"Query"}}`) {
		t.Errorf("%v: %s", err, text)
	}
	r.stop(t)
}

// What does not end by itself is cut off when patience is over.
func TestStopEndsInTimeBesideAStuckRequest(t *testing.T) {
	t.Parallel()
	log := &logBook{}
	cfg := testConfig(t, log)
	cfg.Patience = 500 * time.Millisecond
	p, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, quit := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	conn, err := net.Dial("tcp", p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	eventually(t, patience, "the request", func() bool { return p.traffic.requests.Load() == 1 })
	quit()
	select {
	case err := <-done:
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(log.String(), "gave up waiting") {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the server waits for ever")
	}
}

func ownerToken(t *testing.T, r *running) string {
	t.Helper()
	who, err := r.rooms.auth.SignUp(t.Context(), auth.SignUpInput{
		Email: "owner@stop.example", Password: "correct horse battery", Name: "Owner", MerchantName: "Stop", Currency: "USD",
	})
	if err != nil {
		t.Fatal(err)
	}
	owner := trust.Viewer{MerchantID: who.MerchantID, PrincipalID: who.UserID, Kind: trust.KindUser, Role: trust.Owner}
	made, err := r.rooms.auth.TokenCreate(trust.With(t.Context(), owner), auth.TokenCreateInput{Name: "feed", Scopes: []trust.Scope{trust.EventRead}})
	if err != nil {
		t.Fatal(err)
	}
	return made.Secret
}

// subscribe opens an SSE subscription and reports how its stream ended.
func subscribe(t *testing.T, r *running, token string, ended chan<- error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.URL()+"/graphql", strings.NewReader(`{"query":"subscription { events { id } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("subscription: %d", res.StatusCode)
	}
	go func() {
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err == nil && strings.Contains(string(text), "event: complete") {
			err = fmt.Errorf("a client would not come back after %q", text)
		}
		ended <- err
	}()
}
