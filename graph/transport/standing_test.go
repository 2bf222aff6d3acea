package transport

import (
	"strings"
	"testing"
	"time"
)

// R1: what a token opened ends with the token, within a second, also when the
// token comes to mean something else, and does not when nobody can tell. Without
// the watch in identify and in stream both hear nothing more.
func TestR1_LostTokensLoseTheirConnections(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*place){
		"ErrRevoked": func(p *place) { p.revoked.Store(true) },
		"ErrChanged": func(p *place) { p.demoted.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t)
			c, r := p.dial(""), p.read("Authorization: Bearer good\n", "subscription{forever}")
			c.say(`{"type":"connection_init","payload":{"Authorization":"Bearer good"}}`)
			c.hear()
			c.say(subscribing("1", "subscription{forever}"))
			c.hear()
			_, _ = r.next(), r.next()
			p.unknown.Store(true)
			time.Sleep(50 * time.Millisecond) // a few looks that find nobody to ask
			c.say(`{"type":"ping"}`)
			if got := c.hear(); got != `{"type":"pong"}` {
				t.Fatalf("lost while nobody could tell: %s", got)
			}
			p.unknown.Store(false)
			began := time.Now()
			lose(p)
			if got := c.hear(); !strings.HasPrefix(got, "4403 Forbidden: ") {
				t.Errorf("the socket: %s", got)
			}
			if said := r.next() + r.next() + r.next(); !strings.Contains(said, `event: nextdata: {"errors":[{"message":"refused","extensions":{"code":"UNAUTHENTICATED"}}]}event: complete`) {
				t.Errorf("the stream: %s", said)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("after %v", took)
			}
			eventually(t, patience, "their end", func() bool { return p.lasting.Load() == 0 })
		})
	}
}
