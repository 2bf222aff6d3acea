package console

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestPolicyHoldsForEveryAnswer(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/console/console.js", "/console/nothing"} {
		csp := get(t, "GET", path).Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; script-src 'self';") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
}

// The policy would block them, so the page must not rely on them.
func TestPageHasNoInlineScriptStyleOrForeignAddress(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]*regexp.Regexp{
		"inline script":   regexp.MustCompile(`<script[^>]*>[^<]`),
		"inline style":    regexp.MustCompile(`<style|\sstyle=`),
		"event attribute": regexp.MustCompile(`\son[a-z]+=`),
		"foreign address": regexp.MustCompile(`(?:https?:)?//[a-z]`),
	} {
		if hit := bad.Find(page); hit != nil {
			t.Errorf("%s in page.html: %q", name, hit)
		}
	}
	if hit := regexp.MustCompile(`@import|@font-face|url\(`).Find(style); hit != nil {
		t.Errorf("the style sheet loads %q", hit)
	}
}

func TestAssetsAreRevalidatedByHash(t *testing.T) {
	t.Parallel()
	for path, kind := range map[string]string{
		"/":                     "text/html; charset=utf-8",
		"/console/console.js":   "text/javascript; charset=utf-8",
		"/console/console.css":  "text/css; charset=utf-8",
		"/console/licences.txt": "text/plain; charset=utf-8",
	} {
		first := get(t, "GET", path)
		if first.Code != 200 || first.Header().Get("Content-Type") != kind || first.Body.Len() == 0 {
			t.Errorf("%s: %d %q", path, first.Code, first.Header().Get("Content-Type"))
		}
		if again := get(t, "GET", path, "If-None-Match", first.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s revalidated: %d, want 304", path, again.Code)
		}
		if other := get(t, "GET", path, "If-None-Match", `"another"`); other.Code != 200 {
			t.Errorf("%s with a foreign tag: %d, want 200", path, other.Code)
		}
	}
}

func TestOnlyReadsOfKnownPaths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"HEAD", "/", 200}, {"POST", "/", 405}, {"DELETE", "/console/console.js", 405},
		{"GET", "/console/ui/package.json", 404}, {"GET", "/console/dist/console.js", 404}, {"GET", "/nothing", 404},
	} {
		if got := get(t, c.method, c.path).Code; got != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, got, c.want)
		}
	}
}
