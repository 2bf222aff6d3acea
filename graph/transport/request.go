package transport

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tributary/tributary/internal/problem"
)

// request serves GET and POST: with one answer, or with a stream of them.
func (d *Door) request(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	takes := accept(r.Header.Values("Accept"))
	if r.Method == http.MethodHead { // its answer has no body, and ends
		takes.stream, takes.streamFirst = false, false
	}
	if takes.once == "" && !takes.stream {
		d.refuse(w, r, problem.New(problem.NotAcceptable, "answers are "+MediaResponse+", "+mediaJSON+" or "+mediaStream))
		return
	}
	p, err := read(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	a := asked{exec: exec}
	a.op, a.faults = exec.CreateOperationContext(r.Context(), p)
	switch kind := a.kind(); {
	case r.Method != http.MethodPost && kind == ast.Mutation:
		w.Header().Set("Allow", "POST")
		d.refuse(w, r, problem.New(problem.MethodNotAllowed, "send a mutation by POST"))
	case takes.streamFirst, takes.stream && kind == ast.Subscription:
		d.stream(w, r, a)
	case kind == ast.Subscription:
		d.refuse(w, r, problem.New(problem.NotAcceptable, "a subscription comes as "+mediaStream+" or over a WebSocket"))
	default:
		d.once(w, r, a, takes.once)
	}
}

// asked is a request that was read, and what is wrong with it.
type asked struct {
	exec   graphql.GraphExecutor
	op     *graphql.OperationContext
	faults gqlerror.List // of the document or its variables: nothing can run
}

// kind of operation; none when the document did not come so far.
func (a asked) kind() ast.Operation {
	if a.op == nil || a.op.Operation == nil {
		return ""
	}
	return a.op.Operation.Operation
}

// start begins to run. What is wrong with the request is its only response.
func (a asked) start(ctx context.Context) (graphql.ResponseHandler, context.Context) {
	if a.faults != nil {
		ctx = graphql.WithOperationContext(ctx, a.op)
		return graphql.OneShot(a.exec.DispatchError(ctx, a.faults)), ctx
	}
	return a.exec.DispatchOperation(ctx, a.op)
}

// follow begins a subscription.
func (a asked) follow(ctx context.Context) (graphql.ResponseHandler, context.Context, *Flow) {
	f := &Flow{}
	responses, within := a.start(withFlow(ctx, f))
	return responses, within, f
}

// once runs a query or mutation and answers.
func (d *Door) once(w http.ResponseWriter, r *http.Request, a asked, media string) {
	ctx, cancel := context.WithTimeout(r.Context(), d.Limits.Operation)
	defer cancel()
	responses, within := a.start(ctx)
	response := responses(within)
	if response == nil { // the time was over before anything ran
		response = d.failed(ctx, context.Cause(ctx))
	}
	write(w, media, status(media, response), response)
}

// refuse answers a request that cannot be read or served.
func (d *Door) refuse(w http.ResponseWriter, r *http.Request, err error) {
	write(w, Media(r), problem.CodeOf(err).HTTPStatus(), d.failed(r.Context(), err))
}

// failed is a response that says why there is none; several errors say so each.
func (d *Door) failed(ctx context.Context, err error) *graphql.Response {
	response := &graphql.Response{}
	if all, joined := err.(interface{ Unwrap() []error }); joined {
		for _, one := range all.Unwrap() {
			response.Errors = append(response.Errors, d.Present(ctx, one))
		}
		return response
	}
	response.Errors = gqlerror.List{d.Present(ctx, err)}
	return response
}
