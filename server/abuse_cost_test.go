package server

import (
	"strconv"
	"strings"
	"testing"
)

// costly are documents that ask for more than they say.
var costly = []abuse{
	{weakness: "aliases", document: numbered("alias%d:__typename ", 101), code: anyCode},
	{weakness: "aliases of a field with rows", document: numbered("a%d:programs(first: 100){edges{node{id}}} ", 40), code: anyCode},
	{weakness: "aliases of a log-in", document: "mutation" + numbered(`a%d:logIn(input: {email: "a@b.example", password: "guess number %d"}) { accessToken } `, 25), code: anyCode},
	{weakness: "a field said over and over", document: "{" + strings.Repeat("__typename ", 500) + "}", code: anyCode},
	{weakness: "a field with fields said over and over", document: "{" + strings.Repeat("viewer { id } ", 200) + "}", code: anyCode},
	{weakness: "directives on every field", document: "{" + strings.Repeat("__typename @skip(if: false) ", 100) + "}", code: anyCode},
	{weakness: "fragments that double each other", document: "{ ...f0 }" + doubling(25), code: anyCode},
	{weakness: "operations without end", document: strings.Repeat("query q { __typename } ", 100), code: anyCode},
	{weakness: "nesting", document: "{ commissions(first: 1) { edges { node " + strings.Repeat("{ conversion { commissions ", 12) + "{ id }" + strings.Repeat(" } }", 12) + " } } }", code: anyCode},
	{weakness: "pages in pages", document: "{ affiliates(first: 100) { edges { node { links(first: 100) { edges { node { affiliate { links(first: 100) { edges { node { id } } } } } } } } } } }", code: anyCode},
	{weakness: "a list as long as the body", document: `{ nodes(ids: [` + strings.Repeat(`"x" `, 2000) + `]) { id } }`, code: anyCode},
	{weakness: "words without end", document: "{" + strings.Repeat(" a", 50_000) + "}", code: anyCode},
	{weakness: "a name that is repeated in each row", document: "{ programs(first: 100) { edges { node { " + strings.Repeat("x", 10_000) + ": id } } } }", code: anyCode},
	{weakness: "the schema by aliases", document: numbered("a%d:__schema { types { name } } ", 20), code: anyCode},
	{weakness: "suggested arguments", document: `{ programs(frist: 1) { totalCount } }`, code: "GRAPHQL_VALIDATION_FAILED"},
	{weakness: "suggested types and enum values", document: `query($a: Progam) { programs(first: 1, orderBy: {direction: ASCE, field: CREATED}) { totalCount } }`, code: "GRAPHQL_VALIDATION_FAILED"},
}

// R1: so is what would cost more than it says, whoever asks.
func TestR1_UsualAbuseOfCost(t *testing.T) {
	t.Parallel()
	r := serve(t, func(c *Config) { c.Introspection, c.Explorer = false, false })
	for _, a := range costly {
		t.Run(a.weakness, func(t *testing.T) {
			t.Parallel()
			r.withstands(t, a)
		})
	}
}

// numbered is a document of a text n times, with its number for %d.
func numbered(text string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(text, "%d", strconv.Itoa(i)))
	}
	return "{ " + b.String() + "}"
}

func doubling(n int) string {
	var b strings.Builder
	for i := range n {
		next := strconv.Itoa(i + 1)
		b.WriteString(" fragment f" + strconv.Itoa(i) + " on Query { ...f" + next + " ... on Query { ...f" + next + " } }")
	}
	return b.String() + " fragment f" + strconv.Itoa(n) + " on Query { __typename }"
}
