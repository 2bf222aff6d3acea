package transport

import (
	"context"
	"fmt"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/internal/problem"
)

// operation is one request under way on a socket.
type operation struct {
	socket *socket
	id     string
	params *graphql.RawParams
	ctx    context.Context
	cancel context.CancelFunc

	mu   sync.Mutex // what is written and that nothing more will be go one after the other
	over bool
}

// begin starts an operation, unless its id is in use. One too many is answered
// with an error and starts nothing.
func (s *socket) begin(id string, p *graphql.RawParams) *closing {
	o := &operation{socket: s, id: id, params: p}
	o.ctx, o.cancel = context.WithCancel(s.ctx)
	c, full := s.enter(o)
	if full {
		o.cancel()
		_ = s.write(o.frame("error", marshal(s.door.failed(s.ctx, tooMany).Errors))) // else it ends by itself
	}
	return c
}

// enter takes an operation in, if there is room.
func (s *socket) enter(o *operation) (c *closing, full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch _, taken := s.live[o.id]; {
	case taken:
		o.cancel()
		return exists(o.id), false
	case s.leaving: // and about to say so
		o.cancel()
		return nil, false
	case s.running >= s.door.Limits.Operations:
		return nil, true
	}
	s.live[o.id] = o
	s.running++
	s.answers.Add(1) // until it proves to be a subscription
	s.work.Go(o.run)
	return nil, false
}

var tooMany = &problem.Error{Code: problem.RateLimited, Message: "too many operations at once on this socket"}

// run runs the operation to its end.
func (o *operation) run() {
	s := o.socket
	answered := sync.OnceFunc(s.answers.Done)
	defer answered()
	defer o.gone()
	defer o.recovered()
	if err := s.door.Admit(o.ctx); err != nil {
		o.last("error", marshal(s.door.failed(o.ctx, err).Errors))
		return
	}
	a := asked{exec: s.exec}
	a.op, a.faults = s.exec.CreateOperationContext(o.ctx, o.params)
	o.params = nil
	if a.kind() != ast.Subscription || a.faults != nil {
		o.once(a)
		return
	}
	answered()
	o.follow(a)
}

// once sends the one response of a query or mutation, or of what cannot run.
func (o *operation) once(a asked) {
	ctx, cancel := context.WithTimeout(o.ctx, o.socket.door.Limits.Operation)
	defer cancel()
	responses, within := a.start(ctx)
	r := responses(within)
	if r == nil { // the time was over before anything ran
		r = o.socket.door.failed(o.ctx, context.Cause(ctx))
	}
	if !ran(r) {
		o.last("error", marshal(r.Errors))
		return
	}
	if o.send(o.frame("next", encode(nil, r))) == nil {
		o.last("complete", nil)
	}
}

// follow sends the responses of a subscription. One that cannot begin has no
// data. When the socket or the server ends, the subscription is not complete: its
// client is told so by the close.
func (o *operation) follow(a asked) {
	responses, within, flow := a.follow(o.ctx)
	p := pile{wire: o.socket.conn}
	defer func() { _ = o.socket.cut(p.end()) }()
	head := o.head("next")
	var frame []byte
	for {
		r := responses(within)
		switch {
		case o.ctx.Err() != nil:
			return
		case r == nil:
			o.last("complete", nil)
			return
		case !ran(r):
			o.last("error", marshal(r.Errors))
			return
		}
		p.more(flow.more)
		if cap(frame) > heldMost {
			frame = nil // a large one is not kept
		}
		frame = append(encode(append(frame[:0], head...), r), '}')
		if o.send(frame) != nil || o.socket.cut(p.done(flow.more)) != nil {
			return
		}
	}
}

// recovered answers for what panicked outside resolvers: on a goroutine of its
// own it would end the process.
func (o *operation) recovered() {
	if value := recover(); value != nil {
		err := o.socket.door.Recovered(o.ctx, value)
		o.last("error", marshal(o.socket.door.failed(o.ctx, err).Errors))
	}
}

// last sends what ends the operation. Its id is free before the client can know.
func (o *operation) last(kind string, payload []byte) {
	o.forget()
	_ = o.send(o.frame(kind, payload)) // a socket that cannot be written to ends by itself
}

// forget frees the id, unless another operation has it by now.
func (o *operation) forget() {
	o.socket.mu.Lock()
	defer o.socket.mu.Unlock()
	if o.socket.live[o.id] == o {
		delete(o.socket.live, o.id)
	}
}

func (o *operation) gone() {
	o.cancel()
	o.forget()
	o.socket.mu.Lock()
	defer o.socket.mu.Unlock()
	o.socket.running--
}

// send writes a frame, unless the client has said that it wants no more: its id
// may be another operation's by now.
func (o *operation) send(frame []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return context.Canceled
	}
	return o.socket.write(frame)
}

// silence ends the operation at the client's wish; nothing of it is written after,
// and nothing is held back that was written before.
func (o *operation) silence() {
	o.cancel()
	o.quiet()
	_ = o.socket.cut(o.socket.conn.push())
}

func (o *operation) quiet() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = true
}

// frame is one message of the operation.
func (o *operation) frame(kind string, payload []byte) []byte {
	if payload == nil {
		return fmt.Appendf(nil, `{"id":%s,"type":%q}`, quoted(o.id), kind)
	}
	return append(append(o.head(kind), payload...), '}')
}

// head is a message up to its payload.
func (o *operation) head(kind string) []byte {
	return fmt.Appendf(nil, `{"id":%s,"type":%q,"payload":`, quoted(o.id), kind)
}
