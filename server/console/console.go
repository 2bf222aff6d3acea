// Package console serves the page on which staff and affiliates of a merchant
// see their numbers move. It owns the page, its bundle and the page's security
// policy.
//
// The page knows nothing that the public API does not tell: it asks /graphql as
// any client would, and what a role may not see is not asked for. Everything
// comes out of the binary; no other origin is asked for anything. The tokens of
// its session are in cookies that no script reads (see /session). The policy
// refuses inline scripts and styles, foreign origins and frames.
//
// The bundle in dist is built from ui and committed, so that a Go toolchain
// alone builds the server; .ci/console-clean proves that the two agree.
package console

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"time"
)

// Assets is the folder of the page's own files; the page itself is at the root.
const Assets = "/console/"

// policy lets the page load its own two files and talk to its own origin.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var (
	//go:embed page.html
	page []byte
	//go:embed dist/console.js
	script []byte
	//go:embed dist/console.css
	style []byte
	//go:embed dist/licences.txt
	licences []byte
)

// Handler serves the console: GET and HEAD of / and its files under Assets;
// everything else is 404 or 405.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", file("text/html; charset=utf-8", page))
	mux.Handle("GET "+Assets+"console.js", file("text/javascript; charset=utf-8", script))
	mux.Handle("GET "+Assets+"console.css", file("text/css; charset=utf-8", style))
	mux.Handle("GET "+Assets+"licences.txt", file("text/plain; charset=utf-8", licences))
	return guarded(mux)
}

// guarded sets the headers that hold for every answer, errors included.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// file answers with fixed bytes. Browsers revalidate by hash on every load, so
// a new server is never met with an old bundle.
func file(contentType string, body []byte) http.Handler {
	sum := sha256.Sum256(body)
	etag := `"` + hex.EncodeToString(sum[:12]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
}
