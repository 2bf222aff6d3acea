package graph

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tributary/tributary/graph/generated"
	"github.com/tributary/tributary/internal/hostile"
	"github.com/tributary/tributary/trust"
)

// reply is what a test looks at.
type reply struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Extensions struct {
			Code         string
			RetryAfterMs int
			Field        []string
		}
	}
	Extensions struct {
		Cost map[string]int
	}
}

func (r reply) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	return r.Errors[0].Extensions.Code
}

func read(t *testing.T, w *httptest.ResponseRecorder) (r reply) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return r
}

func TestN34_R1_RepliesTellTheCostAndEmptyBucketsRefuse(t *testing.T) {
	t.Parallel()
	h := handlerFor(t, Costs{Maximum: 2000, Restore: 1})
	page := map[string]any{"query": `{ links(first: 100) { edges { node { id affiliate { id } } } } }`} // 100 × 2, and one for asking
	r := read(t, post(t, h, page))
	if c := r.Extensions.Cost; r.code() != "" || c["requested"] != 201 || c["available"] != 1799 || c["restoreRate"] != 1 || c["maximum"] != 2000 {
		t.Errorf("%+v", r)
	}
	refused := read(t, post(t, h, map[string]any{"query": `{ nope }`}))
	if c := refused.Extensions.Cost; refused.code() != "GRAPHQL_VALIDATION_FAILED" || c["requested"] != 1 {
		t.Errorf("%+v", refused)
	}
	for range 8 {
		r = read(t, post(t, h, page))
	}
	if r.code() != "" {
		t.Fatalf("%+v", r)
	}
	r = read(t, post(t, h, page))
	if r.code() != "RATE_LIMITED" || r.Errors[0].Extensions.RetryAfterMs < 1000 || len(r.Data) > 4 || r.Extensions.Cost["requested"] != 201 {
		t.Errorf("%+v", r)
	}
}

// U+0000 is refused by its place, on either database and whoever asks.
func TestWhatNoDatabaseKeepsIsRefusedByItsPlace(t *testing.T) {
	t.Parallel()
	h := handlerFor(t, Costs{})
	for place, variables := range map[string]map[string]any{
		"id":           {"id": "a\x00"},
		"input.tags.1": {"id": "a", "input": map[string]any{"tags": []any{"b", "\x00"}}},
	} {
		r := read(t, post(t, h, map[string]any{"query": `query($id: ID!) { node(id: $id) { id } }`, "variables": variables}))
		if r.code() != "INVALID" || !strings.Contains(r.Errors[0].Message, "U+0000") || strings.Join(r.Errors[0].Extensions.Field, ".") != "variables."+place {
			t.Errorf("%s: %+v", place, r)
		}
	}
}

func TestR1_ThousandMistakesAreAnsweredInBrief(t *testing.T) {
	t.Parallel()
	h := handlerFor(t, Costs{})
	w := post(t, h, map[string]any{"query": hostile.Documents["unused variables"]})
	r := read(t, w)
	if len(r.Errors) != errorsShown+1 || r.Errors[errorsShown].Message != "220 more errors are not shown" || r.Errors[errorsShown].Extensions.Code != "MORE_ERRORS" {
		t.Errorf("%d errors, the last %+v", len(r.Errors), r.Errors[len(r.Errors)-1])
	}
	if got := clipped(strings.Repeat("é", 101)); len(got) > messageBytes+len("…") || strings.ContainsRune(got, '�') {
		t.Errorf("%q", got)
	}
}

// Suggestions would tell words of a schema that is not shown: of fields,
// arguments, types, enum values and inputs.
func TestR1_HiddenSchemaIsNotToldByAnyMisspelling(t *testing.T) {
	t.Parallel()
	for document, told := range map[string]bool{
		`{ viewr { id } }`: true, `{ viewer { merchnt { id } } }`: true, `{ links(frist: 1) { edges { cursor } } }`: true,
		`{ commissions(status: PENDIN) { edges { cursor } } }`: true,
		`{ node(id: "x") { ... on Affilate { id } } }`:         false, `mutation { logIn(input: {emial: "x"}) { expiresAt } }`: false,
	} {
		schema := generated.NewExecutableSchema(generated.Config{}).Schema()
		loud, silent := reader{schema: schema, suggest: true}, reader{schema: schema}
		if _, err := loud.document(document); err == nil || told != strings.Contains(err.Error(), "Did you mean") {
			t.Errorf("%s: with suggestions: %v", document, err)
		}
		if _, err := silent.document(document); err == nil || strings.Contains(err.Error(), "Did you mean") {
			t.Errorf("%s: %v", document, err)
		}
	}
}

// What passes is kept once, what is refused never, and both within their bytes.
func TestR1_OnlyWhatPassesIsKept(t *testing.T) {
	t.Parallel()
	g := newGate(Config{Resolver: resolverFor(t)})
	ask := func(query string) { _ = g.pass(t.Context(), &bill{}, &graphql.RawParams{Query: query}, hashOf(query)) }
	for _, refused := range []string{`{ nope }`, `{`, `{ links(first: 101) { edges { cursor } } }`, `{` + strings.Repeat(" __typename", 21) + `}`, ``} {
		ask(refused)
	}
	if g.documents.parsed.Held() != 0 || g.documents.texts.Held() != 0 {
		t.Errorf("refused documents take %d and %d bytes", g.documents.parsed.Held(), g.documents.texts.Held())
	}
	ask(`{ viewer { id } } #` + strings.Repeat("x", longestKept))
	if g.documents.parsed.Held() != 0 {
		t.Error("a long text is kept")
	}
	for i := range 3000 {
		ask(fmt.Sprintf(`{ node(id: "%d") { id } } #%s`, i, strings.Repeat("x", 3000)))
	}
	if held := g.documents.parsed.Held(); held > parsedBytes || held < parsedBytes/2 {
		t.Errorf("%d bytes of parsed documents", held)
	}
	if held := g.documents.texts.Held(); held > bayBytes || held < bayBytes/2 { // one merchant's
		t.Errorf("%d bytes of texts", held)
	}
}

// A token, a session and a stranger's network have a bucket each; visitors with
// one publishable key have one for each network.
func TestN34_WhoPays(t *testing.T) {
	t.Parallel()
	at := func(v trust.Viewer, addr string) string {
		ctx := trust.WithAddress(t.Context(), netip.MustParseAddr(addr))
		if v.Kind != "" {
			ctx = trust.With(ctx, v)
		}
		return asker(ctx)
	}
	key := trust.Viewer{Kind: trust.KindPublishable, PrincipalID: "tok_1"}
	token := trust.Viewer{Kind: trust.KindToken, PrincipalID: "tok_2"}
	session := trust.Viewer{Kind: trust.KindUser, PrincipalID: "usr_1", SessionID: "ses_1"}
	for _, row := range []struct {
		a, b string
		same bool
	}{
		{at(trust.Viewer{}, "192.0.2.1"), at(trust.Viewer{}, "192.0.2.2"), false},
		{at(trust.Viewer{}, "2001:db8::1"), at(trust.Viewer{}, "2001:db8::2"), true}, // one customer's /64
		{at(trust.Viewer{}, "2001:db8::1"), at(trust.Viewer{}, "2001:db8:0:1::1"), false},
		{at(key, "192.0.2.1"), at(key, "192.0.2.2"), false},
		{at(token, "192.0.2.1"), at(token, "192.0.2.2"), true},
		{at(session, "192.0.2.1"), at(session, "192.0.2.2"), true},
		{at(session, "192.0.2.1"), at(token, "192.0.2.1"), false},
	} {
		if (row.a == row.b) != row.same {
			t.Errorf("%q and %q", row.a, row.b)
		}
	}
}
