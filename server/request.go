package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// requestHeader carries the request's id, in and out.
const requestHeader = "X-Request-Id"

// saneID is what an inbound request id must look like to be taken over: it goes
// into logs and audit rows.
var saneID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$`)

// entry is what the parts of the chain learn about one request, for its line in
// the log.
type entry struct {
	requestID string
	route     string // of the table of routes; "none" when nothing matched
	principal string // id of the user or token
	merchant  string
}

// noRoute is the route of what matches none.
const noRoute = "none"

type entryKey struct{}

func entryOf(ctx context.Context) *entry {
	if e, ok := ctx.Value(entryKey{}).(*entry); ok {
		return e
	}
	return &entry{route: noRoute}
}

// identified gives every request an id, the client's own when it is sane, and
// says it in the answer.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rid := r.Header.Get(requestHeader)
		if !saneID.MatchString(rid) {
			rid = "req_" + strings.ToLower(rand.Text())
		}
		w.Header().Set(requestHeader, rid)
		ctx := context.WithValue(r.Context(), entryKey{}, &entry{requestID: rid, route: noRoute})
		next.ServeHTTP(w, r.WithContext(store.WithRequest(ctx, rid)))
	})
}

// observed writes the request's line in the log and its metrics. The line holds
// the route, not the address: paths and query strings carry tokens and slugs.
func observed(log *slog.Logger, m *metrics, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() {
			took, e := time.Since(began), entryOf(r.Context())
			m.request(e.route, rec.answered(), took)
			log.LogAttrs(r.Context(), levelOf(e.route, rec.answered()), "request",
				slog.String("requestId", e.requestID), slog.String("method", methodOf(r)), slog.String("route", e.route),
				slog.Int("status", rec.answered()), slog.Int64("bytes", rec.bytes), slog.Float64("ms", float64(took.Microseconds())/1000),
				slog.String("merchant", e.merchant), slog.String("principal", e.principal))
		}()
		next.ServeHTTP(rec, r)
	})
}

// levelOf keeps probes out of the ordinary log.
func levelOf(route string, status int) slog.Level {
	switch {
	case status >= 500:
		return slog.LevelWarn
	case route == "/healthz" || route == "/readyz" || route == "/metrics":
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// methodOf bounds what a client may put into the log.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return r.Method
	}
	return "OTHER"
}

// recovered answers for a handler that panicked; the value and the stack go to
// the log only. net/http's own way to abort is left alone.
func recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			log.ErrorContext(r.Context(), "panic in a handler", "requestId", store.RequestID(r.Context()),
				"route", entryOf(r.Context()).route, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			if rec, ok := w.(*recorder); !ok || rec.status == 0 {
				refuse(w, problem.New(problem.Internal, "something went wrong on our side"))
			}
		}()
		next.ServeHTTP(w, r)
	})
}
