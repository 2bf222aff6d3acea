package server

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// Bounds of the server and of one GraphQL request.
const (
	graphqlBody     = 256 << 10
	bodyTime        = 15 * time.Second // for the client to send it
	readHeaderTime  = 5 * time.Second
	writeTime       = 30 * time.Second // lifted for streams
	idleTime        = 120 * time.Second
	headerBytes     = 32 << 10
	tooLargeMessage = "the body is larger than %d bytes"
)

// bounded reads the whole body before anything else happens, so that one that
// is too large is a 413 whatever its headers claim, and a slow sender holds
// neither a token's look-up nor a connection of the database.
func bounded(limit int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > limit {
			refuseTooLarge(w, limit)
			return
		}
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		body, err := readBody(w, r, limit)
		if err != nil {
			refuseBody(w, err, limit)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// readBody gives the client a time of its own to send: it is taken back
// afterwards, for a deadline left on the connection would end the request.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	rc := http.NewResponseController(w)
	if rc.SetReadDeadline(time.Now().Add(bodyTime)) == nil {
		defer func() { _ = rc.SetReadDeadline(time.Time{}) }() // it was just set
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
}

func refuseBody(w http.ResponseWriter, err error, limit int64) {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		refuseTooLarge(w, limit)
		return
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		refuse(w, problem.New(problem.Deadline, "the body took too long to arrive").Because(err))
		return
	}
	refuse(w, problem.New(problem.Invalid, "the body could not be read").Because(err))
}

func refuseTooLarge(w http.ResponseWriter, limit int64) {
	w.Header().Set("Connection", "close") // the rest of the body is not worth reading
	refuse(w, problem.New(problem.TooLarge, tooLargeMessage, limit))
}
