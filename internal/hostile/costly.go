package hostile

import (
	"strconv"
	"strings"
)

// Costly are documents that ask for more than they say.
var Costly = []Abuse{
	{Weakness: "aliases", Document: numbered("alias%d:__typename ", 101), Code: AnyCode},
	{Weakness: "aliases of a field with rows", Document: numbered("a%d:programs(first: 100){edges{node{id}}} ", 40), Code: AnyCode},
	{Weakness: "aliases of a log-in", Document: "mutation" + numbered(`a%d:logIn(input: {email: "a@b.example", password: "guess number %d"}) { accessToken } `, 25), Code: AnyCode},
	{Weakness: "a field said over and over", Document: "{" + strings.Repeat("__typename ", 500) + "}", Code: AnyCode},
	{Weakness: "a field with fields said over and over", Document: "{" + strings.Repeat("viewer { id } ", 200) + "}", Code: AnyCode},
	{Weakness: "directives on every field", Document: "{" + strings.Repeat("__typename @skip(if: false) ", 100) + "}", Code: AnyCode},
	{Weakness: "fragments that double each other", Document: "{ ...f0 }" + doubling(25), Code: AnyCode},
	{Weakness: "operations without end", Document: strings.Repeat("query q { __typename } ", 100), Code: AnyCode},
	{Weakness: "nesting", Document: "{ commissions(first: 1) { edges { node " + strings.Repeat("{ conversion { commissions ", 12) + "{ id }" + strings.Repeat(" } }", 12) + " } } }", Code: AnyCode},
	{Weakness: "pages in pages", Document: "{ affiliates(first: 100) { edges { node { links(first: 100) { edges { node { affiliate { links(first: 100) { edges { node { id } } } } } } } } } } }", Code: AnyCode},
	{Weakness: "a list as long as the body", Document: `{ nodes(ids: [` + strings.Repeat(`"x" `, 2000) + `]) { id } }`, Code: AnyCode},
	{Weakness: "words without end", Document: "{" + strings.Repeat(" a", 50_000) + "}", Code: AnyCode},
	{Weakness: "a name that is repeated in each row", Document: "{ programs(first: 100) { edges { node { " + strings.Repeat("x", 10_000) + ": id } } } }", Code: AnyCode},
	{Weakness: "the schema by aliases", Document: numbered("a%d:__schema { types { name } } ", 20), Code: AnyCode},
	{Weakness: "suggested arguments", Document: `{ programs(frist: 1) { totalCount } }`, Code: "GRAPHQL_VALIDATION_FAILED"},
	{Weakness: "suggested types and enum values", Document: `query($a: Progam) { programs(first: 1, orderBy: {direction: ASCE, field: CREATED}) { totalCount } }`, Code: "GRAPHQL_VALIDATION_FAILED"},
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
