package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tributary/tributary/trust"
)

// allow is the one place where the API checks a permission. A test fails when a
// root field has neither @allow nor @public.
func allow(ctx context.Context, _ any, next graphql.Resolver, scope trust.Scope) (any, error) {
	if _, err := trust.Require(ctx, scope); err != nil {
		return nil, err
	}
	return next(ctx)
}

// public lets anyone ask.
func public(ctx context.Context, _ any, next graphql.Resolver) (any, error) { return next(ctx) }
