package graph

import (
	"reflect"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/graph/generated"
)

// A field that may be dear says its price: root fields that are no page, fields
// that a resolver of their own answers, plain lists of rows, and counts. It
// fails when one such field, such as StatementRow.kind, has no @cost.
func TestN34_DearFieldsSayTheirPrice(t *testing.T) {
	t.Parallel()
	schema, seen := generated.NewExecutableSchema(generated.Config{}).Schema(), 0
	resolved := resolvedFields()
	for _, def := range schemaTypes() {
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") || !mustSay(schema, def, f, resolved) {
				continue
			}
			seen++
			if f.Directives.ForName("cost") == nil {
				t.Errorf("%s.%s says no price", def.Name, f.Name)
			}
		}
	}
	if seen < 50 || len(resolved) < 8 {
		t.Errorf("only %d fields and %d types were looked at", seen, len(resolved))
	}
}

func mustSay(schema *ast.Schema, def *ast.Definition, f *ast.FieldDefinition, resolved map[string][]string) bool {
	if def == schema.Mutation || def.IsInputType() {
		return false // every mutation costs ten; passwords and batches say more
	}
	page := f.Arguments.ForName("first") != nil
	switch {
	case def == schema.Query || def == schema.Subscription:
		return !page
	case f.Name == "totalCount":
		return true
	case f.Type.Elem != nil && plainRows(schema, def, f):
		return true
	}
	for _, name := range resolved[def.Name] {
		if strings.EqualFold(name, f.Name) && !page {
			return true
		}
	}
	return false
}

// plainRows reports whether a field is a list of rows outside pages.
func plainRows(schema *ast.Schema, def *ast.Definition, f *ast.FieldDefinition) bool {
	yields := schema.Types[f.Type.Name()]
	value := yields.Directives.ForName("cost") // a type without a price of its own is a row
	return yields.IsCompositeType() && value == nil && f.Name != "edges" && def.Name != "EventFeed" && !answers(schema, def)
}

// answers reports whether a type is only ever the answer of one priced root field.
func answers(schema *ast.Schema, def *ast.Definition) bool {
	for _, f := range schema.Query.Fields {
		if f.Type.Name() == def.Name && f.Directives.ForName("cost") != nil && f.Arguments.ForName("first") == nil {
			return def.Fields.ForName("id") == nil
		}
	}
	return false
}

// resolvedFields lists by type the fields that have a resolver of their own, as
// the generator names them.
func resolvedFields() map[string][]string {
	out := map[string][]string{}
	all := reflect.TypeFor[generated.ResolverRoot]()
	for i := range all.NumMethod() {
		of := all.Method(i)
		for j := range of.Type.Out(0).NumMethod() {
			out[of.Name] = append(out[of.Name], of.Type.Out(0).Method(j).Name)
		}
	}
	return out
}
