package transport

import (
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// counted counts the writes of a connection.
type counted struct {
	net.Conn
	writes *atomic.Int64
}

func (c counted) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// counting counts the writes of all connections it accepts.
type counting struct {
	net.Listener
	writes atomic.Int64
}

func (l *counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return counted{c, &l.writes}, err
}

// R1: what is here at once goes out at once, by socket and by stream, and nothing
// is held back when no more comes. Without hold there are a hundred writes;
// without release the last are never heard.
func TestR1_ResponsesThatAreHereGoOutTogether(t *testing.T) {
	t.Parallel()
	l := &counting{}
	p := openOn(t, l)
	c := p.greeted("", "")
	c.hear()
	for _, id := range []string{"1", "2"} {
		before := l.writes.Load()
		c.say(subscribing(id, "subscription{burst(to:100)}"))
		for n := range 100 {
			if got, want := c.hear(), `{"id":"`+id+`","type":"next","payload":{"data":{"n":`+strconv.Itoa(n+1)+`}}}`; got != want {
				t.Fatalf("heard %s\nwanted %s", got, want)
			}
		}
		if writes := l.writes.Load() - before; writes > 10 {
			t.Errorf("%d writes", writes)
		}
		c.say(`{"type":"ping"}`) // while the subscription waits for more
		if got := c.hear(); got != `{"type":"pong"}` {
			t.Error(got)
		}
	}
	before := l.writes.Load()
	s := p.read("", "subscription{burst(to:100)}")
	for n := range 100 {
		if event, got := s.next(), s.next(); event != "event: next" || got != `data: {"data":{"n":`+strconv.Itoa(n+1)+`}}` {
			t.Fatalf("the %d.: %s %s", n, event, got)
		}
	}
	if writes := l.writes.Load() - before; writes > 20 {
		t.Errorf("%d writes to the stream", writes)
	}
}

// Operations that hold one wire at the same time lose nothing of each other's,
// and one that ends in the middle lets go.
func TestOperationsHoldAWireTogether(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := p.greeted("", "")
	c.hear()
	const each, to = 20, 200
	for i := range each {
		c.say(subscribing(strconv.Itoa(i), "subscription{burst(to:"+strconv.Itoa(to)+",fails:true)}"))
	}
	next, last := map[string]int{}, 0
	for range each * (to + 1) {
		m := c.hear()
		id := strings.Split(m, `"`)[3]
		if strings.Contains(m, `"type":"error"`) {
			last++
			continue
		}
		if next[id]++; !strings.Contains(m, `{"n":`+strconv.Itoa(next[id])+`}`) {
			t.Fatalf("%s, want %d", m, next[id])
		}
	}
	if last != each {
		t.Errorf("%d ended", last)
	}
}

// What was said before an operation ends is not held back until another lets go:
// its id may be another operation's by then.
func TestAWireIsPushed(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	defer there.Close()
	w := &wire{Conn: here, limit: patience}
	w.hold()
	if _, err := w.Write([]byte("a")); err != nil {
		t.Fatal(err)
	}
	pushed := make(chan error)
	go func() { pushed <- w.push() }()
	if n, err := there.Read(make([]byte, 2)); n != 1 || err != nil || <-pushed != nil {
		t.Error(n, err)
	}
	if err := w.release(); err != nil {
		t.Error(err)
	}
}

// A write has its time from when it begins, however long the wire was silent.
func TestWiresHaveTheirTime(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	defer there.Close()
	w := &wire{Conn: here, limit: 40 * time.Millisecond}
	go func() { _, _ = there.Read(make([]byte, 1)) }()
	if _, err := w.Write([]byte("a")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(60 * time.Millisecond) // longer than a write may take
	go func() { _, _ = there.Read(make([]byte, 1)) }()
	if _, err := w.Write([]byte("b")); err != nil {
		t.Error(err)
	}
	if _, err := w.Write([]byte("c")); err == nil {
		t.Error("written to nobody")
	}
}
