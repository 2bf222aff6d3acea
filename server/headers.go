package server

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/rs/cors"

	"github.com/tributary/tributary/internal/problem"
)

// protected sets what holds for every answer; a page with needs of its own
// overrides the policy.
func protected(tls bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		if tls {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// private keeps answers about a merchant out of every cache.
func private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// origins lets pages of the listed origins call the API. Credentials of the
// browser's own (cookies) are never asked for: tokens travel in a header that
// the page sets.
func origins(allowed []string, next http.Handler) http.Handler {
	if len(allowed) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: allowed,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Authorization", "Content-Type", "Accept", requestHeader, "X-GraphQL-Event-Stream-Token"},
		ExposedHeaders: []string{requestHeader, "Retry-After"},
		MaxAge:         600,
	}).Handler(next)
}

// trustedOrigins are those whose pages may send us requests that change things:
// the listed ones, and our own when a proxy in front gives us another name.
func (c Config) trustedOrigins() []string {
	all := slices.Clone(c.CORSOrigins)
	if u, err := url.Parse(c.PublicURL); err == nil && u.Host != "" {
		all = append(all, u.Scheme+"://"+u.Host)
	}
	return all
}

// sameOrigin refuses what a foreign page makes a browser send: with a cookie or
// an open network in between, that would be the visitor's power in the page's
// hands. Programs send no such headers and pass.
func sameOrigin(allowed []string, next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	for _, origin := range allowed {
		if err := guard.AddTrustedOrigin(origin); err != nil {
			panic("an origin passed validation and is none: " + origin)
		}
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, problem.New(problem.Forbidden, "this origin may not call the API"))
	}))
	return guard.Handler(next)
}
