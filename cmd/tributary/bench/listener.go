package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// listener is one WebSocket that watches, spoken by hand: a full client would
// cost more than the server that is measured.
type listener struct {
	conn net.Conn
	in   *bufio.Reader

	mu    sync.Mutex
	heard []arrival
	over  bool
}

// arrival is one message at one subscriber.
type arrival struct {
	key [keySize]byte
	at  time.Time
}

// Kinds of frames.
const (
	frameText = 0x81
	framePing = 0x89
	framePong = 0x8A
)

// listeners opens so many sockets and subscribes, if there are tokens.
func listeners(ctx context.Context, addr string, n int, tokens []string, document string) (all []*listener, err error) {
	for i := range n {
		l, err := dialListener(ctx, addr)
		if err != nil {
			closeAll(all)
			return nil, err
		}
		all = append(all, l)
		if tokens == nil {
			continue
		}
		if err := l.subscribe(tokens[i/socketsEach], document); err != nil {
			closeAll(all)
			return nil, err
		}
	}
	return all, nil
}

func closeAll(all []*listener) {
	for _, l := range all {
		_ = l.conn.Close()
	}
}

func dialListener(ctx context.Context, addr string) (*listener, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	l := &listener{conn: conn, in: bufio.NewReaderSize(conn, 2<<10)}
	_, _ = io.WriteString(conn, "GET /graphql HTTP/1.1\r\nHost: "+addr+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
	status, err := l.in.ReadString('\n') // which fails too when nothing could be written
	for line := status; err == nil && line != "\r\n"; {
		line, err = l.in.ReadString('\n')
	}
	if err != nil || !strings.Contains(status, " 101 ") {
		_ = conn.Close()
		return nil, fmt.Errorf("no WebSocket: %s %w", strings.TrimSpace(status), err)
	}
	return l, nil
}

// subscribe says who watches and what.
func (l *listener) subscribe(token, document string) error {
	if err := l.say(frameText, fmt.Appendf(nil, `{"type":"connection_init","payload":{"Authorization":"Bearer %s"}}`, token)); err != nil {
		return err
	}
	kind, ack, err := l.frame(nil)
	if err != nil || kind != frameText || !bytes.Contains(ack, []byte("connection_ack")) {
		return fmt.Errorf("%w: %.200s %v", errGreeting, ack, err)
	}
	return l.say(frameText, fmt.Appendf(nil, `{"id":"1","type":"subscribe","payload":{"query":%q}}`, document))
}

// say sends a short frame, masked with zeroes.
func (l *listener) say(kind byte, text []byte) error {
	frame := []byte{kind, 0x80 | byte(len(text)), 0, 0, 0, 0}
	if len(text) > 125 {
		frame = []byte{kind, 0x80 | 126, byte(len(text) >> 8), byte(len(text)), 0, 0, 0, 0}
	}
	_, err := l.conn.Write(append(frame, text...))
	return err
}

// frame reads one frame into buf, or a larger one.
func (l *listener) frame(buf []byte) (kind byte, text []byte, err error) {
	var head [10]byte
	if _, err := io.ReadFull(l.in, head[:2]); err != nil {
		return 0, nil, err
	}
	kind = head[0] | 0x80
	size := int(head[1] & 0x7F)
	switch size {
	case 126:
		_, err = io.ReadFull(l.in, head[:2])
		size = int(binary.BigEndian.Uint16(head[:2]))
	case 127:
		_, err = io.ReadFull(l.in, head[:8])
		size = int(binary.BigEndian.Uint32(head[4:8]))
	}
	if err != nil {
		return 0, nil, err
	}
	if size > cap(buf) {
		buf = make([]byte, size)
	}
	_, err = io.ReadFull(l.in, buf[:size])
	return kind, buf[:size], err
}

// listen notes what comes until the socket ends.
func (l *listener) listen() {
	buf := make([]byte, 1<<10)
	for {
		kind, text, err := l.frame(buf)
		if err == nil && kind == framePing {
			err = l.say(framePong, text)
		}
		if err != nil {
			break
		}
		if key, ok := idAfter(text, marker); ok && kind == frameText {
			l.hears(key)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
}

func (l *listener) hears(key string) {
	one := arrival{at: time.Now()}
	copy(one.key[:], key)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = append(l.heard, one)
}

// take gives what was heard since the last time.
func (l *listener) take() []arrival {
	l.mu.Lock()
	defer l.mu.Unlock()
	heard := l.heard
	l.heard = nil
	return heard
}

// has reports whether n messages have come, or no more will.
func (l *listener) has(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over || len(l.heard) >= n
}

func (l *listener) ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}
