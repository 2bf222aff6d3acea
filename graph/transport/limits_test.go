package transport

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// greeted opens a socket that may subscribe.
func (p *place) greeted(headers, token string) talk {
	p.t.Helper()
	c := p.dial(headers)
	init := initial
	if token != "" {
		init = `{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`
	}
	c.say(init)
	return c
}

// R1: at most so many sockets for a principal, and for an address without a
// token; a seat that is left is free. Without take in identify all are let in.
func TestR1_SocketsAreCounted(t *testing.T) {
	t.Parallel()
	p := open(t, func(c *Config) { c.Limits.Sockets = 2 })
	for _, who := range []struct{ headers, token string }{{"X-Address: a", ""}, {"X-Address: b", ""}, {"X-Address: a", "good"}, {"X-Address: a", "user2"}} {
		first := p.greeted(who.headers, who.token)
		for _, c := range []talk{first, p.greeted(who.headers, who.token)} {
			if got := c.hear(); got != ack {
				t.Fatalf("%+v: %s", who, got)
			}
		}
		if got := p.greeted(who.headers, who.token).hear(); got != "1013 Too many sockets: close one first" {
			t.Errorf("%+v: a third: %s", who, got)
		}
		_ = first.ws.Close(websocket.StatusNormalClosure, "")
		eventually(t, patience, "a free seat", func() bool { return p.greeted(who.headers, who.token).hear() == ack })
	}
}

func TestSilentSocketsAreCounted(t *testing.T) {
	t.Parallel()
	p := open(t, func(c *Config) { c.Limits.Greeting = 1 })
	p.greeted("", "").hear() // says who it is, and no longer counts
	p.dial("")
	a := p.send("GET", "/", "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Protocol: graphql-transport-ws", "")
	if a.StatusCode != http.StatusTooManyRequests || !strings.Contains(a.text, "RATE_LIMITED") {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
}

func TestStreamsAreCounted(t *testing.T) {
	t.Parallel()
	p := open(t, func(c *Config) { c.Limits.Streams = 1 })
	p.read("", "subscription{forever}").next()
	a := p.send("POST", "/", isJSON+wantsStream, asking("subscription{forever}"))
	if !strings.Contains(a.text, "RATE_LIMITED") || !strings.Contains(a.text, "event: complete") {
		t.Error(a.text)
	}
}

// R1: a message over the limit ends the socket with 1009; one at the limit does not.
func TestR1_MessagesAreBounded(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := p.dial("")
	frame := func(n int) string { return `{"type":"ping","payload":{"x":"` + strings.Repeat("x", n-31-3) + `"}}` }
	c.say(frame(1 << 20))
	if got := c.hear(); !strings.HasPrefix(got, `{"type":"pong"`) {
		t.Fatalf("%.60s", got)
	}
	_ = c.ws.Write(t.Context(), websocket.MessageText, []byte(frame(2<<20))) // the other side may close while it is sent
	if got := c.hear(); !strings.HasPrefix(got, "1009 ") {
		t.Error(got)
	}
}

// R1: a flood of operations gets so many and errors for the rest; ids that come
// twice end the socket; of neither is anything left. Not in parallel: goroutines
// of other tests would count. Without the bound in enter more than 100 run.
func TestR1_FloodsLeaveNothing(t *testing.T) {
	p := open(t)
	c := p.greeted("", "")
	c.hear()
	for i := range 1000 {
		c.say(subscribing(fmt.Sprint(i), "mutation{slow}"))
	}
	for range 900 {
		if got := c.hear(); !strings.Contains(got, `"RATE_LIMITED"`) {
			t.Fatal(got)
		}
	}
	eventually(t, patience, "a hundred operations", func() bool { return p.slow.Load() >= 100 })
	if n := p.slow.Load(); n != 100 {
		t.Errorf("%d operations at once", n)
	}
	for i := range 100 { // what is told to end still counts until it has
		c.say(`{"id":"` + fmt.Sprint(i) + `","type":"complete"}`)
		c.say(subscribing(fmt.Sprint("x", i), "subscription{forever}"))
	}
	got := ""
	for !strings.HasPrefix(got, "4") {
		c.say(subscribing("twice", "subscription{forever}"))
		for got = c.hear(); strings.HasPrefix(got, "{") && !strings.Contains(got, `"twice"`); got = c.hear() {
		}
	}
	if got != "4409 Subscriber for twice already exists" {
		t.Error(got)
	}
	eventually(t, 5*time.Second, "their goroutines' end", func() bool { return ours() == 0 })
}

// R1: an idle socket costs its reader, and each subscription at most two
// goroutines more (the one here and the one of its source).
func TestR1_SubscriptionsCostFewGoroutines(t *testing.T) {
	p := open(t)
	const sockets = 20
	idle := ours()
	for i := range sockets {
		c := p.greeted("", fmt.Sprint("user", i))
		c.hear()
		c.say(subscribing("1", "subscription{forever}"))
		c.hear()
	}
	if n := ours() - idle; n > 2*sockets+1 { // and the one that looks at tokens
		t.Errorf("%d goroutines for %d sockets with a subscription each", n, sockets)
	}
}

// R1: a reader that stops reading is gone after the write deadline, over sockets
// and streams, and what waits for it is bounded. Without the deadline in
// impatient, or in write, it stays for ever.
func TestR1_StalledReadersAreCut(t *testing.T) {
	const readers, deadline = 50, 500 * time.Millisecond
	p := open(t, func(c *Config) { c.Limits.Write, c.Limits.Sockets = deadline, readers })
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range readers {
		conn, err := net.Dial("tcp", p.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil { // it stalls at once, not after megabytes
			t.Fatal(err)
		}
		if i%2 == 0 {
			fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: %d\r\n\r\n%s", len(asking("subscription{flood}")), asking("subscription{flood}"))
			continue
		}
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
		for _, text := range []string{initial, subscribing("1", "subscription{flood}")} {
			_, _ = conn.Write(append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)) // masked with zeroes
		}
	}
	eventually(t, patience, "all of them", func() bool { return p.begun.Load() == readers })
	began := time.Now()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapInuse) - int64(before.HeapInuse); held > 16<<20 {
		t.Errorf("%d stalled readers hold %d KiB", readers, held>>10)
	}
	eventually(t, patience, "their end", func() bool { return p.lasting.Load() == 0 })
	if took := time.Since(began); took > deadline+time.Second {
		t.Errorf("gone after %v", took)
	}
}

// A socket whose other side is dead is found out by its silence.
func TestDeadSocketsAreFound(t *testing.T) {
	t.Parallel()
	p := open(t, func(c *Config) {
		c.Limits.Heartbeat, c.Limits.Write, c.Limits.Init = 10*time.Millisecond, 50*time.Millisecond, time.Hour
	})
	conn, err := net.Dial("tcp", p.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil { // never a pong
		t.Error(err)
	}
}

// R8: the server's end closes sockets with a code that tells clients to come
// back, after queries and mutations under way have been answered.
func TestR8_SocketsEndWithTheServer(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := p.greeted("", "")
	c.hear()
	c.say(subscribing("1", "subscription{forever}"))
	c.hear()
	c.say(subscribing("2", "mutation{slow}"))
	eventually(t, patience, "the mutation", func() bool { return p.slow.Load() == 1 })
	p.end()
	close(p.release)
	for _, want := range []string{`{"id":"2","type":"next","payload":{"data":{"slow":"value"}}}`, `{"id":"2","type":"complete"}`, "1012 The server restarts"} {
		if got := c.hear(); got != want {
			t.Errorf("heard %s\nwanted %s", got, want)
		}
	}
}

// An id is free as soon as its operation's end is heard. Without forget in last,
// one of many is taken still.
func TestIdsAreFreeWhenTheEndIsHeard(t *testing.T) {
	t.Parallel()
	c := open(t).greeted("", "")
	c.hear()
	for i := range 5000 {
		c.say(subscribing("1", "subscription{count(to:0)}"))
		if got := c.hear(); got != `{"id":"1","type":"complete"}` {
			t.Fatalf("the %d.: %s", i, got)
		}
	}
}
