package hostile

import (
	"fmt"
	"strings"
)

// Documents is a corpus of documents that ask for more than they say. Each is as
// large as its kind can be made within the limits that come before.
var Documents = map[string]string{
	"repeated field":          "{" + strings.Repeat(" __typename", 990) + "}",
	"repeated root":           "{" + strings.Repeat(" viewer { id }", 240) + "}",
	"repeated below":          "{" + strings.Repeat(" viewer{"+strings.Repeat("id ", 45)+"}", 20) + "}",
	"repeated leaf":           "{viewer{" + strings.Repeat("id ", 990) + "}}",
	"repeated leaf, aliased":  "{viewer{" + strings.Repeat("x:id ", 30) + strings.Repeat("id@skip(if:false)", 20) + "}}",
	"repeated arguments":      "{" + strings.Repeat(` links(first:1){edges{cursor}}`, 70) + "}",
	"overlapping names":       "{ a:links(first:1){edges{cursor}} " + strings.Repeat(` a:links(first:2){edges{cursor}}`, 62) + "}",
	"unknown fields":          "{" + series("x%d ", 990) + "}",
	"unknown long fields":     "{" + series(strings.Repeat("x", 250)+"%d ", 990) + "}",
	"nesting":                 nest("parent", 320),
	"nesting unknown":         strings.Repeat("{a", 330) + strings.Repeat("}", 330),
	"nesting inline":          "{" + strings.Repeat("...{", 300) + "__typename" + strings.Repeat("}", 300) + "}",
	"nested pages":            `{affiliates(first:100){edges{node{links(first:100){edges{node{affiliate{links(first:100){edges{node{id}}}}}}}}}}}`,
	"aliases":                 "{" + series("a%d:__typename ", 320) + "}",
	"aliases of the schema":   "{" + series("a%d:__schema{types{fields{type{name}}}} ", 20) + "}",
	"aliases in the schema":   "{__schema{" + series("a%d:types{fields{type{fields{name}}}} ", 60) + "}}",
	"schema in a circle":      "{__schema{types" + strings.Repeat("{fields{type", 30) + "{name}" + strings.Repeat("}}", 30) + "}}",
	"long alias":              "{commissions(first:100){edges{node{" + strings.Repeat("x", 100_000) + ":id}}}}",
	"directives":              "{viewer" + strings.Repeat("@skip(if:false)", 160) + "{id}}",
	"unknown directives":      "{viewer" + series("@d%d", 480) + "{id}}",
	"fragment cycle":          "{...a} fragment a on Query{...b} fragment b on Query{...a}",
	"fragment cycles":         "{...f0}" + fragments(120, func(i int) string { return fmt.Sprintf("...f%d", (i+1)%120) }),
	"spread bomb":             "{...f0}" + fragments(95, func(i int) string { return fmt.Sprintf("...f%d ...f%d", i+1, i+1) }) + "fragment f95 on Query{__typename}",
	"spread bomb with fields": "{affiliates(first:1){edges{node{...f0}}}}" + fragmentsOn("Affiliate", 50, func(i int) string { return fmt.Sprintf("id parent{...f%d} group{id} ...f%d", i+1, i+1) }) + "fragment f50 on Affiliate{id}",
	"spreads of everything":   "{...f0}" + fragments(28, func(i int) string { return spreads(i+1, 28) }) + "fragment f28 on Query{__typename}",
	"conflicts in fragments":  "{...f0 ...f1}" + fragments(37, func(i int) string { return fmt.Sprintf("a:nodes(ids:[\"%d\"]){id} b:viewer{id}", i) }),
	"unused fragments":        "{__typename}" + fragments(140, func(int) string { return "__typename" }),
	"list bomb":               "{nodes(ids:[" + strings.Repeat(`"x"`, 980) + "]){id}}",
	"list in list bomb":       "{nodes(ids:" + strings.Repeat("[", 480) + strings.Repeat("]", 480) + "){id}}",
	"object bomb":             "mutation{logIn(input:" + strings.Repeat("{a:", 240) + "1" + strings.Repeat("}", 240) + "){userErrors{code}}}",
	"unknown inputs":          "mutation{logIn(input:{" + series("a%d:1 ", 320) + "}){userErrors{code}}}",
	"huge string":             `{node(id:"` + strings.Repeat("x", 200_000) + `"){id}}`,
	"huge block string":       `{node(id:"""` + strings.Repeat("x\n", 100_000) + `"""){id}}`,
	"huge comment":            "#" + strings.Repeat("x", 200_000) + "\n{__typename}",
	"huge name":               "{" + strings.Repeat("x", 200_000) + "}",
	"huge number":             "{links(first:" + strings.Repeat("9", 200_000) + "){edges{cursor}}}",
	"commas":                  "{__typename" + strings.Repeat(",", 200_000) + "}",
	"tokens":                  "{" + strings.Repeat("a ", 120_000) + "}",
	"unused variables":        "query(" + series("$v%d:Int ", 240) + "){__typename}",
	"undefined variables":     "{" + series("links(first:$v%d){edges{cursor}} ", 70) + "}",
	"variable of no type":     "query(" + series("$v%d:Nope ", 240) + "){__typename}",
	"operations":              series("query q%d{__typename} ", 190),
	"one name operations":     strings.Repeat("query q{__typename} ", 190),
	"errors of rows":          "{" + series("a%d:node(id:\"x\"){id} ", 30) + "}",
	"refused by the room":     "{" + series("a%d:statement(currency:\"USD\",from:\"x\",to:\"y\"){paid{amount}} ", 18) + "}",
	"not a document":          strings.Repeat("}", 10_000),
	"nothing":                 "",
}

func series(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func nest(field string, n int) string {
	return "{affiliates(first:1){edges{node" + strings.Repeat("{"+field, n) + "{id}" + strings.Repeat("}", n) + "}}}"
}

func fragments(n int, body func(int) string) string { return fragmentsOn("Query", n, body) }

func fragmentsOn(kind string, n int, body func(int) string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "fragment f%d on %s{%s}", i, kind, body(i))
	}
	return b.String()
}

func spreads(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "...f%d ", i)
	}
	return b.String()
}
