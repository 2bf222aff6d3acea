package graph

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tributary/tributary/graph/bounds"
	"github.com/tributary/tributary/graph/generated"
	"github.com/tributary/tributary/internal/allowance"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/trust/pace"
)

// Costs is what one asker may spend: a token, a session, or an address when
// nobody is known to ask. The zero value never refuses.
type Costs struct {
	Maximum int // points a bucket holds
	Restore int // points it gets back each second

	// Shared spends from buckets that all servers share; nil where this is the only one.
	Shared allowance.Spend
}

// off reports whether nothing is ever refused.
func (c Costs) off() bool { return c.Maximum <= 0 || c.Restore <= 0 }

// bucket is the allowance of points.
func (c Costs) bucket() pace.Limit {
	return pace.Limit{Every: max(time.Second/time.Duration(c.Restore), 1), Burst: c.Maximum}
}

// gate stands before the resolvers: it finds the document a request names,
// refuses what is out of bounds before any work is done on it, and takes what it
// costs out of the asker's bucket.
type gate struct {
	reader     reader
	prices     *bounds.Prices
	costs      Costs
	buckets    *allowance.Desk
	keys       func() *seal.Keyring
	documents  *documents
	operations operations
	named      func(hash, text string)
}

func newGate(c Config) *gate {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	g := &gate{
		reader:    reader{schema: schema, suggest: c.Introspection}, // a hidden schema is not told by its misspellings
		prices:    bounds.NewPrices(schema),
		costs:     c.Costs,
		buckets:   allowance.New(allowance.Config{Shared: c.Costs.Shared, Clock: c.Resolver.Store.Now, Log: c.Resolver.Log}),
		keys:      c.Resolver.Store.Keys,
		documents: newDocuments(), named: c.Named,
	}
	if g.named == nil {
		g.named = func(string, string) {}
	}
	g.operations = operations{registry: c.Resolver.Auth, reader: g.reader}
	return g
}

// ExtensionName of the handler's extension.
func (*gate) ExtensionName() string { return "Gate" }

// Validate the schema: nothing to do.
func (*gate) Validate(graphql.ExecutableSchema) error { return nil }

// requestPoints is what any request costs, before it is read: a document that is
// refused has cost work too.
const requestPoints = 1

// bill is what one request has cost so far, and what has been read of it.
type bill struct {
	asker     string
	points    int
	available int
	told      bool

	document *ast.QueryDocument // that has passed the gate
	faults   gqlerror.List      // of the document, beside the first
}

const billExtension = "cost"

func billOf(ctx context.Context) *bill {
	if !graphql.HasOperationContext(ctx) {
		return nil
	}
	b, _ := graphql.GetOperationContext(ctx).Stats.GetExtension(billExtension).(*bill)
	return b
}

// MutateOperationParameters lets a request pass or refuses it: for lack of
// points, for a document that may not be run or is out of bounds, and last for
// one that is not valid.
func (g *gate) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	b := &bill{asker: g.payer(ctx)}
	graphql.GetOperationContext(ctx).Stats.SetExtension(billExtension, b)
	if err := g.charge(ctx, b, requestPoints); err != nil {
		return err
	}
	if fault := unkeepable(params.Variables, "variables"); fault != nil {
		return asGraphQL(fault)
	}
	hash, err := g.find(ctx, params)
	if err != nil {
		return asGraphQL(err)
	}
	if params.Query == "" {
		return nil // the executor says that there is none
	}
	return g.pass(ctx, b, params, hash)
}

// pass measures, checks and pays for a document. Only what passes is kept:
// documents that are refused take no room from others.
func (g *gate) pass(ctx context.Context, b *bill, params *graphql.RawParams, hash string) *gqlerror.Error {
	doc, kept := g.documents.parsed.Get("", params.Query)
	if !kept {
		var err *gqlerror.Error
		if doc, err = g.reader.parse(params.Query); err != nil {
			return err
		}
	}
	size, fault := bounds.Standard.Measure(bounds.Request{Document: doc, Operation: params.OperationName, Variables: params.Variables}, g.prices)
	if fault != nil {
		return tooComplex(fault)
	}
	if !kept {
		if faults := g.reader.check(doc); len(faults) > 0 {
			b.faults = faults[1:]
			return faults[0]
		}
	}
	if err := chosen(doc, params.OperationName); err != nil {
		return err
	}
	if err := g.charge(ctx, b, size.Points); err != nil {
		return err
	}
	b.document = doc
	g.documents.keep(params.Query, doc)
	if hash != "" {
		g.documents.keepText(bay(ctx), hash, params.Query)
		g.named(hash, params.Query)
	}
	return nil
}

// chosen refuses a request that does not say which of a document's operations it
// means, or names one that is not there.
func chosen(doc *ast.QueryDocument, name string) *gqlerror.Error {
	switch {
	case doc.Operations.ForName(name) != nil:
		return nil
	case name == "":
		return coded(gqlerror.Errorf("the document holds %d operations: say which one with operationName", len(doc.Operations)), problem.ValidationFailed)
	}
	return coded(gqlerror.Errorf("the document holds no operation of the name %q", clipped(name)), problem.ValidationFailed)
}

// tooComplex shows a fault.
func tooComplex(f *bounds.Fault) *gqlerror.Error {
	return &gqlerror.Error{Message: f.Message, Extensions: map[string]any{"code": "TOO_COMPLEX", "bound": f.Bound, "limit": f.Limit}}
}

// payer names the asker's bucket among all allowances, and no network address.
func (g *gate) payer(ctx context.Context) string {
	return "points:" + hex.EncodeToString(g.keys().Hash("", "allowance.points", asker(ctx))[:12])
}

// charge takes points out of the asker's bucket: of more points than it holds, all.
func (g *gate) charge(ctx context.Context, b *bill, points int) *gqlerror.Error {
	b.points += points
	if g.costs.off() {
		return nil
	}
	v := g.buckets.TakeMany(ctx, b.asker, g.costs.bucket(), min(points, g.costs.Maximum))
	b.available = v.Remaining
	if v.Granted {
		return nil
	}
	p := problem.New(problem.RateLimited, "this costs %d points, and %d are left of your %d; %d come back each second", points, max(0, v.Remaining), g.costs.Maximum, g.costs.Restore)
	p.RetryAfter = max(v.RetryAfter, time.Millisecond)
	return asGraphQL(p)
}

// asGraphQL carries our own error to where errors are presented.
func asGraphQL(err error) *gqlerror.Error { return &gqlerror.Error{Message: "refused", Err: err} }
