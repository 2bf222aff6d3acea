// Package problem is the one error value that may leave the system: a code, a
// message safe to show to anyone, and the path of the input field at fault.
//
// It owns the list of codes and how each is presented. It refuses to carry a
// raw cause in the message: causes stay behind Unwrap, so that a driver's text,
// a path or a personal value never reaches a client by way of Error().
package problem

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Error is a problem. Values are never changed once made; Under and Because copy.
type Error struct {
	Code       Code
	Message    string        // safe to show; says what is wrong, not how the system failed
	Field      []string      // path into the input, outermost first; empty when no field is at fault
	RetryAfter time.Duration // how long a client should wait; 0 when waiting does not help
	cause      error
}

// New makes a problem that no single field is to blame for.
func New(code Code, format string, a ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, a...)}
}

// At makes a problem with one field, named by a dot path such as "input.lines.0.amount".
func At(code Code, field string, format string, a ...any) *Error {
	e := New(code, format, a...)
	e.Field = split(field)
	return e
}

// Under gives a copy whose field path is prefixed by a dot path, so that a rule
// that knows "amount" can be reported by a caller that knows "input.lines.0".
func (e *Error) Under(prefix string) *Error {
	c := *e
	c.Field = append(split(prefix), e.Field...)
	return &c
}

// Because gives a copy that wraps cause. The cause is reachable by errors.Is
// and errors.As only; it is in neither Message nor Error().
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Field, c.cause = slices.Clone(e.Field), cause
	return &c
}

// Error gives "CODE field.path: message", without the cause.
func (e *Error) Error() string {
	if len(e.Field) == 0 {
		return string(e.Code) + ": " + e.Message
	}
	return string(e.Code) + " " + strings.Join(e.Field, ".") + ": " + e.Message
}

// Unwrap gives the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// As finds the outermost problem in err's chain.
func As(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// CodeOf gives the code of the outermost problem in err's chain: "" for nil,
// Internal for an error that is not a problem.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := As(err); ok {
		return e.Code
	}
	return Internal
}

func split(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, ".")
}
