package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// watch is a subscription under way.
type watch struct {
	s      *stage
	values chan any // of data
	cut    func()   // breaks the connection off
}

// next is what comes next; nothing within patience ends the test.
func (w watch) next() any {
	w.s.Helper()
	select {
	case v, open := <-w.values:
		if !open {
			w.s.Fatal("the subscription ended")
		}
		return v
	case <-time.After(patience):
		w.s.Fatal("nothing came")
	}
	return nil
}

// subscribe opens a subscription over "websocket" or "sse".
func (s *stage) subscribe(over, as, document, vars string) watch {
	s.Helper()
	ctx, cut := context.WithCancel(s.Context())
	w := watch{s: s, values: make(chan any, 1000), cut: cut}
	request := map[string]any{"query": document, "variables": json.RawMessage(vars)}
	if over == "sse" {
		w.overSSE(ctx, s.token(as), encode(request))
	} else {
		w.overWebSocket(ctx, s.token(as), request)
	}
	s.Cleanup(cut)
	return w
}

// message is one of the graphql-transport-ws protocol.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

func (w watch) overWebSocket(ctx context.Context, token string, request map[string]any) {
	w.s.Helper()
	c := w.s.dial(ctx, nil)
	w.say(ctx, c, message{Type: "connection_init", Payload: json.RawMessage(encode(map[string]string{"Authorization": "Bearer " + token}))})
	if m := w.hear(ctx, c); m.Type != "connection_ack" {
		w.s.Fatalf("connection_init was answered with %s %s", m.Type, m.Payload)
	}
	w.say(ctx, c, message{ID: "1", Type: "subscribe", Payload: json.RawMessage(encode(request))})
	go func() {
		defer close(w.values)
		for {
			var m message
			if wsjson.Read(ctx, c, &m) != nil {
				_ = c.CloseNow()
				return
			}
			switch m.Type {
			case "ping":
				_ = wsjson.Write(ctx, c, message{Type: "pong"})
			case "next":
				w.values <- dig(parse(string(m.Payload)), "data")
			case "complete": // whoever waits for more is told
				return
			default:
				w.s.Errorf("the socket says %s %s", m.Type, m.Payload)
				return
			}
		}
	}()
}

func (s *stage) dial(ctx context.Context, header http.Header) *websocket.Conn {
	s.Helper()
	c, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(s.URL(), "http")+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: header})
	if err != nil {
		s.Fatal(err)
	}
	return c
}

func (w watch) say(ctx context.Context, c *websocket.Conn, m message) {
	w.s.Helper()
	if err := wsjson.Write(ctx, c, m); err != nil {
		w.s.Fatal(err)
	}
}

func (w watch) hear(ctx context.Context, c *websocket.Conn) (m message) {
	w.s.Helper()
	if err := wsjson.Read(ctx, c, &m); err != nil {
		w.s.Fatal(err)
	}
	return m
}

func (w watch) overSSE(ctx context.Context, token, request string) {
	w.s.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.s.URL()+"/graphql", strings.NewReader(request))
	if err != nil {
		w.s.Fatal(err)
	}
	req.Header = http.Header{"Accept": {"text/event-stream"}, "Content-Type": {"application/json"}, "Authorization": {"Bearer " + token}}
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		w.s.Fatal(err)
	}
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		w.s.Fatalf("%d %s", res.StatusCode, kind)
	}
	go func() {
		defer close(w.values)
		defer res.Body.Close()
		lines, event := bufio.NewScanner(res.Body), ""
		for lines.Scan() {
			name, text, _ := strings.Cut(lines.Text(), ": ")
			switch {
			case name == "event":
				event = text
			case name == "data" && event == "next":
				w.values <- dig(parse(text), "data")
			}
		}
	}()
}
