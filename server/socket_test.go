package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/auth"
)

// line is an open socket or stream of the real server: what it says, one text at
// a time, and how it ends.
type line struct {
	t    *testing.T
	said chan string
}

// hear is the next text that holds part; nothing within the time ends the test.
func (l line) hear(within time.Duration, part string) string {
	l.t.Helper()
	late := time.After(within)
	for {
		select {
		case text := <-l.said:
			if strings.Contains(text, part) {
				return text
			}
		case <-late:
			l.t.Fatalf("nothing with %q within %v", part, within)
		}
	}
}

// socket opens a WebSocket of a page; its end is said as "CODE reason".
func socket(t *testing.T, r *running, token, origin string, messages ...string) line {
	t.Helper()
	h := http.Header{}
	if origin != "" {
		h.Set("Origin", origin)
	}
	ws, _, err := websocket.Dial(t.Context(), strings.Replace(r.URL(), "http", "ws", 1)+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: h})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	for _, text := range append([]string{`{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`}, messages...) {
		if err := ws.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	l := line{t, make(chan string, 100)}
	go func() {
		for {
			_, text, err := ws.Read(context.Background())
			if err != nil {
				l.said <- fmt.Sprintf("%d %v", websocket.CloseStatus(err), err)
				return
			}
			l.said <- string(text)
		}
	}()
	return l
}

// stream opens server-sent events; their end is said as "over".
func stream(t *testing.T, r *running, token string) line {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL()+"/graphql", strings.NewReader(`{"query":"`+watching+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}, "Authorization": {"Bearer " + token}}
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	l := line{t, make(chan string, 100)}
	go func() {
		defer res.Body.Close()
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			l.said <- lines.Text()
		}
		l.said <- "over"
	}()
	return l
}

const (
	watching = `subscription { events { id } }`
	watch    = `{"id":"1","type":"subscribe","payload":{"query":"` + watching + `"}}`
)

// R8: a server that stops closes its WebSockets with a code that tells clients
// to come back.
func TestR8_StopClosesSocketsWithACodeThatSaysComeBack(t *testing.T) {
	t.Parallel()
	r := serve(t)
	l := socket(t, r, ownerToken(t, r), "", watch)
	l.hear(patience, "connection_ack")
	eventually(t, patience, "the socket is counted", func() bool { return r.traffic.streams.Load() == 1 })
	r.quit()
	if got := l.hear(patience, " "); !strings.HasPrefix(got, "1012") {
		t.Errorf("closed with %s", got)
	}
	r.stop(t)
}

// R1: a token that is revoked or expires and a session that ends lose their
// sockets and streams within a second, on this server and on another one of the
// house. With the watch taken out of transport's identify and
// stream, nothing is heard.
func TestR1_WhatEndsLosesItsConnectionsOnEveryServer(t *testing.T) {
	t.Parallel()
	here := serve(t)
	servers := []*running{here}
	if here.store.Dialect() == "postgres" { // SQLite is one server's
		servers = append(servers, serve(t, func(c *Config) {
			c.Place = Place{DataDir: t.TempDir(), DatabaseURL: here.cfg.DatabaseURL, KeyFile: here.cfg.KeyFile}
		}))
	}
	who, err := here.rooms.auth.SignUp(t.Context(), auth.SignUpInput{Email: "owner@ends.example", Password: "correct horse battery", Name: "Owner", MerchantName: "Ends", Currency: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	owner := trust.With(t.Context(), trust.Viewer{MerchantID: who.MerchantID, PrincipalID: who.UserID, Kind: trust.KindUser, Role: trust.Owner, SessionID: who.SessionID})
	token := func(life time.Duration) auth.TokenOutcome {
		in := auth.TokenCreateInput{Name: "feed", Scopes: []trust.Scope{trust.EventRead}}
		if life > 0 {
			at := time.Now().Add(life)
			in.ExpiresAt = &at
		}
		made, err := here.rooms.auth.TokenCreate(owner, in)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	revoked, expiring := token(0), token(3*time.Second)
	expires := time.Now().Add(3 * time.Second)
	for name, c := range map[string]struct {
		bearer string
		lose   func() error
	}{
		"revoked": {revoked.Secret, func() error {
			_, err := here.rooms.auth.TokenRevoke(owner, auth.TokenRevokeInput{ID: revoked.TokenID})
			return err
		}},
		"expired":    {expiring.Secret, func() error { time.Sleep(time.Until(expires)); return nil }},
		"logged out": {who.AccessToken, func() error { return here.rooms.auth.LogOut(owner) }},
	} {
		var lines []line
		for _, r := range servers {
			s := socket(t, r, c.bearer, "", watch)
			s.hear(patience, "connection_ack")
			lines = append(lines, s, stream(t, r, c.bearer))
			lines[len(lines)-1].hear(patience, ":")
		}
		if err := c.lose(); err != nil {
			t.Fatal(err)
		}
		lost := time.Now()
		for i, l := range lines {
			if i%2 == 0 {
				if got := l.hear(patience, " "); !strings.HasPrefix(got, "4403") {
					t.Errorf("%s: the socket ended with %s", name, got)
				}
				continue
			}
			if got := l.hear(patience, "data: {"); !strings.Contains(got, `"code":"UNAUTHENTICATED"`) {
				t.Errorf("%s: the stream said %s", name, got)
			}
			l.hear(patience, "event: complete")
			l.hear(patience, "over")
		}
		if took := time.Since(lost); took > time.Second {
			t.Errorf("%s: lost after %v", name, took)
		}
	}
}

// R1: a publishable key opens sockets on its own pages only, as it does requests.
func TestR1_KeysOpenSocketsOnTheirPages(t *testing.T) {
	t.Parallel()
	const page, other = "https://shop.example", "https://app.example"
	r := serve(t, func(c *Config) { c.CORSOrigins = []string{page, other} })
	who, err := r.rooms.auth.SignUp(t.Context(), auth.SignUpInput{Email: "owner@key.example", Password: "correct horse battery", Name: "Owner", MerchantName: "Key", Currency: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	owner := trust.With(t.Context(), trust.Viewer{MerchantID: who.MerchantID, PrincipalID: who.UserID, Kind: trust.KindUser, Role: trust.Owner})
	key, err := r.rooms.auth.TokenCreate(owner, auth.TokenCreateInput{Name: "page", Kind: "PUBLISHABLE", Scopes: []trust.Scope{trust.TouchWrite}, Origins: []string{page}})
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]string{page: "connection_ack", other: "4403", "": "connection_ack"} {
		if got := <-socket(t, r, key.Secret, origin).said; !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", origin, got, want)
		}
	}
}

// The log names who opened a socket, and not by the token.
func TestSocketsAreLoggedWithTheirPrincipal(t *testing.T) {
	t.Parallel()
	r := serve(t)
	token := ownerToken(t, r)
	l := socket(t, r, token, "", `{"type":"connection_init"}`)
	l.hear(patience, "4429")
	eventually(t, patience, "its line", func() bool {
		for text := range strings.Lines(r.log.String()) {
			var e struct{ Msg, Principal string }
			if json.Unmarshal([]byte(text), &e) == nil && e.Msg == "socket" && strings.HasPrefix(e.Principal, "tok_") {
				return true
			}
		}
		return false
	})
	if strings.Contains(r.log.String(), token) {
		t.Error("the log holds the token")
	}
}
