package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/graph"
)

// contract is the composed schema, from which the matrix is made: a field, an
// argument or a type that is added is in it without a line here, or fails it.
type contract struct {
	*ast.Schema
	tb testing.TB
}

func theContract(t testing.TB) contract {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: graph.SDL()})
	if err != nil {
		t.Fatal(err)
	}
	return contract{schema, t}
}

// roots are the fields of a root type in the order of their names.
func (c contract) roots(of *ast.Definition) (fields []*ast.FieldDefinition) {
	for _, f := range of.Fields {
		if !strings.HasPrefix(f.Name, "__") {
			fields = append(fields, f)
		}
	}
	slices.SortFunc(fields, func(a, b *ast.FieldDefinition) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

// nodes are the types with an id of their own.
func (c contract) nodes() (names []string) {
	for _, d := range c.PossibleTypes["Node"] {
		names = append(names, d.Name)
	}
	slices.Sort(names)
	return names
}

// scope is what a field demands: "" when it demands nothing.
func scope(f *ast.FieldDefinition) string {
	if d := f.Directives.ForName("allow"); d != nil {
		return d.Arguments.ForName("scope").Value.Raw
	}
	return ""
}

// selection asks for every field of a type that demands no scope of its own,
// and for those of the rows behind it, depth levels deep.
func (c contract) selection(typeName string, depth int) string {
	d := c.Types[typeName]
	if d == nil || d.Kind == ast.Scalar || d.Kind == ast.Enum {
		return ""
	}
	if d.Kind == ast.Interface {
		return " { __typename id }"
	}
	var parts []string
	for _, f := range d.Fields {
		if one := c.part(f, depth); one != "" && scope(f) == "" {
			parts = append(parts, one)
		}
	}
	return " { " + strings.Join(append(parts, "__typename"), " ") + " }"
}

// part asks for one field: "" when it lies too deep.
func (c contract) part(f *ast.FieldDefinition, depth int) string {
	d := c.Types[f.Type.Name()]
	if strings.HasPrefix(f.Name, "__") {
		return ""
	}
	if d.Kind == ast.Scalar || d.Kind == ast.Enum {
		return f.Name
	}
	if depth == 0 && f.Name != "userErrors" {
		return ""
	}
	page := ""
	if strings.HasSuffix(d.Name, "Connection") {
		page = "(first: 2)"
		return f.Name + page + " { edges { cursor node" + c.selection(strings.TrimSuffix(d.Name, "Connection"), depth-1) + " } }"
	}
	if f.Arguments.ForName("first") != nil {
		page = "(first: 2)"
	}
	return f.Name + page + c.selection(d.Name, depth-1)
}

// ids are the places of ids in an input, as paths; a list is entered at its
// first element, and an input that holds others of its kind once more.
func (c contract) ids(t *ast.Type, path string, within ...string) (paths []string) {
	if t.Elem != nil {
		return c.ids(t.Elem, path+".0", within...)
	}
	if t.NamedType == "ID" {
		return []string{strings.TrimPrefix(path, ".")}
	}
	d := c.Types[t.NamedType]
	if d == nil || d.Kind != ast.InputObject || len(within)-len(slices.DeleteFunc(slices.Clone(within), func(n string) bool { return n == d.Name })) > 1 {
		return nil
	}
	for _, f := range d.Fields {
		paths = append(paths, c.ids(f.Type, path+"."+f.Name, append(slices.Clone(within), d.Name)...)...)
	}
	return paths
}

// document is an operation on one root field whose arguments are variables.
func (c contract) document(kind string, f *ast.FieldDefinition, given map[string]any) string {
	var declared, passed []string
	for _, a := range f.Arguments {
		if _, has := given[a.Name]; has {
			declared = append(declared, fmt.Sprintf("$%s: %s", a.Name, a.Type))
			passed = append(passed, fmt.Sprintf("%s: $%[1]s", a.Name))
		} else if a.Type.NonNull && a.DefaultValue == nil {
			c.tb.Errorf("%s.%s demands %s, and the matrix knows no value: add one to matrix_golden_test.go", kind, f.Name, a.Name)
		}
	}
	head, args := "", ""
	if len(declared) > 0 {
		head, args = "("+strings.Join(declared, ", ")+")", "("+strings.Join(passed, ", ")+")"
	}
	body := c.selection(f.Type.Name(), 2)
	if strings.HasSuffix(f.Type.Name(), "Connection") {
		body = " { edges { cursor node" + c.selection(strings.TrimSuffix(f.Type.Name(), "Connection"), 1) + " } pageInfo { endCursor } totalCount }"
	}
	return fmt.Sprintf("%s%s { %s%s%s }", kind, head, f.Name, args, body)
}

// place is where a path leads in decoded JSON: set puts a value there.
func set(v any, path []string, value any) bool {
	switch v := v.(type) {
	case map[string]any:
		if len(path) == 1 {
			_, there := v[path[0]]
			v[path[0]] = value
			return there
		}
		return set(v[path[0]], path[1:], value)
	case []any:
		if len(v) == 0 || path[0] != "0" {
			return false
		}
		if len(path) == 1 {
			v[0] = value
			return true
		}
		return set(v[0], path[1:], value)
	}
	return false
}

// get is what stands at a path, as text.
func get(v any, path []string) string {
	for _, part := range path {
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			if len(at) == 0 {
				return ""
			}
			v = at[0]
		}
	}
	text, _ := v.(string)
	return text
}
