package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.uber.org/goleak"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// schema is a small API: what it answers is decided by the first field alone.
var schema = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query { name: String who: String deadline: Boolean slow: String big(bytes: Int!): String lines: String boom: String }
	type Mutation { change: String slow: String }
	type Subscription { count(to: Int!): Int burst(to: Int!, fails: Boolean): Int forever: Int flood: String refused: Int deadline: Boolean boom: Int }
`})

// place is a door with the small API behind it.
type place struct {
	*httptest.Server
	t       *testing.T
	end     context.CancelFunc // what the server's end does to streams
	release chan struct{}      // lets slow go on
	slow    atomic.Int64       // how many have begun
	revoked atomic.Bool        // the token "good" is
	demoted atomic.Bool        // the token "good" means another viewer
	unknown atomic.Bool        // nobody can tell who holds a token
	lasting atomic.Int64       // sockets and streams under way
	begun   atomic.Int64       // all there were
}

func open(t *testing.T, edit ...func(*Config)) *place {
	t.Helper()
	return openOn(t, nil, edit...)
}

// openOn is open on a listener of the test's, around the server's own.
func openOn(t *testing.T, l *counting, edit ...func(*Config)) *place {
	t.Helper()
	ending, end := context.WithCancel(context.Background())
	p := &place{t: t, end: end, release: make(chan struct{})}
	c := Config{
		Present: present, Recovered: func(context.Context, any) error { return errors.New("boom") },
		Authenticate: p.authenticate, Again: p.authenticate, Address: func(r *http.Request) string { return r.Header.Get("X-Address") },
		Origins: []string{"https://app.example"},
		Lasts: func(_ http.ResponseWriter, r *http.Request) (context.Context, func()) {
			p.lasting.Add(1)
			p.begun.Add(1)
			ctx, cancel := context.WithCancel(r.Context())
			stop := context.AfterFunc(ending, cancel)
			return ctx, func() { stop(); cancel(); p.lasting.Add(-1) }
		},
		Limits: Limits{Recheck: 10 * time.Millisecond},
	}
	for _, fn := range edit {
		fn(&c)
	}
	api := handler.New(&graphql.ExecutableSchemaMock{SchemaFunc: func() *ast.Schema { return schema }, ExecFunc: p.exec})
	api.SetErrorPresenter(present)
	api.SetRecoverFunc(func(context.Context, any) error { return errors.New("boom") })
	api.AddTransport(New(c))
	p.Server = httptest.NewUnstartedServer(p.known(api))
	if l != nil {
		l.Listener, p.Listener = p.Listener, l
	}
	p.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if tcp, plain := c.(*net.TCPConn); plain {
			_ = tcp.SetWriteBuffer(4 << 10) // who does not read is noticed at once, not after megabytes
		}
		return ctx
	}
	p.Start()
	t.Cleanup(func() {
		end()
		p.Close()
		eventually(t, patience, "the end of all sockets", func() bool { return p.lasting.Load() == 0 })
	})
	return p
}

// known is what the server does before the door: the token "good" is tok_1's.
func (p *place) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if bearer, ok := Bearer(r.Header.Get("Authorization")); ok {
			v, _ := p.authenticate(r.Context(), bearer, "")
			r = r.WithContext(trust.With(r.Context(), v))
		}
		next.ServeHTTP(w, r)
	})
}

func (p *place) authenticate(_ context.Context, bearer, origin string) (trust.Viewer, error) {
	v := trust.Viewer{MerchantID: "mer_1", PrincipalID: "tok_1", Kind: trust.KindToken}
	switch {
	case p.unknown.Load():
		return v, problem.New(problem.Unavailable, "no database")
	case bearer == "good" && !p.revoked.Load():
		if p.demoted.Load() {
			v.AffiliateID = "aff_1"
		}
		return v, nil
	case bearer == "page" && origin == "https://app.example":
		v.PrincipalID = "key_1"
		return v, nil
	case bearer == "page":
		return v, problem.New(problem.Forbidden, "not on this page")
	case strings.HasPrefix(bearer, "user"):
		v.PrincipalID = bearer
		return v, nil
	}
	return v, problem.New(problem.Unauthenticated, "no such token")
}

func present(_ context.Context, err error) *gqlerror.Error {
	code := string(problem.CodeOf(err))
	if g, ours := err.(*gqlerror.Error); ours && g.Extensions["code"] != nil {
		code = fmt.Sprint(g.Extensions["code"])
	}
	return &gqlerror.Error{Message: "refused", Extensions: map[string]any{"code": code}}
}

// exec answers a query or mutation once, a subscription as often as it says.
func (p *place) exec(ctx context.Context) graphql.ResponseHandler {
	f := graphql.GetOperationContext(ctx).Operation.SelectionSet[0].(*ast.Field)
	if graphql.GetOperationContext(ctx).Operation.Operation == ast.Subscription {
		return p.subscription(ctx, f)
	}
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		return &graphql.Response{Data: []byte(`{"` + f.Alias + `":` + p.value(ctx, f) + `}`)}
	}
}

func (p *place) value(ctx context.Context, f *ast.Field) string {
	switch f.Name {
	case "who":
		v, _ := trust.From(ctx)
		return strconv.Quote(v.PrincipalID)
	case "deadline":
		return strconv.FormatBool(hasDeadline(ctx))
	case "lines":
		return "\"a\"\r\n\n"
	case "boom":
		panic("boom")
	case "big":
		n, _ := strconv.Atoi(f.Arguments[0].Value.Raw)
		return strconv.Quote(strings.Repeat("x", n))
	case "slow":
		p.slow.Add(1)
		select {
		case <-p.release:
		case <-ctx.Done():
		}
	}
	return `"value"`
}

func hasDeadline(ctx context.Context) bool { _, has := ctx.Deadline(); return has }

func (p *place) subscription(ctx context.Context, f *ast.Field) graphql.ResponseHandler {
	n := 0
	return func(ctx context.Context) *graphql.Response {
		n++
		switch {
		case f.Name == "refused":
			return &graphql.Response{Errors: gqlerror.List{present(ctx, problem.New(problem.Forbidden, ""))}}
		case f.Name == "boom":
			panic("boom")
		case f.Name == "deadline" && n == 1:
			return &graphql.Response{Data: []byte(`{"deadline":` + strconv.FormatBool(hasDeadline(ctx)) + `}`)}
		case f.Name == "flood" && ctx.Err() == nil:
			return &graphql.Response{Data: []byte(`{"flood":"` + strings.Repeat("x", 64<<10) + `"}`)}
		case f.Name == "burst":
			return burst(ctx, f, n)
		case f.Name == "forever" && n > 1:
			<-ctx.Done()
			return nil
		case f.Name == "forever", f.Name == "count" && strconv.Itoa(n-1) != f.Arguments[0].Value.Raw:
			return &graphql.Response{Data: []byte(`{"n":` + strconv.Itoa(n) + `}`)}
		}
		return nil
	}
}

// burst has so many responses at once, and then nothing or an error.
func burst(ctx context.Context, f *ast.Field, n int) *graphql.Response {
	to, _ := strconv.Atoi(f.Arguments[0].Value.Raw)
	fails := len(f.Arguments) > 1
	FlowOf(ctx).More(n < to || n == to && fails)
	if n <= to {
		return &graphql.Response{Data: []byte(`{"n":` + strconv.Itoa(n) + `}`)}
	}
	if fails {
		return &graphql.Response{Errors: gqlerror.List{present(ctx, problem.New(problem.Forbidden, ""))}}
	}
	<-ctx.Done()
	return nil
}

// answered is a response with its body read.
type answered struct {
	*http.Response
	text string
}

// send makes a request: headers are "Name: value" lines.
func (p *place) send(method, path, headers, body string) answered {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.URL+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(headers) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		req.Header.Add(name, value)
	}
	res, err := p.Client().Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answered{res, string(text)}
}

// eventually tries until ok, for what happens a little later.
func eventually(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > within {
			t.Fatalf("%s: not within %v", what, within)
		}
	}
}

// ours counts goroutines that this package keeps.
func ours() int {
	buf := make([]byte, 64<<20)
	n := 0
	for _, one := range bytes.Split(buf[:runtime.Stack(buf, true)], []byte("\n\n")) {
		if bytes.Contains(one, []byte("graph/transport.(*")) && !bytes.Contains(one, []byte("_test.go")) {
			n++
		}
	}
	return n
}
