package server

import (
	"net/http"
	"strings"

	"github.com/tributary/tributary/graph"
	"github.com/tributary/tributary/server/console/explorer"
	"github.com/tributary/tributary/track/script"
	"github.com/tributary/tributary/trust/audit"
)

// routes is the table of contents.
func (p *Program) routes() http.Handler {
	t := &table{mux: http.NewServeMux()}

	t.handle("/graphql", p.api())
	t.handle("POST /import", p.staff(p.traffic.streamed(p.rooms.importer.Import())))
	for _, format := range []string{audit.CSV, audit.JSONL} {
		t.handle("GET /audit."+format, p.staff(p.traffic.streamed(p.rooms.audit.Download(format))))
	}
	t.handle("POST /hooks/{integrationId}", p.hooks())

	t.handle("GET /{$}", landing())
	t.handle("GET /t.js", storefront())
	if p.cfg.Explorer {
		t.handle("GET /explorer", explorer.Handler("/graphql"))
		t.handle("GET /explorer/", explorer.Handler("/graphql"))
	}
	if p.cfg.Introspection {
		t.handle("GET /schema.graphql", fixed("application/graphql; charset=utf-8", "no-cache", graph.SDL()))
	}

	t.handle("GET /healthz", http.HandlerFunc(alive))
	t.handle("GET /readyz", http.HandlerFunc(p.health.ready))
	t.handle("GET /metrics", p.metrics.page())

	return p.traffic.counted(p.visitors(p.chain(t)))
}

// chain is what happens to every request but a visitor's, outermost first.
func (p *Program) chain(next http.Handler) http.Handler {
	next = origins(p.cfg.CORSOrigins, next)
	next = sameOrigin(p.cfg.trustedOrigins(), next)
	next = protected(strings.HasPrefix(p.cfg.PublicURL, "https://"), next)
	next = recovered(p.cfg.Log, next)
	next = p.tracing.spanned(next)
	next = observed(p.cfg.Log, p.metrics, next)
	return identified(next)
}

// visitors go straight to the redirect, with nothing in between that costs time
// or could fail: links on our own address, and everything but the storefront
// script on a merchant's own domain.
func (p *Program) visitors(rest http.Handler) http.Handler {
	redirect := recovered(p.cfg.Log, p.rooms.track.Redirect())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/r/") || r.URL.Path != "/t.js" && p.rooms.track.Serves(r.Host) {
			redirect.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
}

// api is GraphQL. How long what it answers may take is the transport's to know.
func (p *Program) api() http.Handler {
	return p.staff(bounded(graphqlBody, p.graphql()))
}

// staff is for doors behind which stands somebody's data.
func (p *Program) staff(next http.Handler) http.Handler {
	return private(p.reached.only(p.clients.told(known(p.rooms.auth.Authenticate, next))))
}

// hooks counts what was refused for its signature.
func (p *Program) hooks() http.Handler {
	return private(p.reached.only(p.metrics.refusals(p.rooms.connect.Hooks())))
}

// storefront serves the script to every shop.
func storefront() http.Handler {
	file := fixed(script.ContentType, "public, max-age=3600", script.Source())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		file.ServeHTTP(w, r)
	})
}

// table is a mux that notes which route a request took.
type table struct{ mux *http.ServeMux }

func (t *table) handle(pattern string, h http.Handler) {
	route := pattern
	if _, path, found := strings.Cut(pattern, " "); found {
		route = path
	}
	route = strings.TrimSuffix(route, "{$}")
	t.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		entryOf(r.Context()).route = route
		h.ServeHTTP(w, r)
	})
}

// ServeHTTP finds the route.
func (t *table) ServeHTTP(w http.ResponseWriter, r *http.Request) { t.mux.ServeHTTP(w, r) }
