package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// talk is a client of one socket.
type talk struct {
	*testing.T
	ws *websocket.Conn
}

// dial opens a socket.
func (s *running) dial(t *testing.T) talk {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), strings.Replace(s.base, "http", "ws", 1)+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return talk{t, ws}
}

// greeted opens a socket that may subscribe.
func (s *running) greeted(t *testing.T, token string) talk {
	t.Helper()
	c := s.dial(t)
	c.say(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`)
	if got := c.hear(); got != acknowledged {
		t.Fatal(got)
	}
	return c
}

const acknowledged = `{"type":"connection_ack"}`

// asking is a message that begins an operation.
func asking(id, document string) string {
	return `{"id":"` + id + `","type":"subscribe","payload":{"query":"` + document + `"}}`
}

// watching is one that begins a subscription that lasts.
func watching(id string) string { return asking(id, "subscription { events { id } }") }

func (c talk) say(text string) {
	c.Helper()
	if err := c.ws.Write(c.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.Fatal(err)
	}
}

// hear is the next message, or "CODE reason" of the close.
func (c talk) hear() string {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), 20*time.Second)
	defer cancel()
	_, text, err := c.ws.Read(ctx)
	if e, closed := errors.AsType[websocket.CloseError](err); closed {
		return fmt.Sprintf("%d %s", e.Code, e.Reason)
	}
	if err != nil {
		c.Fatal(err)
	}
	return string(text)
}

// hearPast is the next that is no message of this type.
func (c talk) hearPast(kind string) string {
	c.Helper()
	for {
		if got := c.hear(); !strings.HasPrefix(got, `{"type":"`+kind+`"`) {
			return got
		}
	}
}

// stream opens server-sent events.
func (s *running) stream(t *testing.T, token string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.base+"/graphql", strings.NewReader(`{"query":"subscription { events { id } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}, "Authorization": {"Bearer " + token}}
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// rest is all that a stream says until its end.
func rest(t *testing.T, res *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
