package transport

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// Config of the door. The viewer of an HTTP request is already in its context.
type Config struct {
	// Present gives an error the form in which it leaves.
	Present func(ctx context.Context, err error) *gqlerror.Error
	// Recovered makes an error of what a goroutine of ours panicked with.
	Recovered func(ctx context.Context, value any) error
	// Authenticate finds out who opens a socket: from the token in
	// connection_init and the Origin of the page.
	Authenticate Authenticate
	// Again says who the holder of a credential is now. Errors: Unauthenticated
	// and Forbidden end the connection, others leave it.
	Again Authenticate
	// Lasts is told of a request that becomes a socket or a stream. Its context
	// ends when sockets and streams must; done is called when this one has ended,
	// which a socket does after its handler has returned.
	// Nil lets them last as long as their client does.
	Lasts func(w http.ResponseWriter, r *http.Request) (ctx context.Context, done func())
	// Address names the client of a request, to count those who have no token.
	Address func(*http.Request) string
	// Admit is asked before each operation on a socket, of which no request tells the
	// server; its error is the operation's answer. It may wait for a database. Nil
	// admits all.
	Admit func(context.Context) error
	// Origins are those whose pages may open a socket, beside the server's own:
	// scheme://host[:port], as browsers send them.
	Origins []string
	Limits  Limits
}

// Authenticate is auth.Service's method of that name.
type Authenticate func(ctx context.Context, bearer, origin string) (trust.Viewer, error)

// Limits bound what one client may hold and how long anything may take. Zero
// means the default.
type Limits struct {
	Operation time.Duration // for a query or mutation to run; 15 s
	Init      time.Duration // from the upgrade to connection_init; 5 s
	Write     time.Duration // for a client to take a frame; 5 s
	Close     time.Duration // for a client to answer a close; 1 s
	Heartbeat time.Duration // between signs of life; 15 s
	Recheck   time.Duration // between two looks at a credential; 500 ms

	Message    int64 // bytes of a message on a socket; 1 MiB
	Operations int   // at once on a socket; 100
	Sockets    int   // of a principal, or of an address without a token; 20
	Streams    int   // of a principal, or of an address without a token; 100
	Greeting   int   // sockets of an address that have not said connection_init; 200
}

// withDefaults fills what is empty.
func (l Limits) withDefaults() Limits {
	or := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	or(&l.Operation, 15*time.Second)
	or(&l.Init, 5*time.Second)
	or(&l.Write, 5*time.Second)
	or(&l.Close, time.Second)
	or(&l.Heartbeat, 15*time.Second)
	or(&l.Recheck, 500*time.Millisecond)
	if l.Message == 0 {
		l.Message = 1 << 20
	}
	for v, n := range map[*int]int{&l.Operations: 100, &l.Sockets: 20, &l.Streams: 100, &l.Greeting: 200} {
		if *v == 0 {
			*v = n
		}
	}
	return l
}

// Door serves requests, sockets and streams.
type Door struct {
	Config
	standing *standing
	seats    *seats
}

// New opens the door.
func New(c Config) *Door {
	c.Limits = c.Limits.withDefaults()
	if c.Lasts == nil {
		c.Lasts = func(_ http.ResponseWriter, r *http.Request) (context.Context, func()) { return r.Context(), func() {} }
	}
	if c.Address == nil {
		c.Address = func(*http.Request) string { return "" }
	}
	if c.Admit == nil {
		c.Admit = func(context.Context) error { return nil }
	}
	return &Door{Config: c, standing: newStanding(c.Again, c.Limits.Recheck), seats: newSeats()}
}

var _ graphql.Transport = (*Door)(nil)

// Supports every request: what cannot be served is refused here.
func (d *Door) Supports(*http.Request) bool { return true }

// methods are those of the HTTP side.
const methods = "GET, HEAD, POST, OPTIONS"

// Do serves one request.
func (d *Door) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	switch {
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		d.socket(w, r, exec)
	case r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodPost:
		d.request(w, r, exec)
	case r.Method == http.MethodOptions:
		w.Header().Set("Allow", methods)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", methods)
		d.refuse(w, r, problem.New(problem.MethodNotAllowed, "ask by GET or POST"))
	}
}

// Bearer finds the token in an Authorization header. None is longer than 8 KiB.
func Bearer(header string) (token string, ok bool) {
	scheme, token, found := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, found && strings.EqualFold(scheme, "Bearer") && token != "" && len(token) <= 8<<10
}
