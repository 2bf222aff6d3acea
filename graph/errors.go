package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// refused splits a room's error: what the client can mend becomes user errors
// under "input", everything else is returned and presented as a system failure.
func refused(err error) ([]*model.UserError, error) {
	out := []*model.UserError{}
	for _, one := range flatten(err) {
		p, ok := problem.As(one)
		if !ok || !p.Code.User() {
			return out, one
		}
		field := []string{}
		if len(p.Field) > 0 {
			field = append([]string{"input"}, p.Field...)
		}
		if len(p.Field) > 0 && p.Field[0] == "input" {
			field = p.Field
		}
		out = append(out, &model.UserError{Field: field, Message: p.Message, Code: model.UserErrorCode(p.Code)})
	}
	return out, nil
}

// flatten lists the errors that were joined.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	if _, ok := err.(*problem.Error); ok {
		return []error{err}
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range joined.Unwrap() {
			all = append(all, flatten(one)...)
		}
		return all
	}
	return []error{err}
}

// present gives the one form in which an error leaves: a safe message and a
// code. What is not known says INTERNAL with the request's id and is logged.
func (r *Resolver) present(ctx context.Context, err error) *gqlerror.Error {
	path := graphql.GetPath(ctx)
	if g, ok := err.(*gqlerror.Error); ok && (g.Err == nil || isOurs(g.Err)) {
		return r.presentOwn(ctx, g)
	}
	if g, ok := err.(*gqlerror.Error); ok && len(g.Path) > len(path) && g.Err != nil {
		return unreadable(g, len(path))
	}
	out := &gqlerror.Error{Path: path, Extensions: map[string]any{}}
	p, ok := problem.As(err)
	switch {
	case ok:
		out.Message, out.Extensions["code"] = p.Message, string(p.Code)
		describe(out, p)
	case errors.Is(err, trust.ErrUnauthenticated):
		out.Message, out.Extensions["code"] = "sign in or send a token", string(problem.Unauthenticated)
	case errors.Is(err, trust.ErrUnverified):
		out.Message, out.Extensions["code"] = "verify your e-mail address first: emailVerificationSend sends the letter anew", string(problem.Forbidden)
	case errors.Is(err, trust.ErrForbidden):
		out.Message, out.Extensions["code"] = "you may not do this", string(problem.Forbidden)
	case ent.IsNotFound(err): // an edge that always leads somewhere, but not for this viewer
		out.Message, out.Extensions["code"] = "what this leads to is not yours to see", string(problem.NotFound)
	case errors.Is(err, context.DeadlineExceeded):
		out.Message, out.Extensions["code"] = "the request took too long and was given up", string(problem.Deadline)
	default:
		r.internal(ctx, out, err)
	}
	return out
}

// presentOwn shows what the GraphQL layer itself says about a document or an
// input: it speaks of the client's text only.
func (r *Resolver) presentOwn(ctx context.Context, g *gqlerror.Error) *gqlerror.Error {
	if g.Extensions == nil {
		g.Extensions = map[string]any{}
	}
	if _, has := g.Extensions["code"]; !has {
		g.Extensions["code"] = string(problem.BadRequest)
	}
	if g.Err != nil {
		return r.present(ctx, g.Err)
	}
	return g
}

// unreadable says which part of an argument cannot be read: what fails below a
// field's own path is a value that the client wrote. A cursor is opaque, and so
// is what is wrong with it.
func unreadable(g *gqlerror.Error, below int) *gqlerror.Error {
	message, at := g.Err.Error(), []string{}
	for _, step := range g.Path[below:] {
		at = append(at, fmt.Sprint(step))
	}
	if last := at[len(at)-1]; last == "after" || last == "before" {
		message = "not a cursor of this list"
	}
	return &gqlerror.Error{Message: message, Path: g.Path, Extensions: map[string]any{"code": string(problem.Invalid), "field": at}}
}

func isOurs(err error) bool {
	_, ok := problem.As(err)
	return ok
}

func describe(out *gqlerror.Error, p *problem.Error) {
	if len(p.Field) > 0 {
		out.Extensions["field"] = p.Field
	}
	if p.RetryAfter > 0 {
		out.Extensions["retryAfterMs"] = p.RetryAfter.Milliseconds()
	}
}

func (r *Resolver) internal(ctx context.Context, out *gqlerror.Error, err error) {
	rid := store.RequestID(ctx)
	out.Message, out.Extensions["code"] = "something went wrong on our side", string(problem.Internal)
	out.Extensions["requestId"] = rid
	r.Log.ErrorContext(ctx, "request failed", slog.String("requestId", rid), slog.Any("error", err), slog.String("path", out.Path.String()))
}

// recovered turns a panic into an internal error; its value and stack go to the log only.
func (r *Resolver) recovered(ctx context.Context, value any) error {
	r.Log.ErrorContext(ctx, "panic in a resolver", slog.String("requestId", store.RequestID(ctx)), slog.Any("panic", value), slog.String("stack", string(debug.Stack())))
	return fmt.Errorf("panic")
}
