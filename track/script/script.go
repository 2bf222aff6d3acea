// Package script holds the storefront script, the file behind /t.js: it takes
// the click token from the landing address, keeps it first-party for the
// attribution window, and hands it to the order by Shopify cart attributes,
// form inputs and Stripe's client_reference_id.
//
// The package owns the bytes and the one name they are known by; it serves
// nothing. The script stores nothing when consent is denied or Global Privacy
// Control is on, asks no foreign origin, and never throws into the page.
//
// t.js is built from t.src.js and committed, so that a Go toolchain alone
// builds the server; .ci/script-clean proves that the two agree.
package script

import _ "embed"

// Name is what the click token is called wherever a shop can see it: the query
// parameter the redirect appends, the first-party cookie, the hidden form
// input and the Shopify cart attribute.
const Name = "trb_click"

// TokenLength is the length of a click token in characters, all of 0-9 and
// a-z. The script ignores every value of another shape.
const TokenLength = 48

// MaxGzipped is the most the script may weigh on the wire, in gzipped bytes.
const MaxGzipped = 1536

// ContentType is the media type the script is served under.
const ContentType = "text/javascript; charset=utf-8"

//go:embed t.js
var built string

// Source returns the script as shops receive it, without compression.
func Source() string { return built }
