package tributary

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/Khan/genqlient/graphql"
)

// Config says where the server is and who asks.
type Config struct {
	URL      string                                // of the endpoint, such as https://partners.example/graphql
	Token    func(context.Context) (string, error) // the bearer token, asked for each request; nil for nobody
	HTTP     *http.Client                          // http.DefaultClient when nil; its Timeout would cut feeds
	Attempts int                                   // how often a request that may be repeated is tried in all; 5 when 0
	Timeout  time.Duration                         // of one try; 20 s when 0
}

// Client sends the documents of this package, or of your own: it is the client that
// generated functions take. It may be shared.
type Client struct{ Config }

var _ graphql.Client = (*Client)(nil)

// New makes a client; nothing is sent.
func New(cfg Config) *Client {
	if cfg.HTTP == nil {
		cfg.HTTP = http.DefaultClient
	}
	if cfg.Attempts == 0 {
		cfg.Attempts = 5
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 20 * time.Second
	}
	return &Client{cfg}
}

// Bearer is a token that stays the same.
func Bearer(token string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return token, nil }
}

// Key makes an idempotency key for one intent: keep it for as long as the intent
// may be told again.
func Key() *string {
	key := rand.Text()
	return &key
}

// MakeRequest carries out a request. Queries, and commands whose input carries an
// idempotency key, are tried again while the server is away. Errors: *Refused for
// an input that is refused; *Error for everything else but the end of ctx.
func (c *Client) MakeRequest(ctx context.Context, req *graphql.Request, resp *graphql.Response) error {
	body, err := json.Marshal(req)
	if err != nil {
		return err
	}
	repeatable := strings.HasPrefix(strings.TrimSpace(req.Query), "query") || carriesKey(body)
	for attempt := 1; ; attempt++ {
		err := c.once(ctx, body, resp.Data)
		notBegun := isOne(err, codeRateLimited)
		again := repeatable && isOne(err, CodeUnavailable, codeDeadline, codeInFlight)
		if attempt >= c.Attempts || !notBegun && !again {
			return err
		}
		if err := pause(ctx, err, attempt); err != nil {
			return err
		}
	}
}

func carriesKey(body []byte) bool {
	var sent struct {
		Variables struct {
			Input struct {
				IdempotencyKey string `json:"idempotencyKey"`
			} `json:"input"`
		} `json:"variables"`
	}
	return json.Unmarshal(body, &sent) == nil && sent.Variables.Input.IdempotencyKey != ""
}

func (c *Client) once(ctx context.Context, body []byte, data any) error {
	try, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	res, err := c.send(try, body, "application/json")
	if err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		return cut(ctx, err)
	}
	return decode(said, data)
}

// send posts a request and gives the answer if its status is 200.
func (c *Client) send(ctx context.Context, body []byte, accept string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.GetBody = nil // the transport must not send a command again by itself
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", accept)
	if c.Token != nil {
		token, err := c.Token(ctx)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return nil, &Error{Code: CodeUnavailable, Message: "the server does not answer", cause: err}
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		said, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		return nil, failure(res.StatusCode, said)
	}
	return res, nil
}

// cut is what an answer ends with that is not whole; the end of ctx stays what it is.
func cut(ctx context.Context, err error) error {
	return cmp.Or[error](ctx.Err(), &Error{Code: CodeUnavailable, Message: "the answer was cut", cause: err})
}

// longestPause bounds the pauses between tries, unless the server asks for more.
const longestPause = 5 * time.Second

// pause waits as long as a failure asks for, or longer for each try. It fails when ctx ends.
func pause(ctx context.Context, failed error, tries int) error {
	wait := min(100*time.Millisecond<<min(tries, 10), longestPause)
	var e *Error
	if errors.As(failed, &e) && e.Wait > 0 {
		wait = e.Wait
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
