package transport

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tributary/tributary/internal/problem"
)

// status of a response. In application/json a request that could be read is
// answered with 200 whatever became of it; in the newer type the status says
// whether anything ran.
func status(media string, r *graphql.Response) int {
	if media == mediaJSON || ran(r) || len(r.Errors) == 0 {
		return http.StatusOK
	}
	code, _ := r.Errors[0].Extensions["code"].(string)
	switch at := problem.Code(code); at {
	case problem.RateLimited, problem.Unavailable, problem.Deadline, problem.Internal, problem.Unauthenticated, problem.Forbidden:
		return at.HTTPStatus()
	}
	return http.StatusBadRequest
}

// ran reports whether a response is of an execution, failed or not, as opposed
// to a request that could not be executed.
func ran(r *graphql.Response) bool { return len(r.Data) > 0 }

// write sends a response.
func write(w http.ResponseWriter, media string, status int, r *graphql.Response) {
	body := encode(nil, r)
	h := w.Header()
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Add("Vary", "Accept")
	if wait, said := retryAfter(r); said {
		h.Set("Retry-After", wait)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}

// retryAfter is when to come back, in whole seconds, if the response says so.
func retryAfter(r *graphql.Response) (string, bool) {
	for _, e := range r.Errors {
		if ms, said := e.Extensions["retryAfterMs"].(int64); said {
			return strconv.FormatInt((ms+999)/1000, 10), true
		}
	}
	return "", false
}

// encode appends a response as JSON, errors first, on one line. Data that was
// not made is left out; data is what resolvers wrote and is not read again.
func encode(to []byte, r *graphql.Response) []byte {
	b := bytes.NewBuffer(append(to, '{'))
	comma := ""
	if len(r.Errors) > 0 {
		comma = field(b, comma, "errors", marshal(r.Errors))
	}
	if ran(r) {
		comma = field(b, comma, "data", r.Data)
	}
	if len(r.Extensions) > 0 {
		field(b, comma, "extensions", marshal(r.Extensions))
	}
	b.WriteByte('}')
	return b.Bytes()
}

// field writes one field. A line break in JSON is white space, since those within
// texts are escaped, and would end a line of a stream.
func field(b *bytes.Buffer, comma, name string, value []byte) string {
	b.WriteString(comma + `"` + name + `":`)
	if bytes.ContainsAny(value, "\r\n") {
		value = bytes.Map(func(r rune) rune {
			if r == '\r' || r == '\n' {
				return ' '
			}
			return r
		}, value)
	}
	b.Write(value)
	return ","
}

func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return []byte("null") // errors and extensions are plain values
	}
	return text
}
