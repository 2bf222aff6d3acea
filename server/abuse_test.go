package server

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// abuse is one check of the usual auditors of GraphQL servers (graphql-cop, InQL,
// graphw00f and their like), and what we answer. A document is posted as JSON
// unless method, path or body say otherwise.
type abuse struct {
	weakness     string
	document     string
	method, path string
	body         string
	headers      []string // pairs
	status       int      // 200 when not said
	code         string   // of the first error; nothing is done and no data given
	answer       string   // else the whole answer
}

const (
	jsonBody  = `{"query":"{ __typename }"}`
	formBody  = "query=%7B__typename%7D"
	anyChange = "mutation%20%7B%20logOut%20%7B%20ended%20%7D%20%7D"
	fine      = `{"data":{"__typename":"Query"}}`

	anyCode = "any of ours"
)

var abuses = slices.Concat([]abuse{
	// what can be learned
	{weakness: "introspection", document: `{ __schema { queryType { name } types { name } } }`, code: "FORBIDDEN"},
	{weakness: "introspection of one type", document: `{ __type(name: "Mutation") { fields { name } } }`, code: "FORBIDDEN"},
	{weakness: "introspection by GET", method: "GET", path: "/graphql?query=%7B__schema%7BqueryType%7Bname%7D%7D%7D", code: "FORBIDDEN"},
	{weakness: "introspection in a fragment", document: `{ ...a } fragment a on Query { ... { b: __schema { types { name } } } }`, code: "FORBIDDEN"},
	{weakness: "introspection behind a line break", document: "{\n__schema\n{ types { name } } }", code: "FORBIDDEN"},
	{weakness: "circular introspection", document: `{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }`, code: anyCode},
	{weakness: "suggested root fields", document: `{ progams }`, code: "GRAPHQL_VALIDATION_FAILED"},
	{weakness: "suggested fields", document: `{ viewer { idd merchnt { nam } } }`, code: "GRAPHQL_VALIDATION_FAILED"},
	{weakness: "suggested fields of the schema", document: `{ __schema { directive } }`, code: "GRAPHQL_VALIDATION_FAILED"},
	{weakness: "trace mode", document: `{ __typename }`, headers: []string{"X-Apollo-Tracing", "1", "Apollo-Federation-Include-Trace", "ftv1", "X-Debug", "1", "X-Trace", "1"}, answer: fine},
	{weakness: "debug mode", path: "/graphql?debug=1&trace=true&XDEBUG_SESSION_START=1", body: jsonBody, answer: fine},
	{weakness: "an unhandled error", document: `qwerty cop { abc }`, code: "GRAPHQL_PARSE_FAILED"},
	{weakness: "an unhandled error of the body", body: `{"query":{"a":[`, status: 400, code: "BAD_REQUEST"},
	{weakness: "a document that is no text", body: `{"query":[1,null,{}]}`, status: 400, code: "BAD_REQUEST"},
	{weakness: "variables that are no object", body: `{"query":"{ __typename }","variables":"canary"}`, status: 400, code: "BAD_REQUEST"},
	{weakness: "a variable that is told again", body: `{"query":"query($n: Int) { programs(first: $n) { totalCount } }","variables":{"n":"canary"}}`, code: anyCode},
	{weakness: "a token that is told again", document: `{ __typename }`, headers: []string{"Authorization", "Bearer canary"}, status: 401, code: "UNAUTHENTICATED"},

	// what can be done from a foreign page, or in somebody's name
	{weakness: "a mutation by GET", method: "GET", path: "/graphql?query=" + anyChange, status: 405, code: "METHOD_NOT_ALLOWED"},
	{weakness: "a mutation by GET that says it is a POST", method: "GET", path: "/graphql?query=" + anyChange, headers: []string{"X-HTTP-Method-Override", "POST"}, status: 405, code: "METHOD_NOT_ALLOWED"},
	{weakness: "a query in a form", body: formBody, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: "UNSUPPORTED_MEDIA_TYPE"},
	{weakness: "JSON that says it is a form", body: jsonBody, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: "UNSUPPORTED_MEDIA_TYPE"},
	{weakness: "JSON as plain text", body: jsonBody, headers: []string{"Content-Type", "text/plain"}, status: 415, code: "UNSUPPORTED_MEDIA_TYPE"},
	{weakness: "JSON as two types", body: jsonBody, headers: []string{"Content-Type", "text/plain; application/json"}, status: 415, code: "UNSUPPORTED_MEDIA_TYPE"},
	{weakness: "JSON as no type", body: jsonBody, headers: []string{"Content-Type", ""}, status: 415, code: "UNSUPPORTED_MEDIA_TYPE"},
	{weakness: "a multipart upload", body: "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n" + jsonBody + "\r\n--x--\r\n", headers: []string{"Content-Type", "multipart/form-data; boundary=x"}, status: 415, code: "UNSUPPORTED_MEDIA_TYPE"},
	{weakness: "a POST with its query in the address", path: "/graphql?query=%7B__typename%7D", body: " ", headers: []string{"Content-Type", "application/json"}, status: 400, code: "BAD_REQUEST"},
	{weakness: "a POST from a foreign page", document: `{ __typename }`, headers: []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, status: 403, code: "FORBIDDEN"},
	{weakness: "a POST from a page without an origin", document: `{ __typename }`, headers: []string{"Origin", "null"}, status: 403, code: "FORBIDDEN"},
	{weakness: "a GET that a foreign page reads", method: "GET", path: "/graphql?query=%7B__typename%7D", headers: []string{"Origin", "https://evil.example"}, answer: fine},
	{weakness: "a method nobody asked for", method: "PUT", body: jsonBody, status: 405, code: "METHOD_NOT_ALLOWED"},
	{weakness: "TRACE", method: "TRACE", status: 405, code: "METHOD_NOT_ALLOWED"},

	// what can be made to cost
	{weakness: "a batch", body: "[" + strings.Repeat(jsonBody+",", 9) + jsonBody + "]", status: 400, code: "BAD_REQUEST"},
	{weakness: "a circle of fragments", document: `{ ...a } fragment a on Query { __typename ...b } fragment b on Query { ...a }`, code: "GRAPHQL_VALIDATION_FAILED"},
	{weakness: "a fragment that holds itself", document: `{ ...a } fragment a on Query { ...a }`, code: "GRAPHQL_VALIDATION_FAILED"},
	{weakness: "unknown directives", document: `{ __typename ` + strings.Repeat("@aa", 10) + ` }`, code: "GRAPHQL_VALIDATION_FAILED"},
	{weakness: "known directives", document: `{ __typename ` + strings.Repeat("@skip(if: false)", 10) + ` }`, code: "GRAPHQL_VALIDATION_FAILED"},
	{weakness: "a body that is too large", body: `{"query":"{ __typename }","variables":{"x":"` + strings.Repeat("x", 256<<10) + `"}}`, status: 413, code: "TOO_LARGE"},
}, pagesOf("/graphiql", "/playground", "/console", "/altair", "/voyager", "/explorer", "/schema.graphql", "/graphql.php", "/graphql/schema.json", "/debug/pprof/", "/debug/vars"))

// pagesOf are places where servers show a tool or themselves.
func pagesOf(paths ...string) (all []abuse) {
	for _, path := range paths {
		all = append(all, abuse{weakness: "a page at " + path, method: "GET", path: path, headers: []string{"Accept", "text/html"}, status: 404})
	}
	return all
}

// R1: what the usual auditors look for is refused with a typed error, within the
// deadline, and tells nothing. The one finding that stays is that queries are
// answered by GET, as GraphQL over HTTP has it: they change nothing, and no
// foreign page can read the answer.
func TestR1_UsualAbuse(t *testing.T) {
	t.Parallel()
	r := serve(t, func(c *Config) { c.Introspection, c.Explorer = false, false })
	for _, a := range abuses {
		t.Run(a.weakness, func(t *testing.T) {
			t.Parallel()
			r.withstands(t, a)
		})
	}
}

// told is what no answer may say: what was sent, what stands behind the API, and
// what might have been meant.
var told = regexp.MustCompile(`(?i)canary|did you mean|suggest|goroutine|panic|stack|exception|tracing|\.go:|gqlgen|graphiql|sqlite|pq:`)

func (r *running) withstands(t *testing.T, a abuse) {
	t.Helper()
	began := time.Now()
	got := r.attempt(t, a)
	if took := time.Since(began); took > patience {
		t.Errorf("took %v", took)
	}
	want := a.status
	if want == 0 {
		want = http.StatusOK
	}
	if got.StatusCode != want || told.MatchString(got.text) || got.Header.Get("Access-Control-Allow-Origin") != "" || len(got.text) > 8<<10 {
		t.Errorf("%d (want %d) %v %.500s", got.StatusCode, want, got.Header, got.text)
	}
	if a.answer != "" && strings.TrimSpace(got.text) != a.answer {
		t.Errorf("answered %s", got.text)
	}
	if a.code != "" {
		refusedWith(t, got.text, a.code)
	}
}

func (r *running) attempt(t *testing.T, a abuse) answered {
	t.Helper()
	if a.method == "" {
		a.method = http.MethodPost
	}
	if a.path == "" {
		a.path = "/graphql"
	}
	if a.document != "" {
		a.body = `{"query":` + strconv.Quote(a.document) + `}`
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, a.method, r.URL()+a.path, strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if a.method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(a.headers); i += 2 {
		req.Header.Set(a.headers[i], a.headers[i+1])
	}
	return do(t, req)
}

// refusedWith fails unless an answer is errors alone, each with the code, and none
// told twice.
func refusedWith(t *testing.T, text, code string) {
	t.Helper()
	var said struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal([]byte(text), &said); err != nil || said.Data != nil || len(said.Errors) == 0 {
		t.Fatalf("%v: %s", err, text)
	}
	seen := map[string]bool{}
	for _, e := range said.Errors {
		if e.Message == "" || seen[e.Message] || e.Extensions.Code == "" || e.Extensions.Code == "INTERNAL" || code != anyCode && e.Extensions.Code != code {
			t.Errorf("%q %q, want %s", e.Extensions.Code, e.Message, code)
		}
		seen[e.Message] = true
	}
}

// What is refused before the API is reached comes in the type in which the
// client looks for errors. Without spoken it is plain JSON for all.
func TestRefusalsComeInTheClientsMediaType(t *testing.T) {
	t.Parallel()
	r := serve(t)
	for accept, want := range map[string]string{
		"application/graphql-response+json, application/json;q=0.9": "application/graphql-response+json; charset=utf-8",
		"application/json": "application/json; charset=utf-8",
		"*/*":              "application/json; charset=utf-8",
		"":                 "application/json; charset=utf-8",
	} {
		got := r.send(t, "POST", "/graphql", jsonBody, "Content-Type", "application/json", "Authorization", "Bearer nonsense", "Accept", accept)
		if got.StatusCode != 401 || got.Header.Get("Content-Type") != want {
			t.Errorf("%q: %d %s", accept, got.StatusCode, got.Header.Get("Content-Type"))
		}
		refusedWith(t, got.text, "UNAUTHENTICATED")
	}
}
