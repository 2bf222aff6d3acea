package transport

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

func failedWith(extensions map[string]any) *graphql.Response {
	return &graphql.Response{Errors: gqlerror.List{{Message: "refused", Extensions: extensions}}}
}

// talk is a client of one socket.
type talk struct {
	*testing.T
	ws *websocket.Conn
}

// dial opens a socket; headers are "Name: value" lines.
func (p *place) dial(headers string) talk {
	p.t.Helper()
	h := http.Header{}
	for line := range strings.Lines(headers) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		h.Set(name, value)
	}
	ws, _, err := websocket.Dial(p.t.Context(), p.URL, &websocket.DialOptions{Subprotocols: []string{protocol}, HTTPHeader: h})
	if err != nil {
		p.t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	p.t.Cleanup(func() { _ = ws.CloseNow() })
	return talk{p.t, ws}
}

func (c talk) say(text string) {
	c.Helper()
	if err := c.ws.Write(c.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.Fatal(err)
	}
}

// hear is the next message, or "CODE reason" of the close.
func (c talk) hear() string {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	_, text, err := c.ws.Read(ctx)
	if err == nil {
		return string(text)
	}
	if ctx.Err() != nil {
		c.Fatal("nothing came")
	}
	if e, closed := asClose(err); closed {
		return fmt.Sprintf("%d %s", e.Code, e.Reason)
	}
	return "cut: " + err.Error()
}

func asClose(err error) (e websocket.CloseError, closed bool) {
	for ; err != nil; err = unwrap(err) {
		if e, closed = err.(websocket.CloseError); closed {
			return e, true
		}
	}
	return e, false
}

func unwrap(err error) error {
	if w, can := err.(interface{ Unwrap() error }); can {
		return w.Unwrap()
	}
	return nil
}

const (
	initial = `{"type":"connection_init"}`
	ack     = `{"type":"connection_ack"}`
)

func subscribing(id, document string) string {
	return `{"id":"` + id + `","type":"subscribe","payload":{"query":"` + document + `"}}`
}

// R1: the protocol of WebSockets, each close code among it: a line with ">" is
// said, one with "<" is heard. Taking a rule out of hear, greet, subscribe or
// enter makes its rows fail.
func TestR1_TalksOnASocket(t *testing.T) {
	t.Parallel()
	p := open(t)
	greeting := "> " + initial + "\n< " + ack + "\n"
	for name, lines := range map[string]string{
		"OK a query": greeting + "> " + subscribing("1", "{name}") + `
			< {"id":"1","type":"next","payload":{"data":{"name":"value"}}}
			< {"id":"1","type":"complete"}`,
		"OK a mutation": greeting + "> " + subscribing("m", "mutation{change}") + `
			< {"id":"m","type":"next","payload":{"data":{"change":"value"}}}
			< {"id":"m","type":"complete"}`,
		"OK a subscription": greeting + "> " + subscribing("s", "subscription{count(to:2)}") + `
			< {"id":"s","type":"next","payload":{"data":{"n":1}}}
			< {"id":"s","type":"next","payload":{"data":{"n":2}}}
			< {"id":"s","type":"complete"}`,
		"OK an id again": greeting + "> " + subscribing("1", "subscription{count(to:0)}") + `
			< {"id":"1","type":"complete"}
			> ` + subscribing("1", "{nothing}") + `
			< {"id":"1","type":"error","payload":[{"message":"refused","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}
			> ` + subscribing("1", "subscription{forever}") + `
			< {"id":"1","type":"next","payload":{"data":{"n":1}}}
			> {"id":"1","type":"complete"}
			> ` + subscribing("1", "{name}") + `
			< {"id":"1","type":"next","payload":{"data":{"name":"value"}}}
			< {"id":"1","type":"complete"}`,
		"OK no complete after error": greeting + "> " + subscribing("1", "subscription{refused}") + `
			< {"id":"1","type":"error","payload":[{"message":"refused","extensions":{"code":"FORBIDDEN"}}]}
			> {"type":"ping"}
			< {"type":"pong"}`,
		"OK pings, greeted or not": `> {"type":"ping"}
			< {"type":"pong"}
			> {"type":"ping","payload":{"a":1}}
			< {"type":"pong","payload":{"a":1}}
			> {"type":"pong"}
			> {"type":"ping","payload":null}
			< {"type":"pong","payload":null}`,
		"OK a token": `> {"type":"connection_init","payload":{"Authorization":"Bearer good"}}
			< ` + ack + "\n> " + subscribing("1", "{who}") + `
			< {"id":"1","type":"next","payload":{"data":{"who":"tok_1"}}}
			< {"id":"1","type":"complete"}`,
		"OK nothing to complete": greeting + `> {"id":"9","type":"complete"}
			> {"type":"ping"}
			< {"type":"pong"}`,
		"OK deadlines": greeting + "> " + subscribing("1", "{deadline}") + `
			< {"id":"1","type":"next","payload":{"data":{"deadline":true}}}
			< {"id":"1","type":"complete"}
			> ` + subscribing("2", "subscription{deadline}") + `
			< {"id":"2","type":"next","payload":{"data":{"deadline":false}}}
			< {"id":"2","type":"complete"}`,
		"OK a panic": greeting + "> " + subscribing("1", "subscription{boom}") + `
			< {"id":"1","type":"error","payload":[{"message":"refused","extensions":{"code":"INTERNAL"}}]}
			> {"type":"ping"}
			< {"type":"pong"}`,
		"OK an empty payload": `> {"type":"connection_init","payload":{}}
			< ` + ack,

		"ErrBad not JSON":             "> canary\n< 4400 Invalid message",
		"ErrBad not an object":        "> []\n< 4400 Invalid message",
		"ErrBad null":                 "> null\n< 4400 Invalid message",
		"ErrBad no type":              "> {}\n< 4400 Invalid message",
		"ErrBad type":                 "> {\"type\":1}\n< 4400 Invalid message",
		"ErrBad type's case":          "> {\"TYPE\":\"ping\"}\n< 4400 Invalid message",
		"ErrBad unknown type":         "> {\"type\":\"start\"}\n< 4400 Invalid message",
		"ErrBad legacy init":          "> {\"type\":\"connection_terminate\"}\n< 4400 Invalid message",
		"ErrBad init's payload":       "> {\"type\":\"connection_init\",\"payload\":1}\n< 4400 Invalid message",
		"ErrBad ping's payload":       "> {\"type\":\"ping\",\"payload\":1}\n< 4400 Invalid message",
		"ErrBad no id":                greeting + "> {\"type\":\"subscribe\",\"payload\":{\"query\":\"{name}\"}}\n< 4400 Invalid message",
		"ErrBad empty id":             greeting + "> " + subscribing("", "{name}") + "\n< 4400 Invalid message",
		"ErrBad id":                   greeting + "> {\"id\":1,\"type\":\"subscribe\",\"payload\":{\"query\":\"{name}\"}}\n< 4400 Invalid message",
		"ErrBad no payload":           greeting + "> {\"id\":\"1\",\"type\":\"subscribe\"}\n< 4400 Invalid message",
		"ErrBad payload's query":      greeting + "> {\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{\"query\":1}}\n< 4400 Invalid message",
		"ErrBad payload's variables":  greeting + "> {\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{\"query\":\"{name}\",\"variables\":1}}\n< 4400 Invalid message",
		"ErrBad complete without id":  greeting + "> {\"type\":\"complete\"}\n< 4400 Invalid message",
		"ErrUnauthorized":             "> " + subscribing("1", "{name}") + "\n< 4401 Unauthorized",
		"ErrForbidden token":          "> {\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer bad\"}}\n< 4403 Forbidden: the token is not valid",
		"ErrForbidden scheme":         "> {\"type\":\"connection_init\",\"payload\":{\"authorization\":\"Basic eDp5\"}}\n< 4403 Forbidden: the token is not valid",
		"ErrForbidden page":           "> {\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer page\"}}\n< 4403 Forbidden: this token may not be used here",
		"ErrTwice":                    greeting + "> " + initial + "\n< 4429 Too many initialisation requests",
		"ErrDuplicate":                greeting + "> " + subscribing("1", "subscription{forever}") + "\n< {\"id\":\"1\",\"type\":\"next\",\"payload\":{\"data\":{\"n\":1}}}\n> " + subscribing("1", "{name}") + "\n< 4409 Subscriber for 1 already exists",
		"ErrDuplicate of a long name": greeting + "> " + subscribing(strings.Repeat("ü", 99), "subscription{forever}") + "\n< {\"id\":\"" + strings.Repeat("ü", 99) + "\",\"type\":\"next\",\"payload\":{\"data\":{\"n\":1}}}\n> " + subscribing(strings.Repeat("ü", 99), "{name}") + "\n< 4409 Subscriber for " + strings.Repeat("ü", 46) + " already exists",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := p.dial("")
			c.T = t
			for line := range strings.Lines(lines) {
				switch line = strings.TrimSpace(line); {
				case strings.HasPrefix(line, "> "):
					c.say(line[2:])
				case strings.HasPrefix(line, "< "):
					if got := c.hear(); got != line[2:] {
						t.Fatalf("heard %s\nwanted %s", got, line[2:])
					}
				}
			}
		})
	}
}

// R1: what may not become a socket is refused before it does.
func TestR1_UpgradesAreRefused(t *testing.T) {
	t.Parallel()
	p := open(t)
	for name, c := range map[string]struct {
		headers string
		status  int
	}{
		"OK":                          {"Sec-WebSocket-Protocol: graphql-transport-ws", 101},
		"OK among others":             {"Sec-WebSocket-Protocol: graphql-ws, graphql-transport-ws", 101},
		"OK our own page":             {"Sec-WebSocket-Protocol: graphql-transport-ws\nOrigin: " + p.URL, 101},
		"OK a listed page":            {"Sec-WebSocket-Protocol: graphql-transport-ws\nOrigin: https://app.example", 101},
		"ErrProtocol none":            {"", 400},
		"ErrProtocol legacy":          {"Sec-WebSocket-Protocol: graphql-ws", 400},
		"ErrProtocol unknown":         {"Sec-WebSocket-Protocol: chat, GRAPHQL-TRANSPORT-WS", 400},
		"ErrOrigin":                   {"Sec-WebSocket-Protocol: graphql-transport-ws\nOrigin: https://evil.example", 403},
		"ErrOrigin another scheme":    {"Sec-WebSocket-Protocol: graphql-transport-ws\nOrigin: http://app.example", 403},
		"ErrOrigin that looks listed": {"Sec-WebSocket-Protocol: graphql-transport-ws\nOrigin: https://app.example.evil.example", 403},
		"ErrOrigin opaque":            {"Sec-WebSocket-Protocol: graphql-transport-ws\nOrigin: null", 403},
		"ErrOrigin without a host":    {"Sec-WebSocket-Protocol: graphql-transport-ws\nOrigin: file://", 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := p.send("GET", "/", "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n"+c.headers, "")
			if a.StatusCode != c.status || c.status >= 400 && !strings.Contains(a.text, `"code":`) {
				t.Errorf("%d %s", a.StatusCode, a.text)
			}
		})
	}
}

// A publishable key is for its own pages, over sockets as well.
func TestKeysAreForTheirPages(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := p.dial("Origin: https://app.example")
	c.say(`{"type":"connection_init","payload":{"Authorization":"Bearer page"}}`)
	if got := c.hear(); got != ack {
		t.Error(got)
	}
}

// The token of the upgrade is the socket's, unless connection_init brings another.
func TestUpgradeMayBringTheToken(t *testing.T) {
	t.Parallel()
	p := open(t)
	for init, who := range map[string]string{initial: "tok_1", `{"type":"connection_init","payload":{"Authorization":"Bearer user2"}}`: "user2"} {
		c := p.dial("Authorization: Bearer good")
		c.say(init)
		c.hear()
		c.say(subscribing("1", "{who}"))
		if got := c.hear(); !strings.Contains(got, `"`+who+`"`) {
			t.Errorf("%s: %s", init, got)
		}
	}
}

// R1: who says nothing is sent away.
func TestR1_InitIsAwaitedForAWhile(t *testing.T) {
	t.Parallel()
	p := open(t, func(c *Config) { c.Limits.Init = 20 * time.Millisecond })
	if got := p.dial("").hear(); got != "4408 Connection initialisation timeout" {
		t.Error(got)
	}
}

func TestUnansweredTokensComeBack(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.unknown.Store(true)
	c := p.dial("")
	c.say(`{"type":"connection_init","payload":{"Authorization":"Bearer good"}}`)
	if got := c.hear(); got != "1013 The token could not be looked up: try again" {
		t.Error(got)
	}
}

// Binary frames are not messages.
func TestMessagesAreText(t *testing.T) {
	t.Parallel()
	c := open(t).dial("")
	if err := c.ws.Write(t.Context(), websocket.MessageBinary, []byte(initial)); err != nil {
		t.Fatal(err)
	}
	if got := c.hear(); got != "4400 Messages are text" {
		t.Error(got)
	}
}

// R2: each operation asks to be let in, and one that is not has an error for an
// answer; its socket goes on. Without the question in run all three are answered.
func TestR2_OperationsOnASocketAreAdmittedOneByOne(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	p := open(t, func(c *Config) {
		c.Admit = func(ctx context.Context) error {
			if v, _ := trust.From(ctx); v.PrincipalID != "tok_1" {
				t.Errorf("asked for %+v", v)
			}
			if asked.Add(1) == 2 {
				return problem.New(problem.RateLimited, "later")
			}
			return nil
		}
	})
	c := p.dial("Authorization: Bearer good")
	c.say(initial)
	c.hear()
	for _, want := range []string{`"type":"next"`, `{"id":"1","type":"error","payload":[{"message":"refused","extensions":{"code":"RATE_LIMITED"}}]}`, `"type":"next"`} {
		c.say(subscribing("1", "{name}"))
		if got := c.hear(); !strings.Contains(got, want) {
			t.Fatalf("heard %s, wanted %s", got, want)
		}
		if strings.Contains(want, "next") {
			c.hear() // complete
		}
	}
}
