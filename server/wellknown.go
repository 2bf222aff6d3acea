package server

import (
	"net/http"
	"strings"

	"github.com/tributary/tributary/trust"
)

// keySet publishes the verifying keys. Caches keep them for a minute, less than
// a rotation announces a key before it is used.
func (p *Program) keySet() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answerPublic(w, map[string]any{"keys": p.rooms.auth.VerifyingKeys()})
	})
}

// discovery tells clients where all that is.
func (p *Program) discovery() http.Handler {
	base := strings.TrimSuffix(p.cfg.PublicURL, "/")
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answerPublic(w, map[string]any{
			"issuer": base, "token_endpoint": base + tokenPath, "jwks_uri": base + keysPath,
			"grant_types_supported": []string{"client_credentials"}, "response_types_supported": []string{},
			"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
			"scopes_supported":                      trust.AllScopes(),
		})
	})
}
