package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	writeDeadline = 5 * time.Second // for a client to take a frame
	stalledMost   = 16 << 20
)

// R1: fifty clients that ask for a long past and then read nothing, half of them over
// sockets and half over streams, hold little memory, and are gone a second after the
// write deadline (asserted with TRIBUTARY_LONG: times belong to a quiet machine).
// With the deadline taken out of send and mayWrite in graph/transport they stay.
func TestR1_TheBinaryCutsStalledReaders(t *testing.T) {
	t.Parallel()
	const readers = 50
	h := openDoor(t, 1, "TRIBUTARY_RATE_ADDRESS=off", "GOGC=10") // little lies about that nobody holds
	s := h.servers[0]
	var now struct{ EventFeed struct{ Cursor string } }
	h.must(h.owner, `{ eventFeed(first: 1) { cursor } }`, nil, &now)
	for i := range 5 { // a hundred events
		var document strings.Builder
		for n := range 20 {
			fmt.Fprintf(&document, ` p%d: programCreate(input: {name: "P%d-%d", currency: "USD", fallbackUrl: "https://shop.example/"}) { program { id } }`, n, i, n)
		}
		h.must(h.owner, "mutation {"+document.String()+"}", nil, nil)
	}
	words := "" // thirty times over, under long names
	for i := range 30 {
		words += fmt.Sprintf(" %s%d: facts", strings.Repeat("x", 90), i)
	}
	request := fmt.Sprintf(`{"query":"subscription($a: String) { events(after: $a) {%s } }","variables":{"a":%q}}`, words, now.EventFeed.Cursor)
	tokens := []string{h.token(nil).Secret, h.token(nil).Secret}
	before := s.inUse(t)
	for i := range readers {
		h.stall(request, tokens[i%len(tokens)], i%4 < 2)
	}
	const underWay = `tributary_http_under_way{kind="streams"}`
	settles(t, 20*time.Second, "all of them", func() bool { return s.gauge(t, underWay) == readers })
	began, most := time.Now(), 0
	settles(t, 20*time.Second, "their end", func() bool {
		most = max(most, s.inUse(t)-before)
		return s.gauge(t, underWay) == 0
	})
	t.Logf("%d stalled readers held %d KiB at most, and were gone after %v", readers, most>>10, time.Since(began))
	if most > stalledMost || os.Getenv("TRIBUTARY_LONG") != "" && time.Since(began) > writeDeadline+time.Second {
		t.Errorf("%d KiB, gone after %v", most>>10, time.Since(began))
	}
}

// inUse is what heap and stacks take, in bytes.
func (s *running) inUse(t *testing.T) int {
	t.Helper()
	return s.gauge(t, "go_memstats_heap_inuse_bytes") + s.gauge(t, "go_memstats_stack_inuse_bytes")
}

// stall asks for a subscription and reads nothing.
func (h door) stall(request, token string, socket bool) {
	h.Helper()
	conn, err := (&net.Dialer{Control: narrow}).DialContext(h.Context(), "tcp", strings.TrimPrefix(h.servers[0].base, "http://"))
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = conn.Close() })
	if !socket {
		fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", token, len(request), request)
		return
	}
	fmt.Fprint(conn, "GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
	for _, text := range []string{`{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`, `{"id":"1","type":"subscribe","payload":` + request + `}`} {
		_, _ = conn.Write(append([]byte{0x81, 0x80 | 126, byte(len(text) >> 8), byte(len(text)), 0, 0, 0, 0}, text...)) // masked with zeroes
	}
}

// narrow makes a connection stall at once, not after the megabytes that the kernel
// would take from the server.
func narrow(_, _ string, raw syscall.RawConn) (err error) {
	failed := raw.Control(func(fd uintptr) {
		err = errors.Join(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4<<10), syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 536))
	})
	return errors.Join(failed, err)
}
