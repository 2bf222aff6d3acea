package bounds

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Request is a parsed document and which of its operations to run with what.
type Request struct {
	Document  *ast.QueryDocument
	Operation string         // name; the only operation when empty
	Variables map[string]any // as decoded from JSON
}

// Measure looks a document over and refuses it when the operation that is to be
// run is beyond the limits. Of other operations in the text, which are validated
// too, only the points do not count. The fault is the first that the pass meets.
func (l Limits) Measure(r Request, prices *Prices) (Size, *Fault) {
	if len(r.Document.Operations) > l.Operations {
		return Size{}, faultOf("OPERATIONS", l.Operations, "the document has more than %d operations")
	}
	chosen := r.Document.Operations.ForName(r.Operation)
	named := map[string]*ast.FragmentDefinition{}
	for _, f := range r.Document.Fragments {
		if named[f.Name] == nil {
			named[f.Name] = f
		}
	}
	w := walk{limits: l, prices: prices, named: named, seen: map[string]extent{}, vars: variables{given: r.Variables}}
	if chosen != nil {
		w.vars.defined = chosen.VariableDefinitions
	}
	size := w.operation(chosen)
	if fault := l.check(size); w.fault == nil {
		w.fault = fault
	}
	for _, op := range r.Document.Operations {
		if op != chosen && w.fault == nil {
			other := w.operation(op)
			other.Points = 0
			w.fault = l.check(other)
		}
	}
	size.Steps = w.steps
	return size, w.fault
}

type walk struct {
	limits Limits
	prices *Prices
	named  map[string]*ast.FragmentDefinition
	seen   map[string]extent // of fragments
	vars   variables
	steps  int
	fault  *Fault
}

func (w *walk) operation(op *ast.OperationDefinition) Size {
	if op == nil {
		return Size{}
	}
	e := w.set(op.SelectionSet, w.prices.roots[op.Operation])
	return Size{
		Depth: e.depth, Aliases: e.aliases, RootFields: e.top, Directives: plus(e.directives, len(op.Directives)),
		Fields: e.fields, Points: e.points,
	}
}

// set measures a selection on a type.
func (w *walk) set(set ast.SelectionSet, on string) (all extent) {
	for _, one := range set {
		w.steps++
		switch one := one.(type) {
		case *ast.Field:
			all.add(w.field(one, on))
		case *ast.InlineFragment:
			within := on
			if one.TypeCondition != "" {
				within = one.TypeCondition
			}
			all.add(w.set(one.SelectionSet, within))
			all.directives = plus(all.directives, len(one.Directives))
		case *ast.FragmentSpread:
			all.add(w.fragment(one.Name))
			all.directives = plus(all.directives, len(one.Directives))
		}
	}
	return all
}

// fragment measures a fragment once. Within a circle, which validation refuses,
// it is nothing.
func (w *walk) fragment(name string) extent {
	e, seen := w.seen[name]
	def := w.named[name]
	if seen || def == nil {
		return e
	}
	w.seen[name] = extent{}
	e = w.set(def.SelectionSet, def.TypeCondition)
	w.seen[name] = e
	return e
}

func (w *walk) field(f *ast.Field, on string) extent {
	p := w.prices.of[on][f.Name]
	e := extent{top: 1, fields: 1, directives: len(f.Directives)}
	if f.Alias != f.Name {
		e.aliases = 1
	}
	rows := w.rows(f, p, on)
	within := w.set(f.SelectionSet, p.yields)
	if strings.HasPrefix(f.Name, "__") {
		e.points = readingTheSchema(f, within)
	} else {
		e.depth, e.points = 1+within.depth, plus(times(rows, plus(p.weight, within.points)), within.aside)
	}
	if p.aside {
		e.points, e.aside = 0, e.points
	}
	within.depth, within.top, within.points, within.aside = 0, 0, 0, 0
	e.add(within)
	return e
}

// readingTheSchema costs the same however it is done, since the schema is of one
// size, and once more for each alias, which can ask for all of it again.
func readingTheSchema(f *ast.Field, within extent) int {
	if len(f.SelectionSet) == 0 {
		return 0 // __typename
	}
	return times(introspectionWeight, plus(1, within.aliases))
}
