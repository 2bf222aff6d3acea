package graph

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// notNodes have an id of their own kind that names nothing else. Clients that
// store rows by id, as Relay does, may store these too.
var notNodes = []string{"AttributionDecision", "Event", "Export", "OpenSession", "Reconciliation"}

// An id names one thing: what is no Node carries neither a Node's id nor one
// that several things share, or stores by id would mix their fields.
func TestAnIDNamesOneThing(t *testing.T) {
	t.Parallel()
	for _, def := range schemaTypes() {
		id := def.Fields.ForName("id")
		if def.Kind != ast.Object || id == nil || slices.Contains(def.Interfaces, "Node") || slices.Contains(notNodes, def.Name) {
			continue
		}
		if id.Directives.ForName("deprecated") == nil {
			t.Errorf("%s has an id and is no Node: call it by what it names", def.Name)
		}
	}
}

// Relay's conventions for pages: what their arguments and parts are called.
func TestPagesAreRelaysConnections(t *testing.T) {
	t.Parallel()
	has := func(where string, got *ast.Type, want ...string) {
		t.Helper()
		if got == nil || !slices.Contains(want, got.String()) {
			t.Errorf("%s is %v, want %v", where, got, want)
		}
	}
	pages := 0
	for _, def := range schemaTypes() {
		if row, page := strings.CutSuffix(def.Name, "Connection"); page {
			has(def.Name+".edges", typeOf(def, "edges"), "["+row+"Edge]")
			has(def.Name+".pageInfo", typeOf(def, "pageInfo"), "PageInfo!")
		}
		if row, edge := strings.CutSuffix(def.Name, "Edge"); edge {
			has(def.Name+".node", typeOf(def, "node"), row)
			has(def.Name+".cursor", typeOf(def, "cursor"), "Cursor!")
		}
		for _, f := range def.Fields {
			if !strings.HasSuffix(f.Type.Name(), "Connection") {
				continue
			}
			pages++
			for name, want := range map[string]string{"first": "Int", "after": "Cursor", "last": "Int", "before": "Cursor"} {
				if a := f.Arguments.ForName(name); a == nil || a.Type.String() != want {
					t.Errorf("%s.%s(%s:) is no %s", def.Name, f.Name, name, want)
				}
			}
		}
	}
	if pages < 20 {
		t.Errorf("%d pages", pages)
	}
}

func typeOf(def *ast.Definition, field string) *ast.Type {
	if f := def.Fields.ForName(field); f != nil {
		return f.Type
	}
	return nil
}
