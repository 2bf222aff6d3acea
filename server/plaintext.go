package server

import (
	"net/http"
	"strings"

	"github.com/tributary/tributary/internal/problem"
)

// sealed refuses what came without TLS to the proxy in front of us, where the
// world reaches us by https. Whoever listens on the way has read the credential
// by then; a client that is answered all the same would go on sending it. With
// TLS of our own there is nothing to refuse: plaintext is no handshake.
func (p *Program) sealed(w http.ResponseWriter, r *http.Request) bool {
	if !p.overTLS() || !p.clients.plain(r) {
		return true
	}
	refuse(w, problem.New(problem.Forbidden, "use https, and replace the credential: it was sent in the clear"))
	return false
}

// underTLS is a door behind which secrets are taken in.
func (p *Program) underTLS(next http.Handler) http.Handler {
	return past(p.sealed, next)
}

// plain reports whether trusted proxies say that the request came in the clear.
// Of several one may have ended TLS for the others; a stranger's word is nothing.
func (c client) plain(r *http.Request) bool {
	said := strings.ToLower(strings.Join(r.Header.Values("X-Forwarded-Proto"), ","))
	return c.trusts(peer(r)) && strings.Contains(said, "http") && !strings.Contains(said, "https")
}
