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

// bounds refuses, before anything is run, documents that reach too deep or ask
// for lists without an end. Fragments are looked at once each.
type bounds struct{}

// ExtensionName of the handler's extension.
func (bounds) ExtensionName() string { return "Bounds" }

// Validate the schema: nothing to do.
func (bounds) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses an operation or lets it pass unchanged.
func (bounds) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	w := walk{vars: op.Variables, depths: map[string]int{}}
	depth := w.depth(op.Operation.SelectionSet, true)
	if w.fault == nil && depth > depthLimit {
		w.fault = tooMuch("the document is %d levels deep; at most %d", depth, depthLimit)
	}
	return w.fault
}

func tooMuch(format string, a ...any) *gqlerror.Error {
	return &gqlerror.Error{Message: fmt.Sprintf(format, a...), Extensions: map[string]any{"code": "TOO_COMPLEX"}}
}

type walk struct {
	vars   map[string]any
	depths map[string]int // of fragments seen
	fault  *gqlerror.Error
}

func (w *walk) depth(set ast.SelectionSet, root bool) (deepest int) {
	for _, one := range set {
		d := 0
		switch one := one.(type) {
		case *ast.Field:
			d = w.field(one, root)
		case *ast.InlineFragment:
			d = w.depth(one.SelectionSet, root)
		case *ast.FragmentSpread:
			d = w.fragment(one, root)
		}
		deepest = max(deepest, d)
	}
	return deepest
}

func (w *walk) fragment(spread *ast.FragmentSpread, root bool) int {
	if d, seen := w.depths[spread.Name]; seen {
		return d
	}
	d := w.depth(spread.Definition.SelectionSet, root)
	w.depths[spread.Name] = d
	return d
}

func (w *walk) field(f *ast.Field, root bool) int {
	if strings.HasPrefix(f.Name, "__") {
		return 0
	}
	w.list(f, root)
	return 1 + w.depth(f.SelectionSet, false)
}

// list demands that a list within another row says how many rows it wants: a
// page of a hundred rows with a hundred each is the most.
func (w *walk) list(f *ast.Field, root bool) {
	if f.Definition == nil || !strings.HasSuffix(f.Definition.Type.Name(), "Connection") {
		return
	}
	args, said := f.ArgumentMap(w.vars), root
	for _, name := range []string{"first", "last"} {
		n, ok := whole(args[name])
		if !ok {
			continue
		}
		said = true
		if n < 0 || n > pageLimit {
			w.fault = tooMuch("%s: %s must be between 0 and %d", f.Alias, name, pageLimit)
		}
	}
	if !said {
		w.fault = tooMuch("%s: say first or last, at most %d", f.Alias, pageLimit)
	}
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
