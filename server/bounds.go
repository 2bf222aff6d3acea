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

// timely gives the client a time of its own to send a body, whatever is done with it:
// net/http reads what nobody has read before it answers, and without a deadline a byte
// a second would hold the connection for as long as the sender likes.
func timely(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // a recorder in a test cannot
		}
		next.ServeHTTP(w, r)
	})
}

// readBody takes the deadline back once the body is there, for one left on the
// connection would end a long request. It stays for a body that did not come.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err == nil {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // as above
	}
	return body, err
}

func refuseBody(w http.ResponseWriter, err error, limit int64) {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		refuseTooLarge(w, limit)
		return
	}
	w.Header().Set("Connection", "close")
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
