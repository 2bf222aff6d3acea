package graph

import (
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"

	"github.com/tributary/tributary/graph/generated"
)

// The bounds count rows by multiplying pages: a page of 100 commissions is 100
// rows; with its affiliate 100 × (1 + 1) = 200; with 100 links of each affiliate
// 100 × (1 + 1 × (1 + 100)) = 10 200.
func TestDocumentsAreBounded(t *testing.T) {
	t.Parallel()
	page := func(inner string) string { return `{ commissions(first: 100) { edges { node { ` + inner + ` } } } }` }
	for name, c := range map[string]struct{ document, fault string }{
		"OK a page":                {page(`id`), ""},
		"OK a page with a row":     {page(`id affiliate { id }`), ""},
		"OK plain lists":           {`{ conversions(first: 100) { edges { node { id commissions { id } lines { id } } } pageInfo { endCursor } } }`, ""},
		"ErrRows pages in pages":   {page(`affiliate { links(first: 100) { edges { node { id } } } }`), "rows"},
		"ErrRows by aliases":       {`{ ` + strings.Repeat(`a: `, 1) + `commissions(first: 100) { ...c } }` + ` fragment c on CommissionConnection { ` + aliases(12) + ` }`, "rows"},
		"ErrPage above the limit":  {`{ commissions(first: 101) { edges { node { id } } } }`, "between 0 and 100"},
		"ErrPage without a size":   {page(`affiliate { links { edges { node { id } } } }`), "say first or last"},
		"ErrDepth":                 {page(`affiliate { parent { parent { parent { parent { parent { parent { parent { parent { parent { id } } } } } } } } } }`), "levels deep"},
		"OK introspection is free": {`{ __schema { types { fields { type { ofType { ofType { ofType { ofType { ofType { name } } } } } } } } } }`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, errs := gqlparser.LoadQueryWithRules(generated.NewExecutableSchema(generated.Config{}).Schema(), c.document, nil)
			if errs != nil {
				t.Fatal(errs)
			}
			err := bounds{}.MutateOperationContext(t.Context(), &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0]})
			switch {
			case c.fault == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.fault != "" && (err == nil || !strings.Contains(err.Message, c.fault)):
				t.Errorf("got %v, want %q", err, c.fault)
			}
		})
	}
}

// aliases asks for ten rows of each commission's conversion n times over.
func aliases(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("edges" + string(rune('a'+i)) + `: edges { node { conversion { commissions { id } } } } `)
	}
	return b.String()
}
