package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// Limits of a call.
const (
	Timeout     = 15 * time.Second // from the dial to the last byte
	AnswerLimit = 64 << 10         // bytes read of an answer
	headerLimit = 16 << 10
	idle        = 30 * time.Second
	idlePerHost = 4
	idleInAll   = 256
)

// Client calls addresses that users give.
type Client struct {
	http    *http.Client
	timeout time.Duration
	answer  int64
}

// Options of a client.
type Options struct {
	Guard    Guard
	Timeout  time.Duration // Timeout when zero
	Resolver *net.Resolver // the system's when nil
	TLS      *tls.Config   // the system's authorities when nil
	Answer   int64         // bytes read of an answer; AnswerLimit when zero
}

// New makes a client. It knows no proxy: through one, the guard would look at the
// proxy's address and not at the one that is called.
func New(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = Timeout
	}
	if o.Answer == 0 {
		o.Answer = AnswerLimit
	}
	dialer := &net.Dialer{Control: o.Guard.Control, Resolver: o.Resolver, Timeout: o.Timeout}
	return &Client{timeout: o.Timeout, answer: o.Answer, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: o.TLS, DisableCompression: true,
			MaxResponseHeaderBytes: headerLimit, IdleConnTimeout: idle, MaxIdleConns: idleInAll, MaxIdleConnsPerHost: idlePerHost,
		},
	}}
}

// Answer is what was answered: its body is cut at the limit.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// LongAnswer is the most that is read of an answer for who wants more than AnswerLimit.
const LongAnswer = 8 << 20

type longKey struct{}

// Long lets an answer be read up to LongAnswer: for a provider that was chosen, whose
// answers are pages of what was asked for. Nobody else's are worth the memory.
func Long(ctx context.Context) context.Context { return context.WithValue(ctx, longKey{}, true) }

func limit(ctx context.Context) int64 {
	if ctx.Value(longKey{}) != nil {
		return LongAnswer
	}
	return AnswerLimit
}

// Do calls. The answer of a redirect is the redirect. Errors: those of net/http,
// ErrRefused among them; they may name the address.
func (c *Client) Do(ctx context.Context, r *http.Request) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	resp, err := c.http.Do(r.WithContext(ctx)) // #nosec G704 -- the guard at the dial is what refuses addresses
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, max(c.answer, limit(ctx))))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Answer{}, err
	}
	return Answer{resp.StatusCode, resp.Header, body}, nil
}

// Close ends the connections that wait to be used again.
func (c *Client) Close() { c.http.CloseIdleConnections() }
