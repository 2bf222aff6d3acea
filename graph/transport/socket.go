package transport

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"

	"github.com/tributary/tributary/internal/problem"
)

// protocol is the one sub-protocol spoken here.
const protocol = "graphql-transport-ws"

// socket opens a WebSocket and leaves it to a goroutine of its own: the one that
// served the request has a deep stack and buffers for more of them, which would be
// two fifths of what an idle socket holds.
func (d *Door) socket(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if err := d.mayOpen(r); err != nil {
		d.refuse(w, r, err)
		return
	}
	leave, err := d.seats.take("greeting at "+d.Address(r), d.Limits.Greeting)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	r = r.WithContext(context.WithoutCancel(r.Context())) // which ends with the handler
	ending, done := d.Lasts(w, r)
	s := &socket{door: d, exec: exec, request: r, seat: leave, live: map[string]*operation{}}
	if err := s.accept(w); err != nil { // answered by the library
		leave()
		done()
		return
	}
	go s.serve(ending, done)
}

// mayOpen refuses sub-protocols that are not spoken here before the upgrade, and
// pages of origins that are not listed: browsers ask nobody before they open a
// WebSocket.
func (d *Door) mayOpen(r *http.Request) error {
	if origin := r.Header.Get("Origin"); origin != "" && !slices.Contains(d.Origins, strings.ToLower(origin)) {
		if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
			return problem.New(problem.Forbidden, "this origin may not open a WebSocket")
		}
	}
	for _, said := range strings.Split(strings.Join(r.Header.Values("Sec-WebSocket-Protocol"), ","), ",") {
		if strings.TrimSpace(said) == protocol {
			return nil
		}
	}
	return badRequest("the sub-protocol must be " + protocol)
}

// socket is one WebSocket. Its own goroutine reads; each operation has one that
// writes.
type socket struct {
	door    *Door
	exec    graphql.GraphExecutor
	request *http.Request
	ws      *websocket.Conn
	conn    *wire           // under ws, to be cut when nothing else helps
	ctx     context.Context // of operations, with their viewer; only the reader looks
	late    *time.Timer     // until connection_init

	greeted, acknowledged bool   // only the reader looks
	seat                  func() // gives it back
	unwatch               func() // of the credential

	ended   sync.Once
	mu      sync.Mutex
	live    map[string]*operation // by id
	running int                   // goroutines of operations, those that were told to end included
	leaving bool                  // the socket or the server ends: nothing new begins
	beat    *time.Timer           // until the next sign of life
	work    sync.WaitGroup        // all of them
	answers sync.WaitGroup        // of queries and mutations
}

// accept upgrades the connection.
func (s *socket) accept(w http.ResponseWriter) (err error) {
	s.ws, err = websocket.Accept(hijacking{w, s}, s.request, &websocket.AcceptOptions{Subprotocols: []string{protocol}, InsecureSkipVerify: true}) // mayOpen has looked
	if err == nil {
		s.ws.SetReadLimit(s.door.Limits.Message)
	}
	return err
}

// serve reads until the socket ends, and leaves nothing behind. ending ends when
// it must; done is called when it has.
func (s *socket) serve(ending context.Context, done func()) {
	defer done()
	ctx, cancel := context.WithCancel(s.request.Context())
	s.ctx = ctx
	s.listen()
	s.late = time.AfterFunc(s.door.Limits.Init, func() { s.end(4408, "Connection initialisation timeout") })
	drained := context.AfterFunc(ending, s.drain)
	s.hearAll()
	s.leave()
	drained()
	s.late.Stop()
	cancel()
	s.end(websocket.StatusNormalClosure, "")
	s.work.Wait()
	if s.unwatch != nil {
		s.unwatch()
	}
	s.seat()
}

// hearAll hears messages until there are no more, or one ends the socket. A panic
// ends this socket only.
func (s *socket) hearAll() {
	defer func() {
		if value := recover(); value != nil {
			_ = s.door.Recovered(s.ctx, value) // it is logged; the close says the rest
			s.end(websocket.StatusInternalError, "Something went wrong on our side")
		}
	}()
	for {
		kind, text, err := s.ws.Read(context.Background())
		switch {
		case errors.Is(err, websocket.ErrMessageTooBig):
			s.end(websocket.StatusMessageTooBig, "Message too big")
			return
		case err != nil:
			return
		case kind != websocket.MessageText:
			s.end(4400, "Messages are text")
			return
		}
		if e := s.hear(text); e != nil {
			s.end(e.code, e.reason)
			return
		}
	}
}

// end closes the socket once, for the first reason there is. A client that does
// not answer the close is cut off.
func (s *socket) end(code websocket.StatusCode, reason string) {
	s.ended.Do(func() {
		cut := time.AfterFunc(s.door.Limits.Close, func() { _ = s.conn.Close() })
		defer cut.Stop()
		_ = s.ws.Close(code, reason) // it may be gone already
		_ = s.conn.Close()
	})
}

// leave lets nothing new begin.
func (s *socket) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaving = true
	s.beat.Stop()
}

// drain ends the socket with the server: subscriptions end without complete, so
// that clients come back and go on; queries and mutations are answered first.
func (s *socket) drain() {
	s.leave()
	s.answers.Wait()
	s.end(websocket.StatusServiceRestart, "The server restarts")
}

// listen sets the time of the next sign of life.
func (s *socket) listen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.leaving {
		s.beat = time.AfterFunc(s.door.Limits.Heartbeat, s.alive)
	}
}

// alive finds out whether somebody is there; proxies see that somebody is.
func (s *socket) alive() {
	ctx, cancel := context.WithTimeout(context.Background(), s.door.Limits.Write)
	defer cancel()
	if s.ws.Ping(ctx) != nil {
		_ = s.conn.Close()
		return
	}
	s.listen()
}

// write sends one message. A socket that cannot be written to is cut.
func (s *socket) write(text []byte) error {
	return s.cut(s.ws.Write(context.Background(), websocket.MessageText, text))
}

func (s *socket) cut(err error) error {
	if err != nil {
		_ = s.conn.Close()
	}
	return err
}

// hijacking keeps hold of the connection under a WebSocket.
type hijacking struct {
	http.ResponseWriter
	s *socket
}

// Hijack gives the library a connection on which no write takes longer than it may.
func (h hijacking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.s.conn = &wire{Conn: conn, limit: h.s.door.Limits.Write}
	in, err := smaller(h.s.conn, rw.Reader)
	return h.s.conn, bufio.NewReadWriter(in, bufio.NewWriterSize(h.s.conn, socketBuffer)), err
}

// socketBuffer holds most messages; a longer one comes and goes in pieces. The one
// that an HTTP server reads with is four times as large.
const socketBuffer = 1 << 10

// smaller is a reader with room for a message that goes on where another has read
// ahead to.
func smaller(from io.Reader, ahead *bufio.Reader) (*bufio.Reader, error) {
	read, err := ahead.Peek(ahead.Buffered())
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(read), from), max(socketBuffer, len(read)))
	_, err = in.Peek(len(read)) // the library takes what is there, and then reads from the connection
	return in, err
}
