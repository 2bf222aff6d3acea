package graph

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// allow is the one place where the API checks a permission, and where a refusal
// is put on record: its own, and that of a room which knows more. A test fails
// when a root field has neither @allow nor @public.
func (r *Resolver) allow(ctx context.Context, _ any, next graphql.Resolver, scope trust.Scope) (any, error) {
	_, err := trust.Require(ctx, scope)
	var answer any
	if err == nil {
		answer, err = next(ctx)
	}
	if errors.Is(err, trust.ErrForbidden) || problem.CodeOf(err) == problem.Forbidden {
		viewer, _ := trust.From(ctx)
		r.Store.Deny(ctx, store.Denial{Viewer: viewer, Action: graphql.GetFieldContext(ctx).Field.Name, Reason: string(scope)})
	}
	return answer, err
}

// public lets anyone ask.
func public(ctx context.Context, _ any, next graphql.Resolver) (any, error) { return next(ctx) }
