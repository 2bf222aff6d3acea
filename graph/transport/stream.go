package transport

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// stream answers with server-sent events: each response is a next, and complete
// says that no more will come. A stream that the server's end cuts short has no
// complete: clients then come back, and go on from their last cursor.
func (d *Door) stream(w http.ResponseWriter, r *http.Request, a asked) {
	life, done := d.life(w, r, a)
	defer done()
	ctx, end := context.WithCancelCause(life)
	defer end(nil)
	s := d.openStream(w, end)
	defer s.close()
	leave, err := d.seats.take(seat("stream", r.Context(), d.Address(r)), d.Limits.Streams)
	if err != nil {
		s.last(d.failed(ctx, err))
		return
	}
	defer leave()
	if v, known := trust.From(ctx); known {
		bearer, _ := Bearer(r.Header.Get("Authorization"))
		defer d.standing.watch(credential{bearer, r.Header.Get("Origin")}, v, end)()
	}
	s.run(ctx, a)
	switch err := context.Cause(ctx); {
	case ctx.Err() == nil:
		s.complete()
	case life.Err() == nil || a.kind() != ast.Subscription:
		s.last(d.failed(context.WithoutCancel(ctx), err))
	}
}

// life is how long a stream may last. A query or mutation has one response: it is
// awaited like any other request when the server ends.
func (d *Door) life(w http.ResponseWriter, r *http.Request, a asked) (context.Context, func()) {
	if a.kind() == ast.Subscription {
		return d.Lasts(w, r)
	}
	return context.WithTimeout(r.Context(), d.Limits.Operation)
}

// events is a stream of server-sent events.
type events struct {
	door *Door
	w    http.ResponseWriter
	rc   *http.ResponseController
	end  context.CancelCauseFunc // of the operation

	mu     sync.Mutex // the heartbeat writes as well
	closed bool
	beat   *time.Timer
}

// errGone ends the operation of a client that does not read.
var errGone = problem.New(problem.Deadline, "the client takes no answers")

func (d *Door) openStream(w http.ResponseWriter, end context.CancelCauseFunc) *events {
	s := &events{door: d, w: w, rc: http.NewResponseController(w), end: end}
	h := w.Header()
	h.Set("Content-Type", mediaStream+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy that gathers answers would keep them back
	w.WriteHeader(http.StatusOK)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(sign)
	s.beat = time.AfterFunc(d.Limits.Heartbeat, s.alive)
	return s
}

// sign is a comment: it tells proxies and clients that the stream lives.
var sign = []byte(":\n\n")

func (s *events) alive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(sign)
	if !s.closed {
		s.beat.Reset(s.door.Limits.Heartbeat)
	}
}

// write sends bytes at once. The caller holds the lock.
func (s *events) write(text []byte) { s.put(text, false) }

// put sends bytes, at once unless more come. The caller holds the lock. A client
// that does not take them in time is given up.
func (s *events) put(text []byte, more bool) {
	if s.closed {
		return
	}
	s.mayWrite()
	_, err := s.w.Write(text)
	if err == nil && !more {
		err = s.rc.Flush()
	}
	if err != nil {
		s.closed = true
		s.end(errGone)
	}
}

// run sends the operation's responses until it is over or ctx ends. The stream
// has begun: a panic outside resolvers is answered here or not at all.
func (s *events) run(ctx context.Context, a asked) {
	defer func() {
		if value := recover(); value != nil {
			s.next(s.door.failed(ctx, s.door.Recovered(ctx, value)), false)
		}
	}()
	responses, within, flow := a.follow(ctx)
	for {
		response := responses(within)
		if response == nil || ctx.Err() != nil && a.kind() == ast.Subscription {
			return
		}
		if s.next(response, flow.more); a.kind() != ast.Subscription || !ran(response) {
			return
		}
	}
}

// next sends a response, together with the next one when that is here already.
func (s *events) next(r *graphql.Response, more bool) {
	text := encode([]byte("event: next\ndata: "), r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(append(text, "\n\n"...), more)
	s.beat.Reset(s.door.Limits.Heartbeat)
}

// complete has an empty line of data, without which browsers tell nobody of it.
func (s *events) complete() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write([]byte("event: complete\ndata: \n\n"))
}

func (s *events) last(r *graphql.Response) {
	s.next(r, false)
	s.complete()
}

// close waits for a heartbeat under way: nobody may write after the handler. The
// deadline of the last write is long past, and would keep the response's own end
// from the client.
func (s *events) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.beat.Stop()
	s.mayWrite()
}

// mayWrite gives the client its time to take what is written next.
func (s *events) mayWrite() {
	_ = s.rc.SetWriteDeadline(time.Now().Add(s.door.Limits.Write)) // a writer without deadlines needs none
}
