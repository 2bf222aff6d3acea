package server

import (
	"net/http"
	"strings"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// keySet publishes the verifying keys. Caches keep them for a minute, less than
// a rotation announces a key before it is used.
func (p *Program) keySet() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answerPublic(w, map[string]any{"keys": p.rooms.auth.VerifyingKeys()})
	})
}

// discovery tells clients where all that is. The issuer it names is the one in
// every token, on every server of the house: without a public URL no address is,
// and it says so.
func (p *Program) discovery() http.Handler {
	base := strings.TrimSuffix(p.cfg.PublicURL, "/")
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if base != p.rooms.auth.Issuer() {
			refuse(w, problem.New(problem.NotFound, "set TRIBUTARY_PUBLIC_URL: access tokens are then issued in its name, and this document describes the issuer"))
			return
		}
		answerPublic(w, map[string]any{
			"issuer": base, "token_endpoint": base + tokenPath, "jwks_uri": base + keysPath,
			"grant_types_supported": []string{"client_credentials"}, "response_types_supported": []string{},
			"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
			"scopes_supported":                      trust.AllScopes(),
		})
	})
}
