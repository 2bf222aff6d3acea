// Package explorer serves GraphiQL, the page on which people try the API by
// hand. It owns the page, its bundle and the page's security policy.
//
// Everything comes out of the binary: the page works on a machine without a
// network and asks no other origin for anything. It holds no credentials; the
// reader types a token into the headers editor, where it lives as long as the
// tab. The policy refuses inline scripts and styles, foreign origins and frames.
//
// The bundle in dist is built from ui and committed, so that a Go toolchain
// alone builds the server; .ci/explorer-clean proves that the two agree.
package explorer

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"html"
	"net/http"
	"strings"
	"time"
)

// Path is where the explorer expects to be mounted, with and without a
// trailing slash; its assets lie directly below.
const Path = "/explorer"

// policy lets the page load its own two files and talk to its own origin, by
// HTTP and WebSocket. The data: images are the editor's lint marks.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var (
	//go:embed page.html
	page string
	//go:embed dist/explorer.js
	script []byte
	//go:embed dist/explorer.css
	style []byte
	//go:embed dist/licences.txt
	licences []byte
)

// Handler serves the explorer for the GraphQL endpoint at graphqlPath, a path
// on the same origin that answers POST and graphql-transport-ws. It answers
// GET and HEAD on Path and its assets; everything else is 404 or 405.
func Handler(graphqlPath string) http.Handler {
	mux := http.NewServeMux()
	document := file("text/html; charset=utf-8", pageFor(graphqlPath))
	mux.Handle("GET "+Path, document)
	mux.Handle("GET "+Path+"/{$}", document)
	mux.Handle("GET "+Path+"/explorer.js", file("text/javascript; charset=utf-8", script))
	mux.Handle("GET "+Path+"/explorer.css", file("text/css; charset=utf-8", style))
	mux.Handle("GET "+Path+"/licences.txt", file("text/plain; charset=utf-8", licences))
	return guarded(mux)
}

func pageFor(graphqlPath string) []byte {
	return []byte(strings.Replace(page, "{{graphql}}", html.EscapeString(graphqlPath), 1))
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
