package server

import (
	"strings"
	"testing"
)

// The issuer of the metadata is the issuer of the tokens.
func TestTheMetadataNameTheIssuerOfTheTokens(t *testing.T) {
	t.Parallel()
	const public, at = "https://api.example.com", "/.well-known/oauth-authorization-server"
	r := serve(t, func(c *Config) { c.PublicURL = public + "/" })
	got := r.send(t, "GET", at, "")
	if got.StatusCode != 200 || r.rooms.auth.Issuer() != public || !strings.Contains(got.text, `"issuer":"`+public+`"`) || !strings.Contains(got.text, `"token_endpoint":"`+public+`/oauth/token"`) {
		t.Errorf("tokens of %s: %d %s", r.rooms.auth.Issuer(), got.StatusCode, got.text)
	}
	if got := serve(t).send(t, "GET", at, ""); got.StatusCode != 404 || !strings.Contains(got.text, "TRIBUTARY_PUBLIC_URL") {
		t.Errorf("without a public URL: %d %s", got.StatusCode, got.text)
	}
}
