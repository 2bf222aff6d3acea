package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/tributary/tributary/server"
)

// boundStories: documents are bounded before anything is run, and what each may
// ask for is known.
var boundStories = []scenario{
	{name: "R1 N34 documents out of bounds are refused whatever they ask", steps: []step{
		{ask: `{ conversions(first: 100) { edges { node { id attribution { rule } commissions { explanation { steps { text } } } } } } }`, want: `{"conversions":{"edges":[]}}`},
		{ask: `{ commissions(first: 100) { edges { node { affiliate { links(first: 10) { edges { node { id } } } } } } } }`, code: "TOO_COMPLEX"},
		{ask: `{` + strings.Repeat(" __typename", 21) + `}`, code: "TOO_COMPLEX"},
		{ask: `{ viewer {` + numbered(" a%d: id", 31) + ` } }`, code: "TOO_COMPLEX"},
		{ask: `{ viewer {` + numbered(" ...f%d", 4) + ` } }` + numbered(` fragment f%d on Viewer { `+strings.Repeat("a: id ", 8)+`}`, 4), code: "TOO_COMPLEX"},
		{ask: `{ viewer @skip(if: false)` + strings.Repeat(" { id } viewer @skip(if: false)", 19) + ` { id } v: viewer @skip(if: false) { id } }`, code: "TOO_COMPLEX"},
		{ask: `{ ` + strings.Repeat("x", 101) + ` }`, code: "TOO_COMPLEX"},
		{ask: `{` + strings.Repeat(" a", 1000) + `}`, code: "TOO_COMPLEX"},
		{as: "nobody", ask: `{` + strings.Repeat(" __typename", 21) + `}`, code: "TOO_COMPLEX"},
		{as: "nobody", ask: `mutation {` + numbered(` m%d: logIn(input: {email: "a@b.example", password: "guess number one"}) { accessToken }`, 21) + `}`, code: "TOO_COMPLEX"}, // passwords by the dozen
	}},
	{name: "R1 a document of several operations says which", steps: []step{
		{ask: `query a { viewer { id } } query b { viewer { id } }`, code: "GRAPHQL_VALIDATION_FAILED", says: "the document holds 2 operations: say which one with operationName"},
	}},
	{name: "R1 documents by their hash", walk: documentsByHash},
	{name: "R1 registered operations", walk: registeredOperations},
}

// numbered repeats a text with its number for %d.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "%d", strconv.Itoa(i)))
	}
	return b.String()
}

// byHash sends a document, its hash, or both.
func (s *stage) byHash(as, document, hash, key string) answer {
	s.Helper()
	body := map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}}
	if key == "documentId" {
		body = map[string]any{"documentId": "sha256:" + hash}
	}
	if document != "" {
		body["query"] = document
	}
	status, text, err := s.nobody.As(s.token(as)).Send(s.Context(), http.MethodPost, "/graphql", "application/json", []byte(encode(body)), nil)
	if err != nil {
		s.Fatal(err)
	}
	return s.read(status, text)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// documentsByHash: a client sends the hash, is asked for the text, sends both,
// and from then on the hash alone does. Another merchant's do not count.
func documentsByHash(s *stage) {
	document := `{ merchant { id } } # ` + s.names["mail"]
	hash := hashOf(document)
	for _, row := range []struct{ as, document, hash, key, code string }{
		{"owner", "", hash, "", "PERSISTED_QUERY_NOT_FOUND"},
		{"owner", document, hashOf("another"), "", "INVALID"},
		{"owner", "", "nonsense", "", "INVALID"},
		{"owner", "", hash, "", "PERSISTED_QUERY_NOT_FOUND"}, // neither has put it there
		{"owner", document, hash, "", ""},
		{"owner", "", hash, "", ""},
		{"owner", "", strings.ToUpper(hash), "documentId", ""},
		{"analyst", "", hash, "", ""},
		{"foreign", "", hash, "", "PERSISTED_QUERY_NOT_FOUND"},
		{"nobody", "", hash, "", "PERSISTED_QUERY_NOT_FOUND"},
		{"owner", `{ nope } # ` + s.names["mail"], hashOf(`{ nope } # ` + s.names["mail"]), "", "GRAPHQL_VALIDATION_FAILED"},
		{"owner", "", hashOf(`{ nope } # ` + s.names["mail"]), "", "PERSISTED_QUERY_NOT_FOUND"}, // what was refused is not kept
	} {
		if a := s.byHash(row.as, row.document, row.hash, row.key); a.code != row.code || row.code == "" && dig(a.data, "merchant", "id") != s.names["merchant"] {
			s.Errorf("%s %.20q %s: %q, want %q: %s", row.as, row.document, row.key, a.code, row.code, a.text)
		}
	}
}

// registeredOperations: a restricted token runs what is registered and nothing
// else; a publishable key is free until an operation for pages is registered.
func registeredOperations(s *stage) {
	apply := mutation("affiliateApply", "claimToken")
	form := func(mail string) string {
		return s.text(`{"in":{"programId":"$program","name":"n","email":"` + mail + `@$mail"}}`)
	}
	expect := func(what string, a answer, code string) {
		s.Helper()
		if a.code != code {
			s.Errorf("%s: %q, want %q: %s", what, a.code, code, a.text)
		}
	}
	applied := func(what, mail string) {
		s.Helper()
		expect(what, s.ask("key", apply, form(mail)), "")
		s.events = append(s.events, "affiliate.applied", "enrollment.created")
	}
	list := `query Links { links(first: 2) { edges { node { id } } } }`
	s.set("owner", "apiTokenCreate", `{"name":"app","kind":"SECRET","scopes":["LINK_READ","PROGRAM_READ"],"registeredOnly":true}`, "secret", "boundSecret=secret")
	s.tokens["bound"] = s.names["boundSecret"]
	expect("a bound token before any registration", s.ask("bound", list, "null"), "OPERATION_NOT_REGISTERED")
	applied("a free key before any registration", "one")

	s.play(
		step{do: "operationRegister", in: `{"document":"{ nope }"}`, get: "operation { id }", user: []string{"input.document INVALID"}},
		step{do: "operationRegister", in: `{"document":"query a { viewer { id } } query b { viewer { id } }","name":"two"}`, get: "operation { id }", user: []string{"input.document INVALID"}},
		step{do: "operationRegister", in: `{"document":"{ viewer { id } }"}`, get: "operation { id }", user: []string{"input.name INVALID"}},
		step{as: "finance", do: "operationRegister", in: `{"document":"query a { viewer { id } }"}`, get: "operation { id }", code: "FORBIDDEN"},
		step{do: "operationRegister", in: `{"document":` + encode(list) + `}`, get: "operation { id hash name document retiredAt }", want: `{"operationRegister":{"operation":{"name":"Links","hash":"` + hashOf(list) + `","retiredAt":null}}}`, save: []string{"links=operation.id"}},
	)
	expect("registered", s.ask("bound", list, "null"), "")
	expect("by its hash", s.byHash("bound", "", hashOf(list), ""), "")
	expect("by its document id", s.byHash("bound", "", hashOf(list), "documentId"), "")
	expect("another", s.ask("bound", list+" ", "null"), "OPERATION_NOT_REGISTERED")
	expect("another by its hash", s.byHash("bound", "", hashOf(apply), ""), "OPERATION_NOT_REGISTERED")
	applied("a key, for which none is registered", "two")

	s.play(step{do: "operationRegister", in: `{"name":"form","document":` + encode(apply) + `}`, get: "operation { id }", save: []string{"form=operation.id"}})
	applied("the form", "three")
	expect("anything else with the form's key", s.ask("key", `{ viewer { id } }`, "null"), "OPERATION_NOT_REGISTERED")
	expect("a free token", s.ask("token LINK_READ", `{ viewer { id } }`, "null"), "")
	expect("another merchant's key is another matter", s.ask("foreign", `{ viewer { id } }`, "null"), "")

	s.play(step{do: "operationRetire", in: `{"id":"$links"}`, get: "operation { retiredAt }", want: `{"operationRetire":{"operation":{"retiredAt":"*"}}}`})
	expect("retired", s.ask("bound", list, "null"), "OPERATION_NOT_REGISTERED")
	expect("retired by its hash", s.byHash("bound", "", hashOf(list), ""), "OPERATION_NOT_REGISTERED")
	s.play(
		step{as: "foreign", do: "operationRetire", in: `{"id":"$form"}`, get: "operation { id }", user: []string{"input.id NOT_FOUND"}},
		step{ask: `{ operations(first: 5) { edges { node { name retiredAt } } } }`, want: `{"operations":{"edges":[{"node":{"name":"Links","retiredAt":"*"}},{"node":{"name":"form","retiredAt":null}}]}}`},
		step{do: "operationRetire", in: `{"id":"$form"}`, get: "operation { id }"},
	)
	expect("a key is free again once none is left", s.ask("key", `{ viewer { id } }`, "null"), "")
	on := s.ask("owner", `{ auditRecords(action: "operation", outcome: DENIED, first: 20) { totalCount } }`, "null") // one for each OPERATION_NOT_REGISTERED above
	if fault := contains(on.data, parse(`{"auditRecords":{"totalCount":6}}`), ""); fault != "" {
		s.Errorf("documents that were refused are not on record: %s", fault)
	}
}

// The first reply of a subscription tells its cost, the others do not.
func TestN34_SubscriptionsTellTheirCostOnce(t *testing.T) {
	t.Parallel()
	th := open(t, func(c *server.Config) { c.CostMaximum, c.CostRestore = 10_000, 1000 })
	s := th.stage(t)
	c := s.dial(t.Context(), nil)
	defer func() { _ = c.CloseNow() }()
	w := watch{s: s}
	w.say(t.Context(), c, message{Type: "connection_init", Payload: json.RawMessage(`{"Authorization":"Bearer ` + s.token("owner") + `"}`)})
	if m := w.hear(t.Context(), c); m.Type != "connection_ack" {
		t.Fatalf("%+v", m)
	}
	w.say(t.Context(), c, message{ID: "1", Type: "subscribe", Payload: json.RawMessage(`{"query":"subscription { liveStats { cursor } }"}`)})
	for i, want := range []any{21.0, nil} { // twenty, and one for asking
		m := w.hear(t.Context(), c)
		for m.Type == "ping" {
			m = w.hear(t.Context(), c)
		}
		if got := dig(parse(string(m.Payload)), "extensions", "cost", "requested"); m.Type != "next" || got != want {
			t.Errorf("reply %d: %s %s", i, m.Type, m.Payload)
		}
		if i == 0 {
			s.sell("1", "ann")
		}
	}
}
