package graph

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// An answer in which a part failed is not what its repeat gets, once the part
// works again. With such answers stored the repeat has the hole and no error.
func TestAnswersWithErrorsAreNotRepeated(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	owner, _ := storetest.Merchant(t, s)
	r := &Resolver{Store: s}
	ask := func(part string, failure error) (string, int) {
		ctx := graphql.WithOperationContext(owner, &graphql.OperationContext{})
		ctx = graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, graphql.DefaultRecover)
		input := &ast.Value{Kind: ast.ObjectValue, Children: ast.ChildValueList{{Name: "idempotencyKey", Value: &ast.Value{Kind: ast.StringValue, Raw: "once"}}}}
		field := &ast.Field{Name: "make", ObjectDefinition: &ast.Definition{Name: "Mutation"}, Arguments: ast.ArgumentList{{Name: "input", Value: input}},
			Definition: &ast.FieldDefinition{Arguments: ast.ArgumentDefinitionList{{Name: "input", Type: ast.NamedType("Input", nil)}}}}
		ctx = graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{Field: graphql.CollectedField{Field: field}})
		var out bytes.Buffer
		r.keyed(ctx, func(ctx context.Context) graphql.Marshaler {
			_, err := store.Run(ctx, s, store.Command{Name: "make"}, func(context.Context, *store.Tx) (int, error) { return 1, nil })
			if err = errors.Join(err, failure); err != nil {
				graphql.AddError(ctx, err)
			}
			return raw([]byte(part))
		}).MarshalGQL(&out)
		return out.String(), len(graphql.GetErrors(ctx))
	}
	if text, n := ask(`{"part":null}`, errors.New("for a moment")); text != `{"part":null}` || n != 1 {
		t.Fatalf("%s with %d errors", text, n)
	}
	for range 2 {
		if text, n := ask(`{"part":1}`, nil); text != `{"part":1}` || n != 0 {
			t.Errorf("%s with %d errors", text, n)
		}
	}
}
