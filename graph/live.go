package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/graph/transport"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/report"
)

// source is where a subscription's values come from. next waits for one and is
// not ok at the end; its name is the same for all who are told the same. tell makes
// the value that next came to.
type source[T any] interface {
	next(ctx context.Context) (name place, more, ok bool)
	tell() *T
}

// line joins a subscription's source to its transport: between the two the
// executor would put a goroutine, a channel and an encoding for each reader.
type line struct {
	next func(ctx context.Context) (name place, more, ok bool)
	hand func() // gives the executor what next came to
}

type lineKey struct{}

// stream lays the line of the subscription under way, and gives what the executor
// reads from when it is its turn to encode.
func stream[T any](ctx context.Context, from source[T], err error) (<-chan *T, error) {
	if err != nil {
		return nil, err
	}
	c := make(chan *T, 1)
	l, _ := ctx.Value(lineKey{}).(*line)
	l.next = from.next
	l.hand = func() { c <- from.tell() } // there is room: the executor takes each
	return c, nil
}

// lines answers subscriptions. What one reader was told is kept for the next who
// asks the same in the same words, so that an event is encoded once for all.
type lines struct{ kept encodings }

// ExtensionName of the handler's extension.
func (*lines) ExtensionName() string { return "Lines" }

// Validate the schema: nothing to do.
func (*lines) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation lets the executor begin a subscription, with its checks, and
// then asks its source.
func (s *lines) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation != ast.Subscription {
		return next(ctx)
	}
	l := &line{}
	encode := next(context.WithValue(ctx, lineKey{}, l))
	if l.next == nil {
		return encode // which says why
	}
	r := &teller{lines: s, line: l, encode: encode, shape: shapeOf(op), flow: transport.FlowOf(ctx)}
	return r.tell
}

// teller tells one reader.
type teller struct {
	*lines
	*line
	encode graphql.ResponseHandler
	shape  string // of what was asked; empty when it is this reader's own
	flow   *transport.Flow
	begun  bool
}

// tell waits for the next value and gives its response. The first is always this
// reader's own: it may hold what is told once.
func (t *teller) tell(ctx context.Context) *graphql.Response {
	name, more, ok := t.next(ctx)
	if !ok {
		return nil
	}
	t.flow.More(more)
	shared := t.shape != ""
	if shared && t.begun {
		if r := t.kept.get(encoding{name, t.shape}); r != nil {
			return r
		}
	}
	t.begun = true
	t.hand()
	r := t.encode(ctx)
	if shared && r != nil && len(r.Errors) == 0 && len(r.Extensions) == 0 {
		t.kept.put(encoding{name, t.shape}, r)
	}
	return r
}

// events is a feed.
type events struct {
	*report.Reader
	last *store.Event
}

func (s *events) next(ctx context.Context) (name place, more, ok bool) {
	if s.last, more = s.Next(ctx); s.last == nil {
		return place{}, false, false
	}
	return place{s.last.MerchantID, s.last.Seq}, more, true
}

func (s *events) tell() *report.Event { return s.Tell(s.last) }

// snapshots are numbers that move.
type snapshots[T any] struct {
	from   <-chan T
	number func(T) int64 // the same for all who are told the same
	last   T
}

func (s *snapshots[T]) next(ctx context.Context) (name place, more, ok bool) {
	select {
	case s.last, ok = <-s.from:
	case <-ctx.Done():
	}
	return place{seq: s.number(s.last)}, false, ok
}

func (s *snapshots[T]) tell() *T {
	one := s.last
	return &one
}

// healths are states of the writing to an integration. Each reader's answer is its own.
type healths struct {
	from <-chan connect.Health
	last connect.Health
}

func (s *healths) next(ctx context.Context) (name place, more, ok bool) {
	select {
	case s.last, ok = <-s.from:
	case <-ctx.Done():
	}
	return place{}, false, ok
}

func (s *healths) tell() *connect.Health {
	one := s.last
	return &one
}

// from is where a subscription begins: after its cursor, else from now on.
func (r *Resolver) from(ctx context.Context, after *string) (string, error) {
	if after != nil {
		return *after, nil
	}
	return r.Reports.Now(ctx)
}

// addresses gives the values of a list as the generated code wants them.
func addresses[T any](in []T) []*T {
	out := make([]*T, len(in))
	for i := range in {
		out[i] = &in[i]
	}
	return out
}
