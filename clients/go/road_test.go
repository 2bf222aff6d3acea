package tributary_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Khan/genqlient/graphql"

	tributary "github.com/tributary/tributary/clients/go"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/server"
)

// patience is how long a test waits for something that must happen.
const patience = 60 * time.Second

// open starts a server with one merchant and gives its endpoint and its owner's client.
func open(t *testing.T) (string, *tributary.Client) {
	t.Helper()
	p, err := server.New(t.Context(), server.Config{
		Place: server.Place{DataDir: t.TempDir(), DatabaseURL: storetest.URL(t)}, Addr: "127.0.0.1:0", Drain: 100 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, quit := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() {
		quit()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	at := p.URL() + "/graphql"
	var data struct{ SignUp struct{ AccessToken string } }
	err = tributary.New(tributary.Config{URL: at, Attempts: 12}).MakeRequest(t.Context(), &graphql.Request{Query: `mutation {
		signUp(input: {email: "you@acme.example", password: "correct horse battery", merchantName: "Acme", currency: "USD"}) {
			accessToken userErrors { field message code } } }`}, &graphql.Response{Data: &data})
	if err != nil {
		t.Fatal(err)
	}
	return at, tributary.New(tributary.Config{URL: at, Token: tributary.Bearer(data.SignUp.AccessToken)})
}

// road leads to a server and fails on purpose.
type road struct {
	lose   atomic.Int64 // so many answers more are lost whole
	budget []int64      // a connection is cut after so many bytes of answer, by turns; none for never
	cuts   atomic.Int64
}

// by gives the same client by the road.
func (r *road) by(t *testing.T, c *tributary.Client) *tributary.Client {
	t.Helper()
	at, err := url.Parse(c.URL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go r.carry(conn, at.Host)
		}
	}()
	cfg := c.Config
	cfg.URL = strings.Replace(c.URL, at.Host, l.Addr().String(), 1)
	return tributary.New(cfg)
}

func (r *road) carry(client net.Conn, host string) {
	defer client.Close()
	srv, err := net.Dial("tcp", host)
	if err != nil {
		return
	}
	defer srv.Close()
	go func() {
		_, _ = io.Copy(srv, client)
		_ = srv.Close()
	}()
	if r.lose.Load() > 0 {
		_, _ = srv.Read(make([]byte, 1)) // the server has answered
		r.lose.Add(-1)
		return
	}
	if len(r.budget) == 0 {
		_, _ = io.Copy(client, srv)
		return
	}
	turn := r.cuts.Load() % int64(len(r.budget))
	if n, _ := io.CopyN(client, srv, r.budget[turn]); n == r.budget[turn] {
		r.cuts.Add(1)
	}
}
