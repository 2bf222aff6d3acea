package graph

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"github.com/tributary/tributary/graph/generated"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// Bounds of one request.
const (
	tokenLimit    = 1000 // lexical tokens of a document: validation is quadratic in them
	documentCache = 1000 // parsed documents kept
	heartbeat     = 15 * time.Second
	initTimeout   = 5 * time.Second
)

// Config of the API's handler.
type Config struct {
	Resolver      *Resolver
	Authenticate  func(ctx context.Context, bearer, origin string) (trust.Viewer, error) // for WebSockets, which send their token after the upgrade
	Origins       []string                                                               // hosts whose pages may open a WebSocket beside our own
	Introspection bool
}

// NewHandler serves the API: POST, GET (queries and WebSocket) and SSE. The
// viewer of an HTTP request is already in its context.
func NewHandler(c Config) http.Handler {
	r := c.Resolver
	srv := handler.New(generated.NewExecutableSchema(generated.Config{
		Resolvers:  r,
		Directives: generated.DirectiveRoot{Allow: r.allow, Public: public},
	}))
	srv.AddTransport(transport.SSE{KeepAlivePingInterval: heartbeat})
	srv.AddTransport(transport.Websocket{
		KeepAlivePingInterval: heartbeat,
		InitTimeout:           initTimeout,
		InitFunc:              c.initSocket,
		Implementation:        transport.CoderWebsocketImplementation{AcceptOptions: websocket.AcceptOptions{OriginPatterns: c.Origins}},
	})
	srv.AddTransport(transport.GET{})
	srv.AddTransport(transport.POST{})
	srv.SetQueryCache(lru.New[*ast.QueryDocument](documentCache))
	srv.SetParserTokenLimit(tokenLimit)
	srv.SetDisableSuggestion(!c.Introspection) // a hidden schema is not told by its misspellings
	srv.SetErrorPresenter(r.present)
	srv.SetRecoverFunc(r.recovered)
	srv.AroundRootFields(r.keyed)
	srv.Use(bounds{})
	if c.Introspection {
		srv.Use(extension.Introspection{})
	}
	return srv
}

// initSocket finds out who opened a WebSocket: from connection_init's
// Authorization, else from the upgrade request.
func (c Config) initSocket(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
	bearer, ok := strings.CutPrefix(payload.Authorization(), "Bearer ")
	if !ok || strings.TrimSpace(bearer) == "" {
		return ctx, nil, nil
	}
	v, err := c.Authenticate(ctx, strings.TrimSpace(bearer), "")
	if err != nil {
		return ctx, nil, problem.New(problem.Unauthenticated, "the token is not valid").Because(err)
	}
	return trust.With(ctx, v), nil, nil
}

// SDL is the whole composed schema.
func SDL() string {
	var out bytes.Buffer
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	formatter.NewFormatter(&out, formatter.WithIndent("  ")).FormatSchema(schema)
	return out.String()
}
