package bounds

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// unsaid is the size of a page that does not say it.
const unsaid = 50

// rows gives how many rows a field yields for each row it stands in. A page
// within another row must say its size.
func (w *walk) rows(f *ast.Field, p price, on string) int {
	switch {
	case p.paged:
		return w.page(f, on == w.prices.roots[ast.Query])
	case p.sizedBy != "":
		return max(1, w.vars.length(f.Arguments.ForName(p.sizedBy)))
	}
	return max(1, p.size)
}

func (w *walk) page(f *ast.Field, said bool) int {
	rows := unsaid
	for _, name := range []string{"first", "last"} {
		n, ok := w.vars.number(f.Arguments.ForName(name))
		if !ok {
			continue
		}
		if said, rows = true, min(max(n, 1), w.limits.Page); n < 0 || n > w.limits.Page {
			w.refuse("PAGE", name+" must be between 0 and %d")
		}
	}
	if !said {
		w.refuse("PAGE", "a page within rows must say first or last, at most %d")
	}
	return rows
}

// refuse keeps the first fault.
func (w *walk) refuse(bound, format string) {
	if w.fault == nil {
		w.fault = faultOf(bound, w.limits.Page, format)
	}
}

// variables are those of the operation to be run.
type variables struct {
	given   map[string]any
	defined ast.VariableDefinitionList
}

// value resolves a variable: what was given, else the default.
func (v variables) value(in *ast.Value) (given any, literal *ast.Value) {
	if in.Kind != ast.Variable {
		return nil, in
	}
	if one, ok := v.given[in.Raw]; ok {
		return one, nil
	}
	if def := v.defined.ForName(in.Raw); def != nil {
		return nil, def.DefaultValue
	}
	return nil, nil
}

// number reads a whole number that an argument or its variable says. What is no
// number is refused later, with a better word than a bound has.
func (v variables) number(arg *ast.Argument) (n int, said bool) {
	if arg == nil {
		return 0, false
	}
	given, literal := v.value(arg.Value)
	text := ""
	switch g := given.(type) {
	case json.Number:
		text = g.String()
	case string:
		text = g
	case float64:
		text = strconv.FormatFloat(g, 'f', -1, 64)
	}
	if literal != nil && literal.Kind != ast.NullValue {
		text = literal.Raw
	}
	if given == nil && (literal == nil || literal.Kind == ast.NullValue) {
		return 0, false
	}
	switch n, err := strconv.Atoi(text); {
	case err == nil:
		return n, true
	case errors.Is(err, strconv.ErrRange):
		return most, true
	}
	return 1, true
}

func (v variables) length(arg *ast.Argument) int {
	if arg == nil {
		return 0
	}
	given, literal := v.value(arg.Value)
	if literal != nil {
		return len(literal.Children)
	}
	list, _ := given.([]any)
	return len(list)
}
