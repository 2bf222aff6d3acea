package server

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/tributary/tributary/graph/transport"
	"github.com/tributary/tributary/internal/problem"
)

// spoken lets what is refused before the API is reached come in the media type
// in which its client looks for errors: several take a 401 in plain JSON for a
// failure of the network.
func spoken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if media := transport.Media(r); media == transport.MediaResponse {
			w.Header().Set("Content-Type", media+"; charset=utf-8")
		}
		next.ServeHTTP(w, r)
	})
}

// refuse answers with a problem in the form GraphQL clients read, whatever the
// path: {"errors":[{"message","extensions":{"code"}}]}. An error that is no
// problem says INTERNAL and nothing else.
func refuse(w http.ResponseWriter, err error) {
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
	more := map[string]any{"code": p.Code}
	if len(p.Field) > 0 {
		more["field"] = p.Field
	}
	if p.RetryAfter > 0 {
		more["retryAfterMs"] = p.RetryAfter.Milliseconds()
	}
	answerJSON(w, p.Code.HTTPStatus(), map[string]any{"errors": []any{map[string]any{"message": p.Message, "extensions": more}}})
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, status, body)
}

// answerPublic answers with what is the same for everybody.
func answerPublic(w http.ResponseWriter, body any) {
	w.Header().Set("Cache-Control", "public, max-age=60")
	writeJSON(w, http.StatusOK, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{}`)
	}
	if h := w.Header(); h.Get("Content-Type") == "" { // else it is what spoken found
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a client that has gone needs no answer
}
