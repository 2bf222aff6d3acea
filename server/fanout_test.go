package server

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// R1: every subscriber is told every event once and in order, in its own words, and
// one that does not read keeps nobody waiting. At a fiftieth on every change;
// TRIBUTARY_LONG tells a thousand a hundred events a second for ten seconds. With a
// shape that leaves out an alias, or an answer that is kept and not copied,
// subscribers get each other's words.
func TestR1_EverySubscriberIsToldEveryEvent(t *testing.T) {
	subscribers, events, every := 20, 100, time.Duration(0)
	if os.Getenv("TRIBUTARY_LONG") != "" {
		subscribers, events, every = 1000, 1000, 10*time.Millisecond
	}
	r := serve(t)
	secrets := manyTokens(t, r, subscribers+20)
	merchant := r.merchantOf(t, secrets[0])
	idle(t, r, secrets[subscribers/20]) // does not read
	cursor, err := r.rooms.report.Now(trust.With(t.Context(), trust.Viewer{MerchantID: merchant, Kind: trust.KindToken}))
	if err != nil {
		t.Fatal(err)
	}
	listeners := make([]*listener, subscribers)
	for i := range listeners {
		listeners[i] = listen(t, r, secrets[i/20], cursor, i)
	}
	var hearing sync.WaitGroup
	for _, l := range listeners {
		hearing.Go(func() { l.hear(events) })
	}
	said := make([]time.Time, events)
	for i := range events {
		said[i] = time.Now()
		r.told(t, merchant, strconv.Itoa(i))
		time.Sleep(every) // the rate
	}
	hearing.Wait()
	var late []time.Duration
	for i, l := range listeners {
		if l.fault != nil {
			t.Fatalf("subscriber %d: %v", i, l.fault)
		}
		for n, at := range l.heard {
			late = append(late, at.Sub(said[n]))
		}
	}
	slices.Sort(late)
	t.Logf("%d deliveries: p50 %v, p99 %v", len(late), late[len(late)/2], late[len(late)*99/100])
}

// dialects ask for the same events in words of their own, and get them so.
var dialects = []struct{ document, want string }{
	{`($after: String) { events(after: $after, types: ["test.told"]) { x: subjectId type } }`, `{"x":"%s","type":"test.told"}`},
	{`($after: String) { events(after: $after, types: ["test.told"]) { type x: subjectId } }`, `{"type":"test.told","x":"%s"}`},
	{`($after: String) { events(after: $after, types: ["test.told"]) { ...e } } fragment e on Event { x: subjectId version @include(if: false) __typename }`, `{"x":"%s","__typename":"Event"}`},
	{`($after: String) { events(after: $after, types: ["test.told", "none"]) { x: subjectId } }`, `{"x":"%s"}`},
	{`($after: String) { events(after: $after, types: ["test.told"]) { type: subjectId x: type } }`, `{"type":"%s","x":"test.told"}`},
}

// told makes an event.
func (r *running) told(t *testing.T, merchant, subject string) {
	t.Helper()
	ctx := trust.With(t.Context(), trust.System(merchant))
	_, err := store.Run(ctx, r.store, store.Command{Name: "test", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		tx.Emit(store.Event{Type: "test.told", Subject: subject})
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *running) merchantOf(t *testing.T, secret string) string {
	t.Helper()
	v, err := r.rooms.auth.Authenticate(t.Context(), secret, "")
	if err != nil {
		t.Fatal(err)
	}
	return v.MerchantID
}

// listener is a client that checks what it is told.
type listener struct {
	conn  net.Conn
	in    *bufio.Reader
	want  string // an event, with %s for its subject
	heard []time.Time
	fault error
}

func listen(t *testing.T, r *running, secret, cursor string, n int) *listener {
	t.Helper()
	d := dialects[n%len(dialects)]
	conn := openSocket(t, r, secret, fmt.Sprintf(`{"id":"1","type":"subscribe","payload":{"query":%q,"variables":{"after":%q}}}`, "subscription"+d.document, cursor))
	return &listener{conn: conn, in: bufio.NewReader(conn), want: d.want}
}

// hear takes so many events.
func (l *listener) hear(n int) {
	for len(l.heard) < n && l.fault == nil {
		text := l.frame()
		if l.fault != nil || text == nil {
			continue
		}
		want := fmt.Sprintf(`{"id":"1","type":"next","payload":{"data":{"events":`+l.want+`}}}`, strconv.Itoa(len(l.heard)))
		if string(text) != want {
			l.fault = fmt.Errorf("heard %s, want %s", text, want)
		}
		l.heard = append(l.heard, time.Now())
	}
}

// frame reads one frame; nil for a ping, which is answered.
func (l *listener) frame() (text []byte) {
	var head [4]byte
	_ = l.conn.SetReadDeadline(time.Now().Add(patience))
	if _, l.fault = io.ReadFull(l.in, head[:2]); l.fault != nil {
		return nil
	}
	size := int(head[1])
	if size == 126 {
		if _, l.fault = io.ReadFull(l.in, head[2:4]); l.fault != nil {
			return nil
		}
		size = int(binary.BigEndian.Uint16(head[2:4]))
	}
	text = make([]byte, size)
	if _, l.fault = io.ReadFull(l.in, text); head[0] != 0x89 {
		return text
	}
	_, l.fault = l.conn.Write(append([]byte{0x8A, 0x80 | byte(size), 0, 0, 0, 0}, text...))
	return nil
}
