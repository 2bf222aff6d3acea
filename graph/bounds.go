package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// depthLimit bounds how deep a document may reach; introspection is bounded by
// the schema itself and does not count.
const depthLimit = 12

// rowLimit bounds how many rows one document may ask for: pages within pages
// multiply.
const rowLimit = 10_000

// bounds refuses, before anything is run, documents that reach too deep or ask
// for too many rows. Fragments are looked at once each.
type bounds struct{}

// ExtensionName of the handler's extension.
func (bounds) ExtensionName() string { return "Bounds" }

// Validate the schema: nothing to do.
func (bounds) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses an operation or lets it pass unchanged.
func (bounds) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	w := walk{vars: op.Variables, seen: map[string]extent{}}
	all := w.set(op.Operation.SelectionSet, true)
	switch {
	case w.fault != nil:
	case all.depth > depthLimit:
		w.fault = tooMuch("the document is %d levels deep; at most %d", all.depth, depthLimit)
	case all.rows > rowLimit:
		w.fault = tooMuch("the document asks for more than %d rows", rowLimit)
	}
	return w.fault
}

func tooMuch(format string, a ...any) *gqlerror.Error {
	return &gqlerror.Error{Message: fmt.Sprintf(format, a...), Extensions: map[string]any{"code": "TOO_COMPLEX"}}
}

// extent is how deep a selection reaches and how many rows it may yield.
type extent struct{ depth, rows int }

type walk struct {
	vars  map[string]any
	seen  map[string]extent // of fragments
	fault *gqlerror.Error
}

func (w *walk) set(set ast.SelectionSet, root bool) (all extent) {
	for _, one := range set {
		var e extent
		switch one := one.(type) {
		case *ast.Field:
			e = w.field(one, root)
		case *ast.InlineFragment:
			e = w.set(one.SelectionSet, root)
		case *ast.FragmentSpread:
			e = w.fragment(one, root)
		}
		all.depth, all.rows = max(all.depth, e.depth), min(all.rows+e.rows, tooMany)
	}
	return all
}

// tooMany stands for any number beyond the limit, so that no product overflows.
const tooMany = rowLimit + 1

func (w *walk) fragment(spread *ast.FragmentSpread, root bool) extent {
	if e, seen := w.seen[spread.Name]; seen {
		return e
	}
	e := w.set(spread.Definition.SelectionSet, root)
	w.seen[spread.Name] = e
	return e
}

func (w *walk) field(f *ast.Field, root bool) extent {
	if strings.HasPrefix(f.Name, "__") {
		return extent{}
	}
	page := w.list(f, root)
	within := w.set(f.SelectionSet, false)
	if partOfPage(f) {
		return extent{1 + within.depth, within.rows}
	}
	return extent{1 + within.depth, min(page*(1+within.rows), tooMany)}
}

// partOfPage reports whether a field stands between a page and its rows, which
// the page has counted.
func partOfPage(f *ast.Field) bool {
	if f.ObjectDefinition == nil {
		return false
	}
	name := f.ObjectDefinition.Name
	return strings.HasSuffix(name, "Connection") || strings.HasSuffix(name, "Edge")
}

// list gives how many rows a field may yield for each row it stands in: a page's
// size; ten for a plain list of rows, such as an order's lines; none for values.
// A page within another row must say its size.
func (w *walk) list(f *ast.Field, root bool) (rows int) {
	if f.Definition == nil || !strings.HasSuffix(f.Definition.Type.Name(), "Connection") {
		return plainRows(f)
	}
	rows = pageDefault
	args, said := f.ArgumentMap(w.vars), root
	for _, name := range []string{"first", "last"} {
		n, ok := whole(args[name])
		if !ok {
			continue
		}
		said, rows = true, int(n)
		if n < 0 || n > pageLimit {
			w.fault = tooMuch("%s: %s must be between 0 and %d", f.Alias, name, pageLimit)
		}
	}
	if !said {
		w.fault = tooMuch("%s: say first or last, at most %d", f.Alias, pageLimit)
	}
	return max(0, min(rows, pageLimit))
}

func plainRows(f *ast.Field) int {
	switch {
	case len(f.SelectionSet) == 0:
		return 0
	case f.Definition != nil && f.Definition.Type.Elem != nil:
		return 10
	}
	return 1
}

func whole(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	}
	return 0, false
}
