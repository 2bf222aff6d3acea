package server

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
)

const landingStyle = `body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:12vh auto;padding:0 1rem;color:#1d2733}` +
	`dt{font-family:ui-monospace,monospace;margin-top:.8rem}dd{margin:0;color:#51606f}a{color:#0b5cad}`

const landingPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tributary</title><style>` + landingStyle + `</style></head>
<body>
<h1>Tributary</h1>
<p>A headless affiliate platform: everything it does is in its API.</p>
<dl>
<dt><a href="/explorer">/explorer</a></dt><dd>Try the API by hand.</dd>
<dt>/graphql</dt><dd>The API: POST, GET, WebSocket (graphql-transport-ws) and server-sent events.</dd>
<dt><a href="/schema.graphql">/schema.graphql</a></dt><dd>The API's schema.</dd>
<dt>/r/{slug}</dt><dd>Affiliate links; /{slug} on a merchant's own domain.</dd>
<dt><a href="/t.js">/t.js</a></dt><dd>The storefront script.</dd>
<dt>/import</dt><dd>Orders and refunds in bulk, as NDJSON.</dd>
<dt>/hooks/{integrationId}</dt><dd>Webhooks of connected shops.</dd>
<dt><a href="/healthz">/healthz</a> · <a href="/readyz">/readyz</a> · <a href="/metrics">/metrics</a></dt><dd>Liveness, readiness, figures for Prometheus.</dd>
</dl>
</body>
</html>
`

// landing names the doors. The page runs nothing and loads nothing: its policy
// lets its own style in, by hash, and refuses all else.
func landing() http.Handler {
	sum := sha256.Sum256([]byte(landingStyle))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		_, _ = w.Write([]byte(landingPage)) // a reader who has gone needs no page
	})
}
