package server

import (
	"net/http"
	"strings"
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

// onItsWay sets what a redirect carries beside its own headers: little, since
// every byte is sent to every visitor. How the visitor's browser refers to us is
// the shop's to know, so no policy is set for that.
func onItsWay(tls bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = noSniff
		if tls && strings.HasPrefix(r.URL.Path, "/r/") { // a merchant's own domain is the merchant's to bind
			h["Strict-Transport-Security"] = httpsOnly
		}
		next.ServeHTTP(w, r)
	})
}

// Header values that every redirect shares; net/http only reads them.
var (
	noSniff   = []string{"nosniff"}
	httpsOnly = []string{"max-age=31536000"}
)
