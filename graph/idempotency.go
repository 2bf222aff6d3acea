package graph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// shownOnce are the mutations whose answer holds a secret: the answer's bytes
// are never stored, and a repeat shows the row without the secret.
var shownOnce = map[string]bool{"apiTokenCreate": true, "apiTokenRotate": true, "affiliateApply": true, "affiliateCreate": true, "affiliateClaimReissue": true, "webhookEndpointCreate": true, "webhookEndpointSecretRotate": true}

// keyLimit bounds an idempotency key.
const keyLimit = 200

// keyed makes a mutation with an idempotencyKey answer its repeats: with the
// same bytes when the same selection is asked for with the same rights, else
// resolved again from the stored outcome. An answer with errors in it is not
// stored: what failed may work the next time.
func (r *Resolver) keyed(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	root := graphql.GetRootFieldContext(ctx)
	key, input := keyOf(ctx, root)
	if key == "" {
		return next(ctx)
	}
	if len(key) > keyLimit {
		graphql.AddError(ctx, problem.At(problem.Invalid, "input.idempotencyKey", "at most %d bytes", keyLimit))
		return graphql.Null
	}
	recall := &store.Recall{}
	selection := selectionHash(ctx, root.Field)
	ctx = store.WithKey(ctx, store.Key{Value: key, Fingerprint: fingerprint(input), Selection: selection, Recall: recall})
	var answer bytes.Buffer
	before := len(graphql.GetErrors(ctx)) // of mutations before this one: they run one after another
	next(ctx).MarshalGQL(&answer)
	whole := len(graphql.GetErrors(ctx)) == before
	if recall.Reply != nil {
		return raw(recall.Reply)
	}
	if whole && !recall.Repeated && !shownOnce[root.Field.Name] {
		r.Store.KeepReply(recall.RecordID, selection, bytes.Clone(answer.Bytes()))
	}
	return raw(answer.Bytes())
}

// raw are bytes as an answer. Null is the executor's own, by which it knows that
// a field which may not be null has failed.
func raw(b []byte) graphql.Marshaler {
	if bytes.Equal(b, []byte("null")) {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(b) })
}

func keyOf(ctx context.Context, root *graphql.RootFieldContext) (string, map[string]any) {
	if root == nil || root.Field.ObjectDefinition == nil || root.Field.ObjectDefinition.Name != "Mutation" {
		return "", nil // root.Object is no help: the generated code puts the field's name there
	}
	input, _ := root.Field.ArgumentMap(graphql.GetOperationContext(ctx).Variables)["input"].(map[string]any)
	key, _ := input["idempotencyKey"].(string)
	return key, input
}

// fingerprint is SHA-256 of the input's canonical bytes without the key: two
// spellings of one input are one input.
func fingerprint(input map[string]any) [32]byte {
	w := canon.NewWriter(1)
	rest := maps.Clone(input)
	delete(rest, "idempotencyKey")
	writeValue(w, rest)
	return canon.Hash(w.Sum())
}

func writeValue(w *canon.Writer, v any) {
	switch v := v.(type) {
	case map[string]any:
		present := slices.DeleteFunc(slices.Sorted(maps.Keys(v)), func(k string) bool { return v[k] == nil })
		w.List(len(present))
		for _, k := range present {
			w.String(k)
			writeValue(w, v[k])
		}
	case []any:
		w.List(len(v))
		for _, one := range v {
			writeValue(w, one)
		}
	case bool:
		w.Bool(v)
	default:
		w.String(fmt.Sprint(v))
	}
}

// selectionHash is a hash of what the client asked for, with fragments spelled
// out, and of what it may see: equal hashes ask for equal bytes.
func selectionHash(ctx context.Context, f graphql.CollectedField) [32]byte {
	v, _ := trust.From(ctx)
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %t %v", v.Role, v.AffiliateID, v.Unverified, slices.Sorted(slices.Values(v.Scopes)))
	spell(&b, f.Selections, graphql.GetOperationContext(ctx))
	return sha256.Sum256([]byte(b.String()))
}

func spell(b *strings.Builder, set ast.SelectionSet, op *graphql.OperationContext) {
	b.WriteByte('{')
	for _, one := range set {
		switch one := one.(type) {
		case *ast.Field:
			fmt.Fprintf(b, "%s:%s", one.Alias, one.Name)
			writeArguments(b, one, op)
			writeConditions(b, one.Directives, op)
			spell(b, one.SelectionSet, op)
		case *ast.InlineFragment:
			fmt.Fprintf(b, "...%s", one.TypeCondition)
			writeConditions(b, one.Directives, op)
			spell(b, one.SelectionSet, op)
		case *ast.FragmentSpread:
			fmt.Fprintf(b, "...%s", one.Definition.TypeCondition)
			writeConditions(b, one.Directives, op)
			spell(b, one.Definition.SelectionSet, op)
		}
	}
	b.WriteByte('}')
}

func writeArguments(b *strings.Builder, f *ast.Field, op *graphql.OperationContext) {
	args := f.ArgumentMap(op.Variables)
	for _, k := range slices.Sorted(maps.Keys(args)) {
		fmt.Fprintf(b, "(%s=%v)", k, args[k])
	}
}

func writeConditions(b *strings.Builder, list ast.DirectiveList, op *graphql.OperationContext) {
	for _, d := range list {
		fmt.Fprintf(b, "@%s%v", d.Name, d.ArgumentMap(op.Variables))
	}
}
