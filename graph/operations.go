package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tributary/tributary/graph/bounds"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/auth"
)

// operations knows which documents a merchant has registered, and who may run no
// others: a token that says so, and a publishable key once its merchant has
// registered an operation for pages. Until then a page's key runs whatever its
// scopes allow, so that a first form works without any set-up; from the first
// registration on, nothing else runs with a key that everybody can read.
type operations struct {
	registry *auth.Service
	reader   reader
	pages    bounds.Shelf[bool] // by hash: is it for pages?
}

// find gives a request its document's text when it names it by hash, and refuses
// what the asker may not run. The hash it returns is one that the client has
// proven and that may be kept. Errors: Invalid, NotRegistered,
// UnknownDocument, and what the database says.
func (g *gate) find(ctx context.Context, params *graphql.RawParams) (hash string, err error) {
	named, err := hashIn(params.Extensions)
	if err != nil {
		return "", err
	}
	if params.Query != "" && named != "" && named != hashOf(params.Query) {
		return "", problem.At(problem.Invalid, "extensions", "the hash is not that of the document")
	}
	if err := g.operations.admit(ctx, params.Query, named); err != nil {
		return "", err
	}
	if params.Query == "" && named != "" {
		params.Query, err = g.text(ctx, named)
	}
	return named, err
}

// admit refuses an asker who may run registered documents only, and this is none.
func (o *operations) admit(ctx context.Context, text, hash string) error {
	v, known := trust.From(ctx)
	if !known || !v.RegisteredOnly && v.Kind != trust.KindPublishable {
		return nil
	}
	registered, err := o.registry.Operations(ctx)
	if err != nil {
		return err
	}
	if hash == "" {
		hash = hashOf(text)
	}
	if slices.Contains(registered, hash) {
		return nil
	}
	if bound, err := o.bound(ctx, v, registered); err != nil || !bound {
		return err
	}
	o.registry.OperationDenied(ctx, v)
	return problem.New(problem.NotRegistered, "this credential runs registered operations only; see operationRegister")
}

// bound reports whether an asker may run nothing but what is registered.
func (o *operations) bound(ctx context.Context, v trust.Viewer, registered []string) (bool, error) {
	if v.RegisteredOnly {
		return true, nil
	}
	for _, hash := range registered {
		if yes, err := o.forPages(ctx, hash); yes || err != nil {
			return yes, err
		}
	}
	return false, nil
}

// pageEntry is about what one remembered answer takes.
const pageEntry = 256

func (o *operations) forPages(ctx context.Context, hash string) (bool, error) {
	if yes, known := o.pages.Get("", hash); known {
		return yes, nil
	}
	text, err := o.registry.OperationDocument(ctx, hash)
	if err != nil {
		return false, err
	}
	doc, fault := o.reader.document(text)
	yes := fault == nil && forPages(doc)
	o.pages.Put("", hash, yes, pageEntry)
	return yes, nil
}

// text finds a document by its hash: one that somebody of this merchant has sent
// before, else a registered one.
func (g *gate) text(ctx context.Context, hash string) (string, error) {
	if text, ok := g.documents.texts.Get(bay(ctx), hash); ok {
		return text, nil
	}
	unknown := problem.New(problem.UnknownDocument, "PersistedQueryNotFound") // the words that clients look for
	if _, known := trust.From(ctx); !known {
		return "", unknown
	}
	registered, err := g.operations.registry.Operations(ctx)
	if err != nil {
		return "", err
	}
	if !slices.Contains(registered, hash) {
		return "", unknown
	}
	return g.operations.registry.OperationDocument(ctx, hash)
}
