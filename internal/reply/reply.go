// Package reply answers plain HTTP requests in the one form that GraphQL clients
// read too.
//
// Means: a refusal is {"errors":[{"message","extensions":{"code"}}]}, whatever the
// path, with the status of its code; an error that is no problem says INTERNAL and
// nothing else.
//
// Refuses: parameters that a path does not know. Who misspells one would be
// answered as if it had not been said, and take all of something for the part that
// was asked for.
package reply

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/tributary/tributary/internal/problem"
)

// Refuse answers with what is wrong.
func Refuse(w http.ResponseWriter, err error) {
	p, ok := problem.As(err)
	if !ok {
		p = problem.New(problem.Internal, "something went wrong on our side")
	}
	h := w.Header()
	if p.Code == problem.Unauthenticated {
		h.Set("WWW-Authenticate", `Bearer realm="tributary"`)
	}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.RetryAfter.Milliseconds()+999)/1000)))
	}
	h.Set("Cache-Control", "no-store")
	JSON(w, p.Code.HTTPStatus(), map[string]any{"errors": []any{map[string]any{"message": p.Message, "extensions": extensions(p)}}})
}

func extensions(p *problem.Error) map[string]any {
	more := map[string]any{"code": p.Code}
	if len(p.Field) > 0 {
		more["field"] = p.Field
	}
	if p.RetryAfter > 0 {
		more["retryAfterMs"] = p.RetryAfter.Milliseconds()
	}
	return more
}

// JSON answers with a value, as JSON unless a media type has been chosen already.
func JSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{}`)
	}
	if h := w.Header(); h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a client that has gone needs no answer
}

// named bounds how much of an unknown parameter's name an answer repeats.
const named = 40

// Knows accepts the parameters that are listed, each said once at the most.
// Errors: Invalid at the parameter.
func Knows(r *http.Request, parameters ...string) error {
	said := r.URL.Query()
	names := make([]string, 0, len(said))
	for name := range said {
		names = append(names, name)
	}
	sort.Strings(names)
	var all []error
	for _, name := range names {
		shown := strings.ToValidUTF8(name[:min(len(name), named)], "")
		switch {
		case !slices.Contains(parameters, name):
			p := problem.New(problem.Invalid, "there is no such parameter; there are: %s", strings.Join(parameters, ", "))
			p.Field = []string{shown}
			all = append(all, p)
		case len(said[name]) > 1:
			all = append(all, problem.At(problem.Invalid, name, "must be said once"))
		}
	}
	return errors.Join(all...)
}
