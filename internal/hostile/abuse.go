package hostile

import (
	"slices"
	"strings"
)

// Abuse is one check of the usual auditors of GraphQL servers (graphql-cop, InQL,
// graphw00f and their like), and what we answer. A document is posted as JSON
// unless method, path or body say otherwise.
type Abuse struct {
	Weakness     string
	Document     string
	Method, Path string
	Body         string
	Headers      []string // pairs
	Status       int      // 200 when not said
	Code         string   // of each error; nothing is done and no data given
	Answer       string   // else the whole answer
}

const (
	jsonBody  = `{"query":"{ __typename }"}`
	formBody  = "query=%7B__typename%7D"
	anyChange = "mutation%20%7B%20logOut%20%7B%20ended%20%7D%20%7D"
	fine      = `{"data":{"__typename":"Query"}}`

	// AnyCode stands for any code of an error that is the caller's fault.
	AnyCode = "any of ours"
)

// Abuses are those that meet the door.
var Abuses = slices.Concat([]Abuse{
	// what can be learned
	{Weakness: "introspection", Document: `{ __schema { queryType { name } types { name } } }`, Code: "FORBIDDEN"},
	{Weakness: "introspection of one type", Document: `{ __type(name: "Mutation") { fields { name } } }`, Code: "FORBIDDEN"},
	{Weakness: "introspection by GET", Method: "GET", Path: "/graphql?query=%7B__schema%7BqueryType%7Bname%7D%7D%7D", Code: "FORBIDDEN"},
	{Weakness: "introspection in a fragment", Document: `{ ...a } fragment a on Query { ... { b: __schema { types { name } } } }`, Code: "FORBIDDEN"},
	{Weakness: "introspection behind a line break", Document: "{\n__schema\n{ types { name } } }", Code: "FORBIDDEN"},
	{Weakness: "circular introspection", Document: `{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }`, Code: AnyCode},
	{Weakness: "suggested root fields", Document: `{ progams }`, Code: "GRAPHQL_VALIDATION_FAILED"},
	{Weakness: "suggested fields", Document: `{ viewer { idd merchnt { nam } } }`, Code: "GRAPHQL_VALIDATION_FAILED"},
	{Weakness: "suggested fields of the schema", Document: `{ __schema { directive } }`, Code: "GRAPHQL_VALIDATION_FAILED"},
	{Weakness: "trace mode", Document: `{ __typename }`, Headers: []string{"X-Apollo-Tracing", "1", "Apollo-Federation-Include-Trace", "ftv1", "X-Debug", "1", "X-Trace", "1"}, Answer: fine},
	{Weakness: "debug mode", Path: "/graphql?debug=1&trace=true&XDEBUG_SESSION_START=1", Body: jsonBody, Answer: fine},
	{Weakness: "an unhandled error", Document: `qwerty cop { abc }`, Code: "GRAPHQL_PARSE_FAILED"},
	{Weakness: "an unhandled error of the body", Body: `{"query":{"a":[`, Status: 400, Code: "BAD_REQUEST"},
	{Weakness: "a document that is no text", Body: `{"query":[1,null,{}]}`, Status: 400, Code: "BAD_REQUEST"},
	{Weakness: "variables that are no object", Body: `{"query":"{ __typename }","variables":"canary"}`, Status: 400, Code: "BAD_REQUEST"},
	{Weakness: "a variable that is told again", Body: `{"query":"query($n: Int) { programs(first: $n) { totalCount } }","variables":{"n":"canary"}}`, Code: AnyCode},
	{Weakness: "a token that is told again", Document: `{ __typename }`, Headers: []string{"Authorization", "Bearer canary"}, Status: 401, Code: "UNAUTHENTICATED"},

	// what can be done from a foreign page, or in somebody's name
	{Weakness: "a mutation by GET", Method: "GET", Path: "/graphql?query=" + anyChange, Status: 405, Code: "METHOD_NOT_ALLOWED"},
	{Weakness: "a mutation by GET that says it is a POST", Method: "GET", Path: "/graphql?query=" + anyChange, Headers: []string{"X-HTTP-Method-Override", "POST"}, Status: 405, Code: "METHOD_NOT_ALLOWED"},
	{Weakness: "a query in a form", Body: formBody, Headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, Status: 415, Code: "UNSUPPORTED_MEDIA_TYPE"},
	{Weakness: "JSON that says it is a form", Body: jsonBody, Headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, Status: 415, Code: "UNSUPPORTED_MEDIA_TYPE"},
	{Weakness: "JSON as plain text", Body: jsonBody, Headers: []string{"Content-Type", "text/plain"}, Status: 415, Code: "UNSUPPORTED_MEDIA_TYPE"},
	{Weakness: "JSON as two types", Body: jsonBody, Headers: []string{"Content-Type", "text/plain; application/json"}, Status: 415, Code: "UNSUPPORTED_MEDIA_TYPE"},
	{Weakness: "JSON as no type", Body: jsonBody, Headers: []string{"Content-Type", ""}, Status: 415, Code: "UNSUPPORTED_MEDIA_TYPE"},
	{Weakness: "a multipart upload", Body: "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n" + jsonBody + "\r\n--x--\r\n", Headers: []string{"Content-Type", "multipart/form-data; boundary=x"}, Status: 415, Code: "UNSUPPORTED_MEDIA_TYPE"},
	{Weakness: "a POST with its query in the address", Path: "/graphql?query=%7B__typename%7D", Body: " ", Headers: []string{"Content-Type", "application/json"}, Status: 400, Code: "BAD_REQUEST"},
	{Weakness: "a POST from a foreign page", Document: `{ __typename }`, Headers: []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, Status: 403, Code: "FORBIDDEN"},
	{Weakness: "a POST from a page without an origin", Document: `{ __typename }`, Headers: []string{"Origin", "null"}, Status: 403, Code: "FORBIDDEN"},
	{Weakness: "a GET that a foreign page reads", Method: "GET", Path: "/graphql?query=%7B__typename%7D", Headers: []string{"Origin", "https://evil.example"}, Answer: fine},
	{Weakness: "a method nobody asked for", Method: "PUT", Body: jsonBody, Status: 405, Code: "METHOD_NOT_ALLOWED"},
	{Weakness: "TRACE", Method: "TRACE", Status: 405, Code: "METHOD_NOT_ALLOWED"},

	// what can be made to cost
	{Weakness: "a batch", Body: "[" + strings.Repeat(jsonBody+",", 9) + jsonBody + "]", Status: 400, Code: "BAD_REQUEST"},
	{Weakness: "a circle of fragments", Document: `{ ...a } fragment a on Query { __typename ...b } fragment b on Query { ...a }`, Code: "GRAPHQL_VALIDATION_FAILED"},
	{Weakness: "a fragment that holds itself", Document: `{ ...a } fragment a on Query { ...a }`, Code: "GRAPHQL_VALIDATION_FAILED"},
	{Weakness: "unknown directives", Document: `{ __typename ` + strings.Repeat("@aa", 10) + ` }`, Code: "GRAPHQL_VALIDATION_FAILED"},
	{Weakness: "known directives", Document: `{ __typename ` + strings.Repeat("@skip(if: false)", 10) + ` }`, Code: "GRAPHQL_VALIDATION_FAILED"},
	{Weakness: "a body that is too large", Body: `{"query":"{ __typename }","variables":{"x":"` + strings.Repeat("x", 256<<10) + `"}}`, Status: 413, Code: "TOO_LARGE"},
}, pagesOf("/graphiql", "/playground", "/console", "/altair", "/voyager", "/explorer", "/schema.graphql", "/graphql.php", "/graphql/schema.json", "/debug/pprof/", "/debug/vars"))

// pagesOf are places where servers show a tool or themselves.
func pagesOf(paths ...string) (all []Abuse) {
	for _, path := range paths {
		all = append(all, Abuse{Weakness: "a page at " + path, Method: "GET", Path: path, Headers: []string{"Accept", "text/html"}, Status: 404})
	}
	return all
}
