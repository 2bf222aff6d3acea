package egress_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/tributary/tributary/internal/egress"
)

// rebinding answers a name with a public address the first time and one of this
// machine from then on, as an attacker's server does that knows of checks before
// the dial.
type rebinding struct{ asked atomic.Int64 }

func (b *rebinding) resolver(t *testing.T) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go b.serve(theirs)
		t.Cleanup(func() { _ = theirs.Close() })
		return ours, nil
	}}
}

// serve answers questions that come over a stream: length, then message.
func (b *rebinding) serve(c net.Conn) {
	defer c.Close()
	var length [2]byte
	for {
		if _, err := readFull(c, length[:]); err != nil {
			return
		}
		raw := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := readFull(c, raw); err != nil {
			return
		}
		answer := b.answer(raw)
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

func readFull(c net.Conn, into []byte) (n int, err error) {
	for n < len(into) && err == nil {
		var m int
		m, err = c.Read(into[n:])
		n += m
	}
	return n, err
}

func (b *rebinding) answer(raw []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(raw) != nil || len(m.Questions) != 1 {
		return nil
	}
	m.Response, m.Additionals = true, nil
	if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
		address := [4]byte{127, 0, 0, 1}
		if b.asked.Add(1)%2 == 1 {
			address = [4]byte{192, 0, 2, 1}
		}
		m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: address}}}
	}
	out, _ := m.Pack()
	return out
}

// A name that leads elsewhere each time it is looked up gets nobody behind the wall:
// what is dialled is what was looked at. Without Control in the dialer the server is
// reached every second time.
func TestR3_NamesThatChangeTheirMindGainNothing(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer s.Close()
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	b := &rebinding{}
	c := egress.New(egress.Options{Resolver: b.resolver(t), Timeout: 2 * time.Second})
	const times = 10_000
	for range times {
		if _, err := c.Do(t.Context(), request(t, "http://rebind.example:"+port)); err == nil {
			t.Fatal("it was called")
		}
	}
	if reached.Load() != 0 || b.asked.Load() < times {
		t.Errorf("reached %d times, looked up %d times", reached.Load(), b.asked.Load())
	}
}
