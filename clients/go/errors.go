package tributary

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Codes of Error that this package branches on; docs/errors.md has all.
const (
	CodeUnavailable     = "UNAVAILABLE" // also: nothing answered at all
	CodeUnauthenticated = "UNAUTHENTICATED"
	codeRateLimited     = "RATE_LIMITED"
	codeDeadline        = "DEADLINE_EXCEEDED"
	codeInFlight        = "IDEMPOTENCY_IN_FLIGHT"
)

// Error is a failure of the system, as opposed to a refused input.
type Error struct {
	Code    string
	Message string
	Wait    time.Duration // how long the server asks to wait before the next try; 0 for no wish
	cause   error
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Unwrap gives what the network said, if it was the network.
func (e *Error) Unwrap() error { return e.cause }

// Refused is what became of a command whose input was refused: nothing has changed.
type Refused struct{ UserErrors []UserError }

// UserError is why an input was refused, and which part of it.
type UserError struct {
	Field   []string      `json:"field"` // path of the input field, outermost first; empty when no field is at fault
	Message string        `json:"message"`
	Code    UserErrorCode `json:"code"`
}

func (e *Refused) Error() string {
	all := make([]string, len(e.UserErrors))
	for i, one := range e.UserErrors {
		all[i] = fmt.Sprintf("%s: %s: %s", one.Code, strings.Join(one.Field, "."), one.Message)
	}
	return strings.Join(all, "; ")
}

type answer struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Extensions struct {
			Code         string `json:"code"`
			RetryAfterMS int64  `json:"retryAfterMs"`
		} `json:"extensions"`
	} `json:"errors"`
}

// decode reads an answer into data. Errors: *Error for its first error; *Refused
// where a command of it was refused, data being filled all the same.
func decode(body []byte, data any) error {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return &Error{Code: CodeUnavailable, Message: "the answer is no GraphQL", cause: err}
	}
	if len(a.Errors) > 0 {
		first := a.Errors[0]
		return &Error{Code: first.Extensions.Code, Message: first.Message, Wait: time.Duration(first.Extensions.RetryAfterMS) * time.Millisecond}
	}
	if err := json.Unmarshal(a.Data, data); err != nil {
		return &Error{Code: CodeUnavailable, Message: "the answer does not fit", cause: err}
	}
	return refusal(a.Data)
}

func refusal(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil // no object has no refusals
	}
	var all []UserError
	for _, raw := range fields {
		var payload struct {
			UserErrors []UserError `json:"userErrors"`
		}
		if json.Unmarshal(raw, &payload) == nil {
			all = append(all, payload.UserErrors...)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &Refused{all}
}

// failure is what an answer other than 200 says, a proxy's included.
func failure(status int, body []byte) error {
	var said *Error
	if errors.As(decode(body, new(any)), &said) && said.Code != "" && said.cause == nil {
		return said
	}
	if status >= 500 || status == http.StatusTooManyRequests {
		return &Error{Code: CodeUnavailable, Message: http.StatusText(status)}
	}
	return &Error{Code: "BAD_REQUEST", Message: http.StatusText(status)}
}

// isOne reports whether err is an Error with one of the codes.
func isOne(err error, codes ...string) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	for _, code := range codes {
		if e.Code == code {
			return true
		}
	}
	return false
}
