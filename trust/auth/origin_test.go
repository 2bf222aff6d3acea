package auth

import (
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

func TestPublishableKeyWorksOnItsPagesOnly(t *testing.T) {
	h := open(t)
	key := h.token(TokenCreateInput{Kind: "PUBLISHABLE", Scopes: []trust.Scope{trust.TouchWrite, trust.ApplicationWrite},
		Origins: []string{"https://Shop.example/", "b.example:8443", "http://127.0.0.1:5173"}})
	for origin, want := range map[string]problem.Code{
		"":                          "", // a server, not a browser
		"https://shop.example":      "",
		"https://SHOP.example":      "",
		"https://shop.example:443":  "",
		"https://b.example:8443":    "",
		"http://127.0.0.1:5173":     "",
		"null":                      problem.Forbidden,
		"http://shop.example":       problem.Forbidden,
		"shop.example":              problem.Forbidden,
		"https://b.example":         problem.Forbidden,
		"https://shop.example:8443": problem.Forbidden,
		"https://evil-shop.example": problem.Forbidden,
		"https://shop.example.evil": problem.Forbidden,
		"https://sub.shop.example":  problem.Forbidden,
		"https://shop.example@evil": problem.Forbidden,
		"https://shop.example.":     problem.Forbidden,
		"http://127.0.0.1:5174":     problem.Forbidden,
		"https://evil.example":      problem.Forbidden,
		"garbage\x00":               problem.Forbidden,
	} {
		v, err := h.Authenticate(t.Context(), key.Secret, origin)
		if got := problem.CodeOf(err); got != want {
			t.Errorf("%q: %v, want %q", origin, err, want)
		}
		if err == nil && (v.Kind != trust.KindPublishable || !v.Can(trust.TouchWrite) || v.Can(trust.LinkRead)) {
			t.Errorf("%q: %+v", origin, v)
		}
	}
}

func TestOriginsThatCannotBeListed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "*", "https://*", "https://*.a.example", "http://a.example", "ftp://a.example", "https://a.example/path", "https://a.example?x",
		"https://u@a.example", "https://", "null://", "file:///etc", "https://a.example#x", "javascript:alert(1)", "https://a b.example", "a.example,b.example",
		"null", "NULL", "https://null", "http://null", // what a browser says for a page whose origin it does not tell
	} {
		if got, ok := canonicalOrigin(text); ok {
			t.Errorf("%q became %q", text, got)
		}
	}
}
