package graph

import (
	"bytes"
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/formatter"

	"github.com/tributary/tributary/graph/generated"
	"github.com/tributary/tributary/graph/transport"
)

// Config of the API's handler; see transport.Config for what it hands on.
type Config struct {
	Resolver      *Resolver
	Authenticate  transport.Authenticate // for WebSockets, which send their token after the upgrade
	Again         transport.Authenticate // for what lasts longer than a token may
	Lasts         func(http.ResponseWriter, *http.Request) (context.Context, func())
	Address       func(*http.Request) string
	Admit         func(context.Context) error // an operation on a socket; nil admits all
	Named         func(hash, text string)     // a document that was named by its hash has passed; may be nil
	Origins       []string                    // of pages that may open a WebSocket beside our own
	Introspection bool
	Costs         Costs
}

// NewHandler serves the API over every transport; see package transport. The
// viewer of an HTTP request is already in its context.
func NewHandler(c Config) http.Handler {
	r, g := c.Resolver, newGate(c)
	srv := handler.New(generated.NewExecutableSchema(generated.Config{
		Resolvers:  r,
		Directives: generated.DirectiveRoot{Allow: r.allow, Public: public},
	}))
	srv.AddTransport(transport.New(transport.Config{
		Present: r.present, Recovered: r.recovered, Authenticate: c.Authenticate, Again: c.Again,
		Lasts: c.Lasts, Address: c.Address, Admit: c.Admit, Origins: c.Origins,
	}))
	srv.SetQueryCache(g.documents)
	srv.SetErrorPresenter(r.present)
	srv.SetRecoverFunc(r.recovered)
	srv.AroundRootFields(r.keyed)
	srv.AroundFields(ownCursors)
	srv.AroundResponses(faultsOnce)
	srv.Use(&lines{})
	srv.Use(g)
	if c.Introspection {
		srv.Use(extension.Introspection{})
	} else {
		srv.Use(hidden{})
	}
	return srv
}

// SDL is the whole composed schema.
func SDL() string {
	var out bytes.Buffer
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	formatter.NewFormatter(&out, formatter.WithIndent("  ")).FormatSchema(schema)
	return out.String()
}
