package bounds_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/tributary/tributary/graph/bounds"
	"github.com/tributary/tributary/graph/generated"
)

func schema() *ast.Schema { return generated.NewExecutableSchema(generated.Config{}).Schema() }

func parse(t testing.TB, text string) *ast.QueryDocument {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return doc
}

func measure(t testing.TB, text, vars string) (bounds.Size, *bounds.Fault) {
	t.Helper()
	r := bounds.Request{Document: parse(t, text)}
	words := json.NewDecoder(strings.NewReader(vars))
	words.UseNumber()
	if err := words.Decode(&r.Variables); err != nil {
		t.Fatal(err)
	}
	return bounds.Standard.Measure(r, bounds.NewPrices(schema()))
}

// The prices of pages that people open, with their arithmetic.
func TestN34_PointsOfUsualPages(t *testing.T) {
	t.Parallel()
	rows := func(root, node string) string {
		return `{ ` + root + ` { edges { node { ` + node + ` } } pageInfo { hasNextPage endCursor } } }`
	}
	for _, c := range []struct {
		document, vars string
		points         int
	}{
		{`{ viewer { id } }`, `{}`, 3},
		{`{ __typename }`, `{}`, 0},
		{`{ __schema { types { name } } }`, `{}`, 100},
		{`{ __schema { a: types { name } b: types { name } } }`, `{}`, 300}, // 100 × (1 + 2)
		{rows(`affiliates(first: 20)`, `id name links(first: 5) { edges { node { id slug url destination } } }`), `{}`, 120}, // 20 × (1 + 5 × 1)
		{rows(`affiliates`, `id`), `{}`, 50}, // the size of a page that says none
		{rows(`commissions(first: 50)`, `id amount { amount } affiliate { id name } conversion { total { amount } } `), `{}`, 150},                                                                                                          // 50 × (1 + 1 + 1); amounts cost nothing
		{rows(`conversions(first: 100)`, `id total { amount currency } attribution { rule affiliate { name } touches { id } } commissions { net { amount } explanation { rule { percent } steps { text after { amount } } } }`), `{}`, 800}, // 100 × (1 + (2 + 1) + 2 × (1 + 1))
		{rows(`conversions(first: 100)`, `id lines { id } commissions { id } refunds { id }`), `{}`, 600},                                                                                                                                   // 100 × (1 + 2 + 2 + 1)
		{`{ links(first: 100) { totalCount } }`, `{}`, 110},
		{`{ links(first: 100) { ...c } } fragment c on LinkConnection { totalCount edges { node { affiliate { id } } } }`, `{}`, 210}, // 100 × (1 + 1) + 10
		{`{ links(first: 1) { totalCount } }`, `{}`, 11},                                                                              // 1 for the row, and the count stands once beside it
		{rows(`affiliates(first: 10)`, `links(first: 1) { totalCount }`), `{}`, 120},                                                  // 10 × (1 + 1 × (1 + 10))
		{`query($n: Int) { links(first: $n) { edges { node { id } } } }`, `{"n": 7}`, 7},                                              // by variable
		{`query($n: Int = 9) { links(first: $n) { edges { node { id } } } }`, `{}`, 9},                                                // by its default
		{`query($n: Int) { links(first: $n) { edges { node { id } } } }`, `{"n": "8"}`, 8},                                            // execution takes it, too
		{`query($n: Int) { links(first: $n) { edges { node { id } } } }`, `{"n": null}`, 50},                                          // as if unsaid
		{`{ links(first: 0) { edges { node { id } } } }`, `{}`, 1},                                                                    // the query is made all the same
		{`{ nodes(ids: ["a", "b", "c"]) { id } }`, `{}`, 3},                                                                           // by the list's length
		{`query($i: [ID!]!) { nodes(ids: $i) { ... on Link { affiliate { id } } } }`, `{"i": ["a","b"]}`, 4},                          // 2 × (1 + 1)
		{`{ eventFeed(first: 100) { events { id facts } cursor } }`, `{}`, 100},
		{`{ trialBalance { amount } stats(input: {from: "a", to: "b"}) { days { sales } } }`, `{}`, 120}, // 100 + 20
		{`mutation { linkArchive(input: {id: "x"}) { link { id affiliate { id } } userErrors { code } } }`, `{}`, 12},
		{`subscription { liveStats { total { sales } } }`, `{}`, 20},
		{`subscription { leaderboard(input: {programId: "a", by: CLICKS}) { rows { place affiliateId revenue } } }`, `{}`, 100},
		{`{ ...a } fragment a on Query { links(first: 3) { ...b } } fragment b on LinkConnection { edges { node { affiliate { id } } } }`, `{}`, 6},
	} {
		size, fault := measure(t, c.document, c.vars)
		if size.Points != c.points || fault != nil {
			t.Errorf("%d points, want %d (%v): %s", size.Points, c.points, fault, c.document)
		}
	}
}

func TestR1_N34_DocumentsOutOfBoundsAreRefused(t *testing.T) {
	t.Parallel()
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	page := func(inner string) string { return `{ commissions(first: 100) { edges { node { ` + inner + ` } } } }` }
	for name, c := range map[string]struct{ document, vars, bound string }{
		"OK 30 aliases":                 {`{ viewer { ` + many(30, "a%d: id ") + ` } }`, `{}`, ""},
		"31 aliases":                    {`{ viewer { ` + many(31, "a%d: id ") + ` } }`, `{}`, "ALIASES"},
		"32 aliases by a fragment":      {`{ viewer { ...f } v: viewer { ...f } } fragment f on Viewer { ` + many(16, "a%d: id ") + ` }`, `{}`, "ALIASES"},
		"OK 20 root fields":             {`{ ` + strings.Repeat("__typename ", 20) + `}`, `{}`, ""},
		"21 root fields":                {`{ ` + strings.Repeat("__typename ", 21) + `}`, `{}`, "ROOT_FIELDS"},
		"22 root fields by a fragment":  {`{ ...f ...f } fragment f on Query { ` + strings.Repeat("__typename ", 11) + `}`, `{}`, "ROOT_FIELDS"},
		"OK 20 directives":              {`query @a { ` + strings.Repeat("viewer @skip(if: true) { id } ", 19) + `}`, `{}`, ""},
		"21 directives":                 {`query @a { ` + strings.Repeat("viewer @skip(if: true) { id } ", 20) + `}`, `{}`, "DIRECTIVES"},
		"OK 12 levels":                  {`{ viewer { merchant ` + strings.Repeat("{ a ", 10) + strings.Repeat("}", 12), `{}`, ""},
		"13 levels":                     {`{ viewer { merchant ` + strings.Repeat("{ a ", 11) + strings.Repeat("}", 13), `{}`, "DEPTH"},
		"OK introspection has no depth": {`{ __schema { types ` + strings.Repeat("{ ofType ", 30) + strings.Repeat("}", 32), `{}`, ""},
		"1 200 points":                  {page(strings.Repeat("affiliate { id } ", 11)), `{}`, "POINTS"}, // 100 × (1 + 11)
		"pages in pages":                {page(`affiliate { links(first: 100) { edges { node { id } } } }`), `{}`, "POINTS"},
		"page above the limit":          {`{ links(first: 101) { edges { cursor } } }`, `{}`, "PAGE"},
		"page above it by variable":     {`query($n: Int) { links(first: $n) { edges { cursor } } }`, `{"n": 101}`, "PAGE"},
		"page above it by text":         {`query($n: Int) { links(first: $n) { edges { cursor } } }`, `{"n": "101"}`, "PAGE"},
		"page below zero":               {`{ links(last: -1) { edges { cursor } } }`, `{}`, "PAGE"},
		"page of a feed":                {`{ eventFeed(first: 101) { cursor } }`, `{}`, "PAGE"},
		"page beyond numbers":           {`{ links(first: 99999999999999999999999) { edges { cursor } } }`, `{}`, "PAGE"},
		"page without a size":           {page(`affiliate { links { edges { cursor } } }`), `{}`, "PAGE"},
		"page in a fragment":            {page(`affiliate { ...f }`) + ` fragment f on Affiliate { links { edges { cursor } } }`, `{}`, "PAGE"},
		"spread bomb":                   {`{ viewer { ...f0 } }` + many(40, "fragment f%d on Viewer { id ...x ...x }") + `fragment x on Viewer { ` + strings.Repeat("id ", 10) + `}`, `{}`, ""},
		"doubling fragments":            {doubling(40), `{}`, "FIELDS"},
		"21 operations":                 {many(21, "query q%d { __typename } "), `{}`, "OPERATIONS"},
		"another operation of the text": {`query p { __typename } query q { ` + strings.Repeat("__typename ", 21) + `}`, `{}`, "ROOT_FIELDS"}, // it is validated, too
	} {
		size, fault := measure(t, c.document, c.vars)
		got := ""
		if fault != nil {
			got = fault.Bound
		}
		if got != c.bound {
			t.Errorf("%s: %q, want %q: %+v", name, got, c.bound, size)
		}
	}
}

// doubling is a chain of fragments that each spread the next one twice: 2ⁿ fields.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("{ viewer { ...f0 } } ")
	for i := range n {
		fmt.Fprintf(&b, "fragment f%d on Viewer { ...f%d ...f%d } ", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "fragment f%d on Viewer { id }", n)
	return b.String()
}

func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, bound string }{
		"OK 1 000 tokens": {"{" + strings.Repeat("a ", 998) + "}", ""},
		"1 001 tokens":    {"{" + strings.Repeat("a ", 999) + "}", "TOKENS"},
		"OK long string":  {`{ a(b: "` + strings.Repeat("x", 1000) + `") }`, ""},
		"OK long name":    {"{ " + strings.Repeat("x", 100) + " }", ""},
		"longer name":     {"{ a(b: {" + strings.Repeat("x", 101) + ": 1}) }", "NAME"},
		"OK unreadable":   {"{ \x00", ""},
	} {
		fault := bounds.Standard.Text(c.text)
		got := ""
		if fault != nil {
			got = fault.Bound
		}
		if got != c.bound {
			t.Errorf("%s: %v, want %q", name, fault, c.bound)
		}
	}
}

// The work is one step for each selection of the text, however often fragments
// are spread: spelled out, the document of eighty has 2⁸⁰ fields.
func TestR1_WorkIsLinearInTheText(t *testing.T) {
	t.Parallel()
	for _, n := range []int{5, 10, 20, 40, 80} {
		size, _ := measure(t, doubling(n), `{}`)
		if want := 3 + 2*n; size.Steps != want { // viewer, the first spread, two of each fragment, id
			t.Errorf("%d fragments: %d steps, want %d", n, size.Steps, want)
		}
		flat, _ := measure(t, "{ viewer {"+strings.Repeat(" id", n)+" } }", `{}`)
		if flat.Steps != n+1 {
			t.Errorf("%d fields: %d steps", n, flat.Steps)
		}
	}
}

// What is said twice is compared with itself only: a thousand times the same
// field would take half a million comparisons. What differs in anything stays.
func TestTidyKeepsEachPlainFieldOnce(t *testing.T) {
	t.Parallel()
	doc := parse(t, `{ viewer { id id id x: id x: id id @skip(if: true) id ...f } } fragment f on Viewer { kind kind ... { id id } merchant { id id } merchant { id } }`)
	bounds.Tidy(doc)
	for name, c := range map[string]struct {
		set  ast.SelectionSet
		want int
	}{
		"id, x: id, id @skip, ...f":                    {doc.Operations[0].SelectionSet[0].(*ast.Field).SelectionSet, 4},
		"kind, inline, merchant, merchant":             {doc.Fragments[0].SelectionSet, 4},
		"the inline fragment's id":                     {doc.Fragments[0].SelectionSet[1].(*ast.InlineFragment).SelectionSet, 1},
		"the id of a field that has a selection of it": {doc.Fragments[0].SelectionSet[2].(*ast.Field).SelectionSet, 1},
	} {
		if len(c.set) != c.want {
			t.Errorf("%s: %d selections, want %d", name, len(c.set), c.want)
		}
	}
}
