package server

import (
	"net/http"
	"strings"

	"github.com/tributary/tributary/connect/webhook"
	"github.com/tributary/tributary/graph"
	"github.com/tributary/tributary/report/export"
	"github.com/tributary/tributary/server/console"
	"github.com/tributary/tributary/server/console/explorer"
	"github.com/tributary/tributary/track/script"
	"github.com/tributary/tributary/trust"
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
	t.handle("GET "+export.Path, p.underTLS(p.reached.only(p.optional(p.traffic.streamed(p.rooms.export.Download())))))
	t.handle("POST /hooks/{integrationId}", p.hooks())
	for _, path := range []string{"GET " + webhook.PathMe, "POST " + webhook.PathSubscriptions, "DELETE " + webhook.PathSubscription, "GET " + webhook.PathSamples} {
		t.handle(path, p.staff(p.rooms.webhook.RESTHooks()))
	}

	t.handle("POST "+tokenPath, private(p.underTLS(p.reached.only(p.clients.told(p.grants())))))
	t.handle("POST "+sessionPath, private(p.underTLS(p.reached.only(p.clients.told(p.sessions())))))
	t.handle("DELETE "+sessionPath, private(p.underTLS(p.reached.only(p.clients.told(p.sessions())))))
	t.handle("GET "+keysPath, p.keySet())
	t.handle("GET "+discoveryPath, p.discovery())

	t.handle("GET /{$}", p.optional(console.Handler()))
	t.handle("GET "+console.Assets+"{file}", p.optional(console.Handler()))
	t.handle("GET /t.js", storefront())
	if p.cfg.Explorer {
		t.handle("GET /explorer", p.optional(explorer.Handler("/graphql")))
		t.handle("GET /explorer/", p.optional(explorer.Handler("/graphql")))
	}
	if p.cfg.Introspection {
		t.handle("GET /schema.graphql", p.optional(fixed("application/graphql; charset=utf-8", "no-cache", graph.SDL())))
	}

	t.handle("GET /healthz", http.HandlerFunc(alive))
	t.handle("GET /readyz", http.HandlerFunc(p.health.ready))
	t.handle("GET /metrics", p.metrics.page())

	return p.traffic.counted(timely(p.visitors(p.chain(t))))
}

// chain is what happens to every request but a visitor's, outermost first.
func (p *Program) chain(next http.Handler) http.Handler {
	next = crossing(p.cfg, &pageOrigins{read: p.store.DoorKeyOrigins}, next)
	next = protected(p.overTLS(), next)
	next = recovered(p.cfg.Log, next)
	next = p.tracing.spanned(next)
	next = observed(p.cfg.Log, p.metrics, next)
	return identified(next)
}

// overTLS reports whether the world reaches the server by https only.
func (p *Program) overTLS() bool { return strings.HasPrefix(p.cfg.PublicURL, "https://") }

// visitors go straight to the redirect, with nothing in between that costs time
// or could fail: links on our own address, and everything but the storefront
// script on a merchant's own domain.
func (p *Program) visitors(rest http.Handler) http.Handler {
	redirect := recovered(p.cfg.Log, onItsWay(p.overTLS(), p.rooms.track.Redirect()))
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
	return spoken(bounded(graphqlBody, p.shedding(p.staff(p.graphql()))))
}

// staff is for doors behind which stands somebody's data: it finds out from where
// and who asks, and lets them ask as often as they may. It is one handler and not
// four: a socket keeps the frames of all that it came through while it is open.
func (p *Program) staff(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if !p.sealed(w, r) || !p.reached.yet(w, r) {
			return
		}
		r = p.withCookie(r.WithContext(trust.WithAddress(r.Context(), p.clients.address(r))))
		r, ok := recognised(p.rooms.auth.Authenticate, p.limiter.stranger, w, r)
		if ok && p.limiter.admits(w, r) {
			next.ServeHTTP(w, r)
		}
	})
}

// hooks counts what was refused for its signature. Shops' messages are taken in
// whatever else is going on, as far as the database can: they wait in no queue
// with others, and are not limited.
func (p *Program) hooks() http.Handler {
	return private(p.underTLS(p.reached.only(p.metrics.refusals(p.rooms.connect.Hooks()))))
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
