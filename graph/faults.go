package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// faultsOnce lets an answer tell what is wrong with a document once, where it is
// first: a mistake made a hundred times is one mistake, and no hundred lines.
// Errors of fields have a path, and each is told.
func faultsOnce(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	answer := next(ctx)
	if answer == nil || len(answer.Errors) < 2 {
		return answer
	}
	seen, kept := map[string]bool{}, gqlerror.List{}
	for _, one := range answer.Errors {
		if len(one.Path) > 0 || !seen[one.Message] {
			kept = append(kept, one)
		}
		seen[one.Message] = true
	}
	answer.Errors = kept
	return answer
}
