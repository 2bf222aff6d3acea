package hostile

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Told is what no answer may say: what was sent, what stands behind the API, and
// what might have been meant.
var Told = regexp.MustCompile(`(?i)canary|did you mean|suggest|goroutine|panic|stack|exception|tracing|\.go:|gqlgen|graphiql|sqlite|pq:`)

// longest is how large the answer to an abuse may be, in bytes.
const longest = 8 << 10

// Request is the abuse of the server at base.
func (a Abuse) Request(ctx context.Context, base string) (*http.Request, error) {
	method, path, body := a.Method, a.Path, a.Body
	if method == "" {
		method = http.MethodPost
	}
	if path == "" {
		path = "/graphql"
	}
	if a.Document != "" {
		body = `{"query":` + strconv.Quote(a.Document) + `}`
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(a.Headers); i += 2 {
		req.Header.Set(a.Headers[i], a.Headers[i+1])
	}
	return req, nil
}

// Fault says what is wrong with the answer to an abuse; empty when nothing is.
func (a Abuse) Fault(res *http.Response, text string) string {
	want := a.Status
	if want == 0 {
		want = http.StatusOK
	}
	switch {
	case res.StatusCode != want, Told.MatchString(text), res.Header.Get("Access-Control-Allow-Origin") != "", len(text) > longest:
		return fmt.Sprintf("%d (want %d) %v %.500s", res.StatusCode, want, res.Header, text)
	case a.Answer != "" && strings.TrimSpace(text) != a.Answer:
		return "answered " + text
	case a.Code != "":
		return Refused(text, a.Code)
	}
	return ""
}

// Refused says what is wrong with an answer that should be errors alone, each with
// the code, and none told twice.
func Refused(text, code string) string {
	var said struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil || said.Data != nil || len(said.Errors) == 0 {
		return fmt.Sprintf("%v: %s", err, text)
	}
	seen := map[string]bool{}
	for _, e := range said.Errors {
		if e.Message == "" || seen[e.Message] || e.Extensions.Code == "" || e.Extensions.Code == "INTERNAL" || code != AnyCode && e.Extensions.Code != code {
			return fmt.Sprintf("%q %q, want %s", e.Extensions.Code, e.Message, code)
		}
		seen[e.Message] = true
	}
	return ""
}
