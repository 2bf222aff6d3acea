package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tributary/tributary/internal/problem"
)

// hidden refuses documents that ask for the schema where it is not shown. Left to
// itself the executor would answer as if something of ours had failed.
type hidden struct{}

// ExtensionName of the handler's extension.
func (hidden) ExtensionName() string { return "Hidden" }

// Validate the schema: nothing to do.
func (hidden) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses an operation or lets it pass unchanged.
func (hidden) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	for _, f := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"}) {
		if strings.HasPrefix(f.Name, "__") && f.Name != "__typename" {
			return &gqlerror.Error{Message: "the schema is not shown here", Extensions: map[string]any{"code": string(problem.Forbidden)}}
		}
	}
	return nil
}
