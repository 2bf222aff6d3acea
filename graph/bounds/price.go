package bounds

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// Prices of a schema's fields. A field that says nothing costs
//
//	0  a scalar, or what stands between a page and its rows
//	1  an object, once for each row
//	10 a field of Mutation or Subscription, with what hangs below it
//
// A field with the argument first is a page and multiplies by its size. The
// directive @cost says what differs, on a field or on a type for all fields that
// yield it: weight is the points of one row, size how many rows a plain list is
// taken to hold, sizedBy the list argument that tells.
type Prices struct {
	of    map[string]map[string]price // by type and field
	roots map[ast.Operation]string    // names of the root types
}

// price of a field; the zero price is that of what the schema does not know.
type price struct {
	yields  string // the type whose fields hang below
	weight  int
	size    int    // rows of a plain list; 1 for a single object
	sizedBy string // a list argument whose length is the number of rows
	paged   bool   // first and last are the number of rows
	aside   bool   // stands beside a page's rows, once for the page
}

const (
	taskWeight          = 10  // of a mutation, or of opening a subscription
	introspectionWeight = 100 // of reading the schema, and of each alias within
	rowWeight           = 1
	costDirective       = "cost"
)

// NewPrices reads the prices of a schema.
func NewPrices(schema *ast.Schema) *Prices {
	p := &Prices{of: map[string]map[string]price{}, roots: map[ast.Operation]string{}}
	for kind, def := range map[ast.Operation]*ast.Definition{ast.Query: schema.Query, ast.Mutation: schema.Mutation, ast.Subscription: schema.Subscription} {
		if def != nil {
			p.roots[kind] = def.Name
		}
	}
	parts := partsOfPages(schema)
	for name, def := range schema.Types {
		p.of[name] = make(map[string]price, len(def.Fields))
		for _, f := range def.Fields {
			p.of[name][f.Name] = priceOf(schema, def, f, parts[name])
		}
	}
	return p
}

// partsOfPages names the types that stand between a page and its rows.
func partsOfPages(schema *ast.Schema) map[string]bool {
	parts := map[string]bool{}
	for _, def := range schema.Types {
		for _, f := range def.Fields {
			if f.Arguments.ForName("first") == nil {
				continue
			}
			page := schema.Types[f.Type.Name()]
			parts[page.Name] = true
			if edges := page.Fields.ForName("edges"); edges != nil {
				parts[edges.Type.Name()] = true
			}
		}
	}
	return parts
}

func priceOf(schema *ast.Schema, def *ast.Definition, f *ast.FieldDefinition, partOfPage bool) price {
	yields := schema.Types[f.Type.Name()]
	out := price{yields: yields.Name, size: 1, paged: f.Arguments.ForName("first") != nil}
	switch {
	case def == schema.Mutation || def == schema.Subscription:
		out.weight = taskWeight
	case partOfPage:
		out.aside = yields.IsLeafType()
	case yields.IsCompositeType():
		out.weight = rowWeight
		out.declared(yields.Directives)
	}
	out.declared(f.Directives)
	return out
}

// declared takes over what @cost says.
func (p *price) declared(list ast.DirectiveList) {
	d := list.ForName(costDirective)
	if d == nil {
		return
	}
	p.weight, p.size = number(d, "weight", p.weight), number(d, "size", p.size)
	if by := d.Arguments.ForName("sizedBy"); by != nil {
		p.sizedBy = by.Value.Raw
	}
}

func number(d *ast.Directive, name string, unsaid int) int {
	arg := d.Arguments.ForName(name)
	if arg == nil {
		return unsaid
	}
	n, err := strconv.Atoi(arg.Value.Raw)
	if err != nil {
		return unsaid
	}
	return n
}
