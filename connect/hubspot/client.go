package hubspot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/egress"
)

var errUnderstood = errors.New("hubspot: it answered otherwise than it should")

// access is the token that is sent.
func access(c connect.Credentials) string {
	if token := c.Keys[keyAccess]; token != "" {
		return token
	}
	return c.Access
}

// send calls, and gives the answer whatever its status. 401, 403, 429 and what is
// HubSpot's own trouble are errors; the refusal of what was sent is none.
func (p Provider) send(ctx context.Context, call connect.Call, c connect.Credentials, method, path string, in any) (egress.Answer, error) {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return egress.Answer{}, fmt.Errorf("hubspot: a body cannot be written as %T", in)
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, p.api+path, body)
	if err != nil {
		return egress.Answer{}, err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "Bearer "+access(c))
	answer, err := call(ctx, r)
	if err != nil {
		return answer, err
	}
	return answer, p.trouble(answer)
}

// trouble is what stands in the way of whatever is sent.
func (p Provider) trouble(a egress.Answer) error {
	switch {
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return fmt.Errorf("%w: %w", connect.ErrWithdrawn, connect.Answered(a.Status))
	case a.Status == http.StatusTooManyRequests:
		wait := p.Pace(a.Status, a.Header).Wait
		if refusalOf(a).PolicyName == "DAILY" { // nothing is left of the day; what is left of it is not told
			wait = max(wait, daily)
		}
		return connect.Throttled{Wait: wait}
	case a.Status >= 500 || a.Status >= 300 && a.Status < 400:
		return connect.Answered(a.Status)
	}
	return nil
}

// daily is how long is waited when the calls of a day are used up.
const daily = 15 * time.Minute

// ask sends and reads a success.
func (p Provider) ask(ctx context.Context, call connect.Call, c connect.Credentials, method, path string, in, out any) error {
	answer, err := p.send(ctx, call, c, method, path, in)
	switch {
	case err != nil:
		return err
	case answer.Status < 200 || answer.Status > 299:
		return connect.Answered(answer.Status)
	case out != nil && json.Unmarshal(answer.Body, out) != nil:
		return errUnderstood
	}
	return nil
}

// form sends what the token addresses want.
func (p Provider) form(ctx context.Context, call connect.Call, path string, in url.Values, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.api+path, strings.NewReader(in.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := call(ctx, r)
	switch {
	case err != nil:
		return err
	case answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden:
		return connect.ErrWithdrawn
	case answer.Status < 200 || answer.Status > 299:
		return connect.Answered(answer.Status)
	case out != nil && json.Unmarshal(answer.Body, out) != nil:
		return errUnderstood
	}
	return nil
}

// window is how long HubSpot counts calls when it does not say.
const window = 10 * time.Second

// Pace reads the limits that HubSpot tells with its answers.
func (Provider) Pace(status int, h http.Header) connect.Pace {
	const prefix = "X-HubSpot-RateLimit-"
	number := func(name string) (int, bool) {
		n, err := strconv.Atoi(h.Get(name))
		return n, err == nil && n >= 0
	}
	pace := connect.Pace{Every: window}
	if ms, told := number(prefix + "Interval-Milliseconds"); told && ms > 0 {
		pace.Every = time.Duration(ms) * time.Millisecond
	}
	limit, told := number(prefix + "Max")
	left, both := number(prefix + "Remaining")
	if told && both {
		pace.Limit, pace.Remaining = limit, left
	}
	if seconds, told := number("Retry-After"); told {
		pace.Wait = time.Duration(seconds) * time.Second
	} else if status == http.StatusTooManyRequests {
		pace.Wait = pace.Every
	}
	return pace
}

// refusal is the body of what HubSpot does not take.
type refusal struct {
	Status     string              `json:"status"`
	Category   string              `json:"category"`
	PolicyName string              `json:"policyName"`
	Errors     []detail            `json:"errors"`
	Context    map[string][]string `json:"context"`
}

type detail struct {
	Code    string              `json:"code"`
	Context map[string][]string `json:"context"`
}

func refusalOf(a egress.Answer) (r refusal) {
	_ = json.Unmarshal(a.Body, &r) // what cannot be read says nothing
	return r
}

// code is the most exact name that a refusal has.
func (r refusal) code() string {
	for _, d := range r.Errors {
		if d.Code != "" {
			return plain(d.Code)
		}
	}
	if r.Category != "" {
		return plain(r.Category)
	}
	return "REFUSED"
}

// plain keeps a code that is one: another text might quote the record.
func plain(code string) string {
	if len(code) > 60 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return "REFUSED"
	}
	return code
}
