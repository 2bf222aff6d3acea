package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Client speaks to one server as one viewer.
type Client struct {
	Base  string // "http://127.0.0.1:8080"
	Token string // sent as Bearer; empty for nobody
	HTTP  *http.Client
}

// New gives a client with a pool of its own that follows no redirects.
func New(base, token string) *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute}
	return &Client{Base: strings.TrimRight(base, "/"), Token: token, HTTP: &http.Client{
		Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// As gives the same client with another token.
func (c *Client) As(token string) *Client { return &Client{Base: c.Base, Token: token, HTTP: c.HTTP} }

// Error is what the server answered instead of data.
type Error struct {
	Status int
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	}
	UserErrors []UserError
}

// UserError is why an input was refused.
type UserError struct {
	Field   []string `json:"field"`
	Message string   `json:"message"`
	Code    string   `json:"code"`
}

// Code is the first error's code, or empty.
func (e *Error) Code() string {
	if len(e.UserErrors) > 0 {
		return e.UserErrors[0].Code
	}
	if len(e.Errors) > 0 {
		code, _ := e.Errors[0].Extensions["code"].(string)
		return code
	}
	return ""
}

// Error in one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP %d", e.Status)
	for _, one := range e.Errors {
		fmt.Fprintf(&b, "; %s (%v)", one.Message, one.Extensions["code"])
	}
	for _, one := range e.UserErrors {
		fmt.Fprintf(&b, "; %s: %s (%s)", strings.Join(one.Field, "."), one.Message, one.Code)
	}
	return b.String()
}

// Vars are a document's variables.
type Vars map[string]any

// Do runs a document and decodes its data into out, which may be nil. GraphQL
// errors and user errors of any root field come back as *Error.
func (c *Client) Do(ctx context.Context, document string, vars Vars, out any) error {
	data, err := c.Raw(ctx, document, vars)
	if err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}

// Raw is Do without decoding: the bytes of data.
func (c *Client) Raw(ctx context.Context, document string, vars Vars) (json.RawMessage, error) {
	body, err := json.Marshal(map[string]any{"query": document, "variables": vars})
	if err != nil {
		return nil, err
	}
	status, text, err := c.Send(ctx, http.MethodPost, "/graphql", "application/json", body, nil)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors json.RawMessage `json:"errors"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("HTTP %d, not JSON: %.200s", status, text)
	}
	return answer.Data, failure(status, answer.Data, answer.Errors)
}

func failure(status int, data, errs json.RawMessage) error {
	e := &Error{Status: status}
	if len(errs) > 0 {
		if err := json.Unmarshal(errs, &e.Errors); err != nil {
			return err
		}
	}
	var roots map[string]json.RawMessage
	_ = json.Unmarshal(data, &roots)
	for _, root := range roots {
		var payload struct{ UserErrors []UserError }
		if json.Unmarshal(root, &payload) == nil {
			e.UserErrors = append(e.UserErrors, payload.UserErrors...)
		}
	}
	if len(e.Errors)+len(e.UserErrors) == 0 && status < 400 {
		return nil
	}
	return e
}

// Send makes one HTTP request and reads the answer whole.
func (c *Client) Send(ctx context.Context, method, path, contentType string, body []byte, header http.Header) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.Base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

// Click opens a link as a browser does and returns where it leads and the click
// token that the address carries.
func (c *Client) Click(ctx context.Context, path, userAgent, address string) (location, token string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Base+path, nil)
	if err != nil {
		return "", "", err
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "text/html")
	if address != "" {
		req.Header.Set("X-Forwarded-For", address)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return "", "", err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusFound {
		return "", "", fmt.Errorf("link %s answered %d", path, res.StatusCode)
	}
	to, err := res.Location()
	if err != nil {
		return "", "", err
	}
	if res.Header.Get("Tributary-Click") == "unrecorded" {
		err = ErrUnrecorded
	}
	return to.String(), to.Query().Get("trb_click"), err
}

// ErrUnrecorded comes with a redirect that was sent although the stream refused
// the click: the visitor goes on, and the click may be missing from the reports.
var ErrUnrecorded = errors.New("the click was not recorded")
