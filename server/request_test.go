package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// chainOf is a server's chain around one handler, without a server.
func chainOf(log *logBook, h http.HandlerFunc) http.Handler {
	p := &Program{cfg: Config{Log: log.logger()}, metrics: newMetrics()}
	t := &table{mux: http.NewServeMux()}
	t.handle("/thing/{id}", h)
	return p.chain(t)
}

func TestRequestIDIsTakenOverOnlyWhenSane(t *testing.T) {
	t.Parallel()
	var seen string
	h := chainOf(&logBook{}, func(_ http.ResponseWriter, r *http.Request) { seen = store.RequestID(r.Context()) })
	for sent, kept := range map[string]bool{
		"0f5b2f0e-3c6b-4d57-9a0b-8d6a2c1b7f11": true,
		"trace_1234":                           true,
		"":                                     false,
		"short":                                false,
		"with spaces in it":                    false,
		"line\nbreak-line":                     false,
		`quote"quote"quote`:                    false,
		strings.Repeat("x", 65):                false,
	} {
		r := httptest.NewRequest("GET", "/thing/1", nil)
		r.Header[requestHeader] = []string{sent}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get(requestHeader); (got == sent) != kept || got != seen || !saneID.MatchString(got) {
			t.Errorf("%q: answered %q, inside %q", sent, got, seen)
		}
	}
}

func TestPanicIsAnsweredWithoutItsText(t *testing.T) {
	t.Parallel()
	log := &logBook{}
	w := httptest.NewRecorder()
	chainOf(log, func(http.ResponseWriter, *http.Request) { panic("secret of the house") }).ServeHTTP(w, httptest.NewRequest("GET", "/thing/1", nil))
	if w.Code != 500 || !strings.Contains(w.Body.String(), `"code":"INTERNAL"`) || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("answer: %d %s", w.Code, w.Body)
	}
	for _, want := range []string{"secret of the house", "request_test.go", w.Header().Get(requestHeader)} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not tell %q", want)
		}
	}
}

// Canaries: neither tokens nor query strings nor paths reach log or metrics.
func TestLogAndMetricsHoldNoSecretsAndFewLabels(t *testing.T) {
	t.Parallel()
	r := serve(t)
	canary := "canary5f3a"
	for i := range 50 {
		r.send(t, "GET", fmt.Sprintf("/%s%d?token=%s", canary, i, canary), "", "Authorization", "Bearer "+canary, "User-Agent", canary, "X-Forwarded-For", canary)
		r.send(t, "GET", fmt.Sprintf("/r/%s%d?email=%s", canary, i, canary), "", "Cookie", "c="+canary)
		r.send(t, canary, "/graphql?query="+canary, "", "Authorization", "Bearer trb_live_"+canary)
		r.send(t, "POST", "/hooks/"+canary, canary, "X-Shopify-Hmac-Sha256", canary)
	}
	figures := r.send(t, "GET", "/metrics", "").text
	for where, text := range map[string]string{"log": r.log.String(), "metrics": figures} {
		if strings.Contains(text, canary) {
			i := strings.Index(text, canary)
			t.Errorf("the %s holds a canary: …%s…", where, text[max(0, i-80):min(len(text), i+80)])
		}
	}
	if n := strings.Count(figures, "\n"); n > 1000 {
		t.Errorf("%d lines of metrics", n)
	}
	for _, want := range []string{
		`tributary_http_requests_total{route="/graphql",status="401"} 50`, `tributary_http_requests_total{route="none",status="404"} 50`,
		`tributary_redirects_total{outcome="unrecorded"} 0`, `tributary_stream_lag_seconds 0`,
		`tributary_journal_head `, `tributary_journal_unplaced 0`, `tributary_follower_lag_events{follower="tally"}`, `tributary_database_connections{state="in_use"}`,
		`tributary_webhook_signature_refusals_total 0`, `go_goroutines `,
	} {
		if !strings.Contains(figures, want) {
			t.Errorf("the metrics do not tell %s", want)
		}
	}
	// A busy database may take longer for a slug than a visitor is kept waiting.
	if n := figure(t, figures, `tributary_redirects_total{outcome="unknown"}`) + figure(t, figures, `tributary_redirects_total{outcome="away"}`); n != 50 {
		t.Errorf("the metrics tell of %d redirects to nowhere, want 50", n)
	}
}

// figure reads one number from the metrics.
func figure(t *testing.T, figures, name string) (n int) {
	t.Helper()
	_, rest, found := strings.Cut(figures, "\n"+name+" ")
	if !found {
		t.Fatalf("the metrics do not tell %s", name)
	}
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBodyAboveTheLimitIs413WhateverTheHeadersSay(t *testing.T) {
	t.Parallel()
	r := serve(t)
	body := `{"query":"{ __typename }","x":"` + strings.Repeat("a", graphqlBody) + `"}`
	if got := r.send(t, "POST", "/graphql", body, "Content-Type", "application/json"); got.StatusCode != 413 || !strings.Contains(got.text, `"TOO_LARGE"`) {
		t.Errorf("with a length: %d %.200s", got.StatusCode, got.text)
	}
	chunked, err := http.NewRequestWithContext(t.Context(), "POST", r.URL()+"/graphql", struct{ *strings.Reader }{strings.NewReader(body)})
	if err != nil {
		t.Fatal(err)
	}
	chunked.ContentLength = -1
	chunked.Header.Set("Content-Type", "application/json")
	if got := do(t, chunked); got.StatusCode != 413 || !strings.Contains(got.text, `"TOO_LARGE"`) {
		t.Errorf("chunked: %d %.200s", got.StatusCode, got.text)
	}
	within := `{"query":"{ __typename }","variables":{"x":"` + strings.Repeat("a", graphqlBody-100) + `"}}`
	if got := r.send(t, "POST", "/graphql", within, "Content-Type", "application/json"); got.StatusCode != 200 {
		t.Errorf("just below: %d %.200s", got.StatusCode, got.text)
	}
}

// The connection lives on after a body was read under its own deadline.
func TestConnectionOutlivesTheBodysDeadline(t *testing.T) {
	t.Parallel()
	r := serve(t)
	conn, err := net.Dial("tcp", r.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	read := bufio.NewReader(conn)
	for i := range 3 {
		body := `{"query":"{ __typename }"}`
		fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		res, err := http.ReadResponse(read, nil)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		var out struct{ Data map[string]string }
		if err := json.NewDecoder(res.Body).Decode(&out); err != nil || out.Data["__typename"] != "Query" {
			t.Fatalf("request %d: %v %v", i, out, err)
		}
		_ = res.Body.Close()
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	viewer := trust.Viewer{MerchantID: "mer_1", PrincipalID: "tok_1", Kind: trust.KindToken}
	who := func(_ context.Context, bearer, origin string) (trust.Viewer, error) {
		switch bearer {
		case "good":
			return viewer, nil
		case "page":
			return viewer, problem.New(problem.Forbidden, "not from %s", origin)
		case "dbdown":
			return viewer, &problem.Error{Code: problem.Unavailable, Message: "the database is not available", RetryAfter: 1500 * time.Millisecond}
		case "broken":
			return viewer, errors.New("cause with 10.0.0.1 in it")
		}
		return viewer, problem.New(problem.Unauthenticated, "no")
	}
	h := known(who, func(w http.ResponseWriter, _ *http.Request, err error) { refuse(w, err) }, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, is := trust.From(r.Context())
		fmt.Fprintf(w, "%v %s", is, v.PrincipalID)
	}))
	for _, c := range []struct {
		header string
		status int
		want   string
	}{
		{"", 200, "false "},
		{"Bearer good", 200, "true tok_1"},
		{"bearer good", 200, "true tok_1"},
		{"Bearer bad", 401, `{"errors":[{"extensions":{"code":"UNAUTHENTICATED"},"message":"the token is not valid"}]}`},
		{"Bearer ", 401, `"UNAUTHENTICATED"`},
		{"Basic Z29vZA==", 401, `"UNAUTHENTICATED"`},
		{"Bearer " + strings.Repeat("x", 8<<10+1), 401, `"UNAUTHENTICATED"`},
		{"Bearer page", 403, `"FORBIDDEN"`},
		{"Bearer dbdown", 503, `"UNAVAILABLE"`},
		{"Bearer broken", 500, `"INTERNAL"`},
	} {
		r := httptest.NewRequest("POST", "/graphql", nil)
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || strings.Contains(w.Body.String(), "10.0.0.1") {
			t.Errorf("%.30q: %d %s", c.header, w.Code, w.Body)
		}
		if (w.Header().Get("WWW-Authenticate") != "") != (c.status == 401) {
			t.Errorf("%.30q: WWW-Authenticate %q", c.header, w.Header().Get("WWW-Authenticate"))
		}
		if c.status == 503 && w.Header().Get("Retry-After") != "2" { // 1.5 s, rounded up
			t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
		}
	}
}
