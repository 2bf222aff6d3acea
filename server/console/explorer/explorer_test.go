package explorer

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler(`/graphql?"<b>`).ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPageNamesEndpointEscaped(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/explorer", "/explorer/"} {
		r := get(t, "GET", path)
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%s: %d %q", path, r.StatusCode, r.Header.Get("Content-Type"))
		}
		if text := body(t, r); !strings.Contains(text, `data-graphql="/graphql?&#34;&lt;b&gt;"`) {
			t.Errorf("%s does not carry the escaped endpoint:\n%s", path, text)
		}
	}
}

func TestPolicyHoldsForEveryAnswer(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/explorer", "/explorer/explorer.js", "/explorer/nothing"} {
		csp := get(t, "GET", path).Header.Get("Content-Security-Policy")
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
		if hit := bad.FindString(page); hit != "" {
			t.Errorf("%s in page.html: %q", name, hit)
		}
	}
}

func TestStyleSheetLoadsNothing(t *testing.T) {
	t.Parallel()
	for _, hit := range regexp.MustCompile(`@import|@font-face|url\((.{10})`).FindAllSubmatch(style, -1) {
		if string(hit[1]) != "data:image" {
			t.Errorf("the style sheet loads %q", hit[0])
		}
	}
}

func TestAssetsAreRevalidatedByHash(t *testing.T) {
	t.Parallel()
	for path, kind := range map[string]string{
		"/explorer/explorer.js":  "text/javascript; charset=utf-8",
		"/explorer/explorer.css": "text/css; charset=utf-8",
		"/explorer/licences.txt": "text/plain; charset=utf-8",
	} {
		first := get(t, "GET", path)
		if first.StatusCode != 200 || first.Header.Get("Content-Type") != kind || body(t, first) == "" {
			t.Errorf("%s: %d %q", path, first.StatusCode, first.Header.Get("Content-Type"))
		}
		again := get(t, "GET", path, "If-None-Match", first.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%s revalidated: %d, want 304", path, again.StatusCode)
		}
		other := get(t, "GET", path, "If-None-Match", `"another"`)
		if other.StatusCode != 200 {
			t.Errorf("%s with a foreign tag: %d, want 200", path, other.StatusCode)
		}
	}
}

func TestOnlyReadsOfKnownPaths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"HEAD", "/explorer", 200},
		{"POST", "/explorer", 405},
		{"DELETE", "/explorer/explorer.js", 405},
		{"GET", "/explorer/ui/package.json", 404},
		{"GET", "/explorer/dist/explorer.js", 404},
		{"GET", "/", 404},
	} {
		if got := get(t, c.method, c.path).StatusCode; got != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, got, c.want)
		}
	}
}
