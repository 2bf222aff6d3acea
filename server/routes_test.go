package server

import (
	"net/http"
	"strings"
	"testing"
)

func TestRoutesAnswer(t *testing.T) {
	t.Parallel()
	r := serve(t)
	eventually(t, patience, "ready", func() bool { return r.send(t, "GET", "/readyz", "").StatusCode == 200 }) // on PostgreSQL after an election
	for _, c := range []struct {
		method, path string
		status       int
		contentType  string
		want         string
	}{
		{"GET", "/", 200, "text/html", "/console/console.js"},
		{"GET", "/console/console.js", 200, "text/javascript", ""},
		{"GET", "/explorer", 200, "text/html", `data-graphql="/graphql"`},
		{"GET", "/explorer/explorer.js", 200, "text/javascript", ""},
		{"GET", "/schema.graphql", 200, "application/graphql", "type Query"},
		{"GET", "/t.js", 200, "text/javascript", "trb_click"},
		{"GET", "/healthz", 200, "application/json", `"alive":true`},
		{"GET", "/readyz", 200, "application/json", `"ready":true`},
		{"GET", "/metrics", 200, "text/plain", "tributary_journal_head"},
		{"GET", "/r/nowhere", 404, "text/html", "does not exist"},
		{"POST", "/hooks/int_nowhere", 404, "application/json", ""},
		{"GET", "/hooks/int_nowhere", 405, "", ""},
		{"GET", "/nothing", 404, "", ""},
		{"POST", "/", 405, "", ""},
	} {
		got := r.send(t, c.method, c.path, "")
		if got.StatusCode != c.status || !strings.HasPrefix(got.Header.Get("Content-Type"), c.contentType) || !strings.Contains(got.text, c.want) {
			t.Errorf("%s %s: %d %s %.200q", c.method, c.path, got.StatusCode, got.Header.Get("Content-Type"), got.text)
		}
		if got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("Referrer-Policy") != "no-referrer" || got.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s %s: security headers are missing: %v", c.method, c.path, got.Header)
		}
	}
	if got := r.send(t, "POST", "/graphql", `{"query":"{ __typename }"}`, "Content-Type", "application/json"); got.text != `{"data":{"__typename":"Query"}}` || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("graphql: %d %s %v", got.StatusCode, got.text, got.Header)
	}
}

func TestSwitchesTakeRoutesAway(t *testing.T) {
	t.Parallel()
	r := serve(t, func(c *Config) { c.Introspection, c.Explorer = false, false })
	for _, path := range []string{"/explorer", "/explorer/explorer.js", "/schema.graphql"} {
		if got := r.send(t, "GET", path, ""); got.StatusCode != 404 {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	if got := r.send(t, "POST", "/graphql", `{"query":"{ __schema { types { name } } }"}`, "Content-Type", "application/json"); strings.Contains(got.text, "Merchant") {
		t.Errorf("introspection answers: %.200s", got.text)
	}
}

func TestForeignPagesAreKeptOut(t *testing.T) {
	t.Parallel()
	r := serve(t, func(c *Config) {
		c.CORSOrigins, c.PublicURL = []string{"https://app.example.com"}, "https://api.example.com"
	})
	preflight := func(origin string) string {
		return r.send(t, "OPTIONS", "/graphql", "", "Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type").
			Header.Get("Access-Control-Allow-Origin")
	}
	for origin, want := range map[string]string{
		"https://app.example.com":          "https://app.example.com",
		"https://evil.example":             "",
		"https://app.example.com.evil.net": "",
		"http://app.example.com":           "",
		"null":                             "",
	} {
		if got := preflight(origin); got != want {
			t.Errorf("preflight from %s allows %q", origin, got)
		}
	}
	for origin, want := range map[string]int{"https://app.example.com": 200, "https://api.example.com": 200, "https://evil.example": 403} {
		got := r.send(t, "POST", "/graphql", `{"query":"{ __typename }"}`, "Content-Type", "application/json", "Origin", origin, "Sec-Fetch-Site", "cross-site")
		if got.StatusCode != want {
			t.Errorf("POST from %s: %d %s", origin, got.StatusCode, got.text)
		}
		if got := upgrade(t, r, origin); (got == 101) != (want == 200) {
			t.Errorf("WebSocket from %s: %d", origin, got)
		}
	}
	if got := r.send(t, "GET", "/healthz", ""); got.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS although the public address is https")
	}
}

// upgrade asks for a WebSocket as a page of that origin and gives the status.
func upgrade(t *testing.T, r *running, origin string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", r.URL()+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Origin": origin, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "graphql-transport-ws",
	} {
		req.Header.Set(name, value)
	}
	res, err := noRedirects.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}
