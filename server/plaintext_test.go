package server

import (
	"strings"
	"testing"
)

// Where the world reaches us by https, what a proxy took in the clear is refused
// at every door that takes secrets, and a visitor is sent on.
func TestS71_PlaintextIsRefusedWhereSecretsComeIn(t *testing.T) {
	t.Parallel()
	public := func(c *Config) { c.PublicURL = "https://api.example.com" }
	behind := serve(t, public, func(c *Config) { c.TrustedProxies = []string{"127.0.0.1"} })
	bare, plain := serve(t, public), serve(t, func(c *Config) { c.TrustedProxies = []string{"127.0.0.1"} })
	doors := []struct{ method, path, kind, text string }{
		{"POST", "/graphql", "application/json", `{"query":"{ viewer { id } }"}`},
		{"POST", "/oauth/token", "application/x-www-form-urlencoded", "grant_type=client_credentials"},
		{"POST", "/session", "application/json", `{}`}, {"DELETE", "/session", "", ""},
		{"POST", "/import", "application/x-ndjson", ""}, {"GET", "/audit.csv", "", ""},
		{"POST", "/hooks/int_00000000000000000000000000", "application/json", `{}`},
	}
	for _, row := range []struct {
		name    string
		at      *running
		said    []string
		refused bool
	}{
		{"in the clear", behind, []string{"http"}, true},
		{"in the clear twice", behind, []string{"http, HTTP"}, true},
		{"under TLS", behind, []string{"https"}, false},
		{"TLS ended at the first of two", behind, []string{"https, http"}, false},
		{"the proxy says nothing", behind, nil, false},
		{"a stranger's word", bare, []string{"http"}, false},
		{"a house without TLS", plain, []string{"http"}, false},
	} {
		for _, d := range doors {
			headers := []string{"Content-Type", d.kind}
			for _, one := range row.said {
				headers = append(headers, "X-Forwarded-Proto", one)
			}
			got := row.at.send(t, d.method, d.path, d.text, headers...)
			if refused := got.StatusCode == 403 && strings.Contains(got.text, "use https"); refused != row.refused {
				t.Errorf("%s: %s %s: %s %s", row.name, d.method, d.path, got.Status, got.text)
			}
		}
	}
	if got := behind.send(t, "GET", "/r/nowhere", "", "X-Forwarded-Proto", "http"); got.StatusCode != 404 {
		t.Errorf("a visitor: %s", got.Status)
	}
}
