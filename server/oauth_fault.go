package server

import (
	"net/http"
	"strings"

	"github.com/tributary/tributary/internal/problem"
)

// oauthFault is an error body of RFC 6749, 5.2.
type oauthFault struct {
	status      int
	code, words string
}

func (f *oauthFault) answer(w http.ResponseWriter) {
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="tributary", charset="UTF-8"`)
	}
	if f.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	answerJSON(w, f.status, map[string]any{"error": f.code, "error_description": f.words})
}

func faultOf(err error) *oauthFault {
	switch told, _ := problem.As(err); problem.CodeOf(err) {
	case problem.Unauthenticated:
		return &oauthFault{http.StatusUnauthorized, "invalid_client", "the client is not known or its secret is wrong"}
	case problem.Forbidden:
		return &oauthFault{http.StatusBadRequest, "unauthorized_client", told.Message}
	case problem.Invalid:
		return &oauthFault{http.StatusBadRequest, "invalid_scope", "the client does not hold every scope asked for"}
	case problem.Unavailable, problem.Deadline:
		return &oauthFault{http.StatusServiceUnavailable, "temporarily_unavailable", "try again"}
	}
	return &oauthFault{http.StatusInternalServerError, "server_error", "something went wrong on our side"}
}

// printable keeps what a client wrote from being more than a name in an answer:
// RFC 6749 allows no quotes, backslashes and controls there.
func printable(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, name)
	return clean[:min(len(clean), 40)]
}
