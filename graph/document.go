package graph

import (
	"context"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/graph/bounds"
	"github.com/tributary/tributary/graph/generated"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/graph/wire"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/auth"
)

// operationRegister registers a document that this schema can run.
func (r *Resolver) operationRegister(ctx context.Context, in model.OperationRegisterInput) (auth.OperationOutcome, error) {
	doc, err := reader{schema: generated.NewExecutableSchema(generated.Config{}).Schema()}.document(in.Document)
	if err != nil {
		return auth.OperationOutcome{}, problem.At(problem.Invalid, "document", "%s", clipped(err.Error()))
	}
	if len(doc.Operations) != 1 {
		return auth.OperationOutcome{}, problem.At(problem.Invalid, "document", "must hold one operation")
	}
	return r.Auth.OperationRegister(ctx, auth.OperationRegisterInput{Name: or(in.Name, doc.Operations[0].Name), Document: in.Document})
}

// document reads a text and checks it. Errors: the first fault.
func (r reader) document(text string) (*ast.QueryDocument, error) {
	doc, err := r.parse(text)
	if err != nil {
		return nil, err
	}
	if _, fault := bounds.Standard.Measure(bounds.Request{Document: doc}, &bounds.Prices{}); fault != nil {
		return nil, fault
	}
	if faults := r.check(doc); len(faults) > 0 {
		return nil, faults[0]
	}
	return doc, nil
}

// forPages reports whether a document is for a publishable key: all that it asks
// for is open to such keys, and something needs one.
func forPages(doc *ast.QueryDocument) bool {
	needed := false
	for _, op := range doc.Operations {
		for _, f := range rootFields(op.SelectionSet, map[string]bool{}) {
			allow := f.Definition.Directives.ForName("allow")
			if allow == nil {
				continue // public
			}
			scope, err := wire.UnmarshalScope(allow.Arguments.ForName("scope").Value.Raw)
			if err != nil || !slices.Contains(trust.PublishableScopes(), scope) {
				return false
			}
			needed = true
		}
	}
	return needed
}

// rootFields lists the fields of a root, those in fragments once.
func rootFields(set ast.SelectionSet, seen map[string]bool) (all []*ast.Field) {
	for _, one := range set {
		switch one := one.(type) {
		case *ast.Field:
			all = append(all, one)
		case *ast.InlineFragment:
			all = append(all, rootFields(one.SelectionSet, seen)...)
		case *ast.FragmentSpread:
			if !seen[one.Name] {
				seen[one.Name] = true
				all = append(all, rootFields(one.Definition.SelectionSet, seen)...)
			}
		}
	}
	return all
}
