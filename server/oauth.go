package server

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/auth"
)

// Addresses of OAuth 2: programs trade an API token for an access token of some
// minutes (RFC 6749, 4.4), whose keys anybody may read (RFC 7517), and find all
// of it by RFC 8414.
const (
	tokenPath     = "/oauth/token" // #nosec G101 -- a path, and no credential
	keysPath      = "/.well-known/jwks.json"
	discoveryPath = "/.well-known/oauth-authorization-server"
	oauthBody     = 16 << 10
)

// grants answers POST /oauth/token.
func (p *Program) grants() http.Handler {
	return p.limiter.admit(bounded(oauthBody, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Pragma", "no-cache")
		in, fault := clientIn(r)
		if fault != nil {
			fault.answer(w)
			return
		}
		now := p.cfg.Clock()
		out, err := p.rooms.auth.ClientToken(r.Context(), in)
		if err != nil {
			faultOf(err).answer(w)
			return
		}
		answerJSON(w, http.StatusOK, map[string]any{
			"access_token": out.AccessToken, "token_type": "Bearer", "expires_in": int(out.ExpiresAt.Sub(now).Seconds()), "scope": scopeText(out.Scopes),
		})
	})))
}

// clientIn reads the request: a form, with the client's id and secret in it or
// in the Authorization header, never both.
func clientIn(r *http.Request) (in auth.ClientInput, fault *oauthFault) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return in, &oauthFault{http.StatusBadRequest, "invalid_request", "send a form: Content-Type: application/x-www-form-urlencoded"}
	}
	if err := r.ParseForm(); err != nil {
		return in, &oauthFault{http.StatusBadRequest, "invalid_request", "the form cannot be read"}
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			return in, &oauthFault{http.StatusBadRequest, "invalid_request", "a parameter is given twice: " + printable(name)}
		}
	}
	if grant := r.PostForm.Get("grant_type"); grant != "client_credentials" {
		if grant == "" {
			return in, &oauthFault{http.StatusBadRequest, "invalid_request", "grant_type is missing"}
		}
		return in, &oauthFault{http.StatusBadRequest, "unsupported_grant_type", "only client_credentials is supported"}
	}
	in.ClientID, in.Secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	for text := range strings.FieldsSeq(r.PostForm.Get("scope")) {
		in.Scopes = append(in.Scopes, trust.Scope(text))
	}
	return basic(r, in)
}

// basic takes the client from the Authorization header, where RFC 6749 has both
// parts encoded as in a form.
func basic(r *http.Request, in auth.ClientInput) (auth.ClientInput, *oauthFault) {
	if r.Header.Get("Authorization") == "" {
		if in.ClientID == "" || in.Secret == "" {
			return in, &oauthFault{http.StatusUnauthorized, "invalid_client", "client_id and client_secret are needed"}
		}
		return in, nil
	}
	user, password, ok := r.BasicAuth()
	id, wrong := url.QueryUnescape(user)
	secret, bad := url.QueryUnescape(password)
	switch {
	case !ok || wrong != nil || bad != nil:
		return in, &oauthFault{http.StatusUnauthorized, "invalid_client", "the Authorization header cannot be read"}
	case in.Secret != "" || in.ClientID != "" && in.ClientID != id:
		return in, &oauthFault{http.StatusBadRequest, "invalid_request", "the client is named twice"}
	}
	in.ClientID, in.Secret = id, secret
	return in, nil
}

func scopeText(scopes []trust.Scope) string {
	var out strings.Builder
	for i, s := range scopes {
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(string(s))
	}
	return out.String()
}
