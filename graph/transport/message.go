package transport

import (
	"context"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// closing is why a socket ends.
type closing struct {
	code   websocket.StatusCode
	reason string
}

// A reason is at most 123 bytes.
var (
	malformed  = &closing{4400, "Invalid message"}
	ungreeted  = &closing{4401, "Unauthorized"}
	forbidden  = &closing{4403, "Forbidden: the token is not valid"}
	twice      = &closing{4429, "Too many initialisation requests"}
	crowded    = &closing{websocket.StatusTryAgainLater, "Too many sockets: close one first"}
	unanswered = &closing{websocket.StatusTryAgainLater, "The token could not be looked up: try again"}
)

// hear does what a message says; what the protocol does not know ends the socket.
func (s *socket) hear(text []byte) *closing {
	m, err := object(text)
	var kind string
	if err != nil || json.Unmarshal(m["type"], &kind) != nil {
		return malformed
	}
	switch kind {
	case "connection_init":
		return s.greet(m["payload"])
	case "ping":
		return s.pong(m["payload"])
	case "pong":
		return nil
	case "subscribe":
		return s.subscribe(m)
	case "complete":
		return s.complete(m["id"])
	}
	return malformed
}

// greet finds out who is there, and says that operations may begin.
func (s *socket) greet(payload json.RawMessage) *closing {
	if s.greeted {
		return twice
	}
	s.greeted = true
	s.late.Stop()
	bearer, ok := offered(payload)
	if !ok {
		return malformed
	}
	if c := s.identify(bearer); c != nil {
		return c
	}
	if s.write([]byte(`{"type":"connection_ack"}`)) == nil {
		s.acknowledged = true
	}
	return nil
}

// offered is the Authorization that connection_init brings, if any.
func offered(payload json.RawMessage) (bearer *string, ok bool) {
	if len(payload) == 0 {
		return nil, true
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) != nil {
		return nil, false
	}
	for _, name := range []string{"Authorization", "authorization"} {
		if raw, said := fields[name]; said {
			return bearer, json.Unmarshal(raw, &bearer) == nil
		}
	}
	return nil, true
}

// identify makes the socket its viewer's: by the token in connection_init, else
// by that of the upgrade, else nobody's.
func (s *socket) identify(said *string) *closing {
	header, origin := s.request.Header.Get("Authorization"), s.request.Header.Get("Origin")
	if said != nil {
		header = *said
	}
	bearer, ok := Bearer(header)
	if header != "" && !ok {
		return forbidden
	}
	v, known := trust.From(s.ctx)
	if said != nil {
		var err error
		ctx, cancel := context.WithTimeout(s.ctx, s.door.Limits.Operation)
		defer cancel()
		if v, err = s.door.Authenticate(ctx, bearer, origin); err != nil {
			return disbelieved(err)
		}
		s.ctx, known = trust.With(s.ctx, v), true
	}
	leave, err := s.door.seats.take(seat("socket", s.ctx, s.door.Address(s.request)), s.door.Limits.Sockets)
	if err != nil {
		return crowded
	}
	s.seat() // among those that had not said who they are
	s.seat = leave
	if known {
		s.unwatch = s.door.standing.watch(credential{bearer, origin}, v, s.lost)
	}
	return nil
}

func disbelieved(err error) *closing {
	switch code := problem.CodeOf(err); code {
	case problem.Unauthenticated:
		return forbidden
	case problem.Forbidden:
		return &closing{4403, "Forbidden: this token may not be used here"}
	}
	return unanswered
}

// lost ends a socket whose credential no longer stands.
func (s *socket) lost(error) {
	go s.end(4403, "Forbidden: the token has expired, was revoked or means something else now")
}

// pong answers a ping with what it brought.
func (s *socket) pong(payload json.RawMessage) *closing {
	answer := []byte(`{"type":"pong"}`)
	if len(payload) > 0 {
		if p, err := object(payload); string(payload) != "null" && (err != nil || p == nil) {
			return malformed
		}
		answer = append(append([]byte(`{"type":"pong","payload":`), payload...), '}')
	}
	_ = s.write(answer) // a socket that cannot be written to ends by itself
	return nil
}

// identifier reads an operation's id.
func identifier(raw json.RawMessage) (id string, ok bool) {
	return id, len(raw) > 0 && json.Unmarshal(raw, &id) == nil && id != ""
}

// exists is the close for an id that is in use; a long one is cut to fit.
func exists(id string) *closing {
	const room = 123 - len("Subscriber for  already exists")
	for len(id) > room {
		_, size := utf8.DecodeLastRuneInString(id)
		id = id[:len(id)-size]
	}
	return &closing{4409, "Subscriber for " + id + " already exists"}
}

// subscribe begins an operation.
func (s *socket) subscribe(m map[string]json.RawMessage) *closing {
	if !s.acknowledged {
		return ungreeted
	}
	id, ok := identifier(m["id"])
	if !ok {
		return malformed
	}
	fields, err := object(m["payload"])
	if err != nil {
		return malformed
	}
	p, err := params(fields)
	if err != nil {
		return malformed
	}
	p.Headers, p.ReadTime.Start, p.ReadTime.End = s.request.Header, time.Now(), time.Now()
	return s.begin(id, p)
}

// complete ends an operation at the client's wish; one that is over already is
// nothing to speak of.
func (s *socket) complete(raw json.RawMessage) *closing {
	id, ok := identifier(raw)
	if !ok {
		return malformed
	}
	s.mu.Lock()
	o := s.live[id]
	delete(s.live, id)
	s.mu.Unlock()
	if o != nil {
		o.silence()
	}
	return nil
}
