package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/tributary/tributary/internal/hostile"
)

// conversations with the finished binary: a line with ">" is said, one with "<" is
// heard, to its first characters where it ends with "…". TOKEN is the owner's.
var conversations = map[string]string{
	"a query": `> GREETING
		< {"type":"connection_ack"}
		> QUERY
		< {"id":"1","type":"next","payload":{"data":{"__typename":"Query"}}}
		< {"id":"1","type":"complete"}
		> QUERY
		< {"id":"1","type":"next","payload":{"data":{"__typename":"Query"}}}
		< {"id":"1","type":"complete"}`,
	"an error is not completed, and its id is free again": `> GREETING
		< {"type":"connection_ack"}
		> {"id":"1","type":"subscribe","payload":{"query":"{ nope }"}}
		< {"id":"1","type":"error","payload":[{…
		> {"type":"ping","payload":{"a":1}}
		< {"type":"pong","payload":{"a":1}}
		> QUERY
		< {"id":"1","type":"next",…`,
	"no JSON":              "> canary\n< 4400 Invalid message",
	"no object":            "> []\n< 4400 Invalid message",
	"no type":              "> {}\n< 4400 Invalid message",
	"an unknown type":      "> {\"type\":\"start\"}\n< 4400 Invalid message",
	"a greeting's payload": "> {\"type\":\"connection_init\",\"payload\":1}\n< 4400 Invalid message",
	"no id":                "> GREETING\n< {\"type\":\"connection_ack\"}\n> {\"type\":\"subscribe\",\"payload\":{\"query\":\"{ __typename }\"}}\n< 4400 Invalid message",
	"no document":          "> GREETING\n< {\"type\":\"connection_ack\"}\n> {\"id\":\"1\",\"type\":\"subscribe\"}\n< 4400 Invalid message",
	"too early":            "> QUERY\n< 4401 Unauthorized",
	"a wrong token":        "> {\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer nonsense\"}}\n< 4403 Forbidden…",
	"another scheme":       "> {\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Basic eDp5\"}}\n< 4403 Forbidden…",
	"silence":              "< 4408 Connection initialisation timeout",
	"an id in use":         "> GREETING\n< {\"type\":\"connection_ack\"}\n> WATCH\n> QUERY\n< 4409 Subscriber for 1 already exists",
	"two greetings":        "> GREETING\n< {\"type\":\"connection_ack\"}\n> GREETING\n< 4429 Too many initialisation requests",
	"a megabyte":           "> MEGABYTE\n< {\"type\":\"pong\"…",
	"more than a megabyte": "> MEGABYTES\n< 1009 …",
}

// R1: each close code of the protocol, at the finished binary.
func TestR1_TheBinaryTalksOnSockets(t *testing.T) {
	t.Parallel()
	h := openDoor(t, 1, "TRIBUTARY_RATE_ADDRESS=off")
	frame := func(n int) string { return `{"type":"ping","payload":{"x":"` + strings.Repeat("x", n-34) + `"}}` }
	words := strings.NewReplacer("GREETING", `{"type":"connection_init","payload":{"Authorization":"Bearer `+h.token(nil).Secret+`"}}`,
		"QUERY", asking("1", "{ __typename }"), "WATCH", watching("1"), "MEGABYTES", frame(1<<20+1), "MEGABYTE", frame(1<<20))
	for name, lines := range conversations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := h.servers[0].dial(t)
			for line := range strings.Lines(lines) {
				line = strings.TrimSpace(line)
				if said, is := strings.CutPrefix(line, "> "); is {
					_ = c.ws.Write(t.Context(), websocket.MessageText, []byte(words.Replace(said))) // the other side may close while it is sent
					continue
				}
				want, cut := strings.CutSuffix(line[2:], "…")
				if got := c.hear(); got != want && (!cut || !strings.HasPrefix(got, want)) || strings.Contains(got, "canary") {
					t.Fatalf("heard %.200s\nwanted %s", got, want)
				}
			}
		})
	}
}

// R1: what may not become a socket is refused before it does.
func TestR1_TheBinaryRefusesUpgrades(t *testing.T) {
	t.Parallel()
	s := startAt(t, t.TempDir(), databaseURL(t), "127.0.0.1:0", "TRIBUTARY_CORS_ORIGINS=https://app.example")
	for _, c := range []struct {
		protocol, origin string
		status           int
	}{
		{"graphql-transport-ws", "", 101}, {"graphql-ws, graphql-transport-ws", "", 101}, {"graphql-transport-ws", s.base, 101}, {"graphql-transport-ws", "https://app.example", 101},
		{"", "", 400}, {"graphql-ws", "", 400}, {"chat, GRAPHQL-TRANSPORT-WS", "", 400},
		{"graphql-transport-ws", "https://evil.example", 403}, {"graphql-transport-ws", "http://app.example", 403},
		{"graphql-transport-ws", "https://app.example.evil.example", 403}, {"graphql-transport-ws", "null", 403}, {"graphql-transport-ws", "file://", 403},
	} {
		headers := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
		for name, value := range map[string]string{"Sec-WebSocket-Protocol": c.protocol, "Origin": c.origin} {
			if value != "" {
				headers = append(headers, name, value)
			}
		}
		if got := s.upgrade(t, headers...); got.StatusCode != c.status || c.status >= 400 && hostile.Refused(got.text, hostile.AnyCode) != "" {
			t.Errorf("%+v: %d %s", c, got.StatusCode, got.text)
		}
	}
}

// upgrade is send for what may become a socket, which is closed.
func (s *running) upgrade(t *testing.T, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.base+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := plain.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode == http.StatusSwitchingProtocols {
		_ = res.Body.Close()
		return reply{Response: res}
	}
	return reply{res, rest(t, res)}
}

// R1: a hundred operations on a socket and twenty sockets of a principal; floods of
// operations, and then an id that comes twice, leave no goroutine after five seconds
// and little memory. Three floods: what leaves one goroutine behind at each of its
// sockets leaves sixty, and a server that has just begun starts ten of its own.
func TestR1_TheBinaryBoundsFloods(t *testing.T) {
	t.Parallel()
	h := openDoor(t, 1, "TRIBUTARY_RATE_ADDRESS=off")
	s, token := h.servers[0], h.token(nil).Secret
	s.greeted(t, token).ws.CloseNow() //nolint:errcheck // what is made once is there from now on
	plain.CloseIdleConnections()
	before, held := s.gauge(t, "go_goroutines"), s.memory(t, "RssAnon")
	for range 3 {
		s.flood(t, token)
	}
	took := settles(t, 5*time.Second, "their goroutines' end", func() bool { return s.gauge(t, "go_goroutines") <= before+30 })
	grown := s.memory(t, "RssAnon") - held
	t.Logf("gone after %v; %d MiB more", took, grown>>20)
	if grown > 64<<20 {
		t.Errorf("%d MiB more", grown>>20)
	}
}

// flood opens all the sockets a principal may have, asks too much of each, and ends
// with all of them closed by the server.
func (s *running) flood(t *testing.T, token string) {
	t.Helper()
	var crowd []talk
	for range 20 {
		settles(t, 20*time.Second, "a place that a closed socket had", func() bool {
			c := s.dial(t)
			c.say(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`)
			seated := c.hear() == acknowledged
			if seated {
				crowd = append(crowd, c)
			}
			return seated
		})
	}
	more := s.dial(t)
	more.say(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`)
	if got := more.hear(); got != "1013 Too many sockets: close one first" {
		t.Errorf("the twenty-first: %s", got)
	}
	refused, idle := 0, s.gauge(t, "go_goroutines")
	for i := range 1000 {
		crowd[0].say(watching(fmt.Sprint(i)))
	}
	for range 900 {
		if got := crowd[0].hear(); strings.Contains(got, `"RATE_LIMITED"`) {
			refused++
		}
	}
	if grown := s.gauge(t, "go_goroutines") - idle; refused != 900 || grown > 5*100 { // two or three each, and the pool's; a thousand would have two thousand
		t.Errorf("%d of 1000 operations refused, %d goroutines for a hundred", refused, grown)
	}
	for _, c := range crowd[1:] {
		c.say(watching("1"))
	}
	for i, c := range crowd {
		c.say(watching(fmt.Sprint(min(i, 1)))) // its second
		if got := c.hear(); !strings.HasPrefix(got, "4409 ") {
			t.Errorf("socket %d: %s", i, got)
		}
	}
}
