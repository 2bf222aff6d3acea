package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// R2: what the binary says in the headers of every reply, whatever it is a reply to,
// on a plain address and behind https.
func TestR2_TheBinaryProtectsEveryReply(t *testing.T) {
	t.Parallel()
	h := openDoor(t, 1, "TRIBUTARY_RATE_ADDRESS=20/1h")
	protects(t, everyKind(t, h.servers[0], "Authorization", "Bearer "+h.token(nil).Secret), "", 200, 400, 401, 404, 405, 413, 429)
	behind := startAt(t, t.TempDir(), databaseURL(t), "127.0.0.1:0", "TRIBUTARY_PUBLIC_URL=https://api.example", "TRIBUTARY_RATE_ADDRESS=20/1h")
	protects(t, everyKind(t, behind), "max-age=31536000", 200, 404, 405, 413, 429)
}

// everyKind asks for each kind of reply there is.
func everyKind(t *testing.T, s *running, auth ...string) []reply {
	t.Helper()
	replies := []reply{
		s.send(t, "POST", "/graphql", `{"query":"{ viewer { id } }"}`, auth...), s.send(t, "POST", "/graphql", `{`, auth...), s.send(t, "PUT", "/graphql", "", auth...),
		s.send(t, "POST", "/graphql", strings.Repeat(" ", 300<<10), auth...), s.send(t, "POST", "/graphql", `{}`, "Authorization", "Bearer nonsense"), s.send(t, "POST", "/session", `{}`),
		s.send(t, "POST", "/oauth/token", ""), s.send(t, "GET", "/session", ""),
	}
	for _, path := range []string{"/", "/explorer", "/explorer/explorer.js", "/schema.graphql", "/t.js", "/healthz", "/readyz", "/metrics", "/hooks/int_nowhere", "/nothing", "/.well-known/jwks.json", "/r/nowhere"} {
		replies = append(replies, s.send(t, "GET", path, ""), s.send(t, "DELETE", path, ""))
	}
	for range 25 { // until it is too often
		replies = append(replies, s.send(t, "POST", "/graphql", `{"query":"{ __typename }"}`))
	}
	return replies
}

func protects(t *testing.T, replies []reply, strict string, statuses ...int) {
	t.Helper()
	seen := map[int]bool{}
	for _, r := range replies {
		seen[r.StatusCode] = true
		what := fmt.Sprintf("%s %s %d: %v", r.Request.Method, r.Request.URL.Path, r.StatusCode, r.Header)
		policy := r.Header.Get("Content-Security-Policy")
		if r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Strict-Transport-Security") != strict {
			t.Error(what)
		}
		if !strings.HasPrefix(r.Request.URL.Path, "/r/") && (!strings.Contains(policy, "default-src ") || !strings.Contains(policy, "frame-ancestors ") || r.Header.Get("Referrer-Policy") == "") {
			t.Error(what)
		}
		if r.Request.URL.Path == "/graphql" && r.Header.Get("Cache-Control") != "no-store" {
			t.Error(what)
		}
		if n, err := strconv.Atoi(r.Header.Get("Retry-After")); r.StatusCode == http.StatusTooManyRequests && (err != nil || n < 1 || r.Header.Get("RateLimit") == "" || r.Header.Get("RateLimit-Policy") == "") {
			t.Error(what)
		}
	}
	for _, status := range statuses {
		if !seen[status] {
			t.Errorf("no reply was a %d", status)
		}
	}
}
