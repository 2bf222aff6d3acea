package server

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/tributary/tributary/graph/transport"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// authenticate finds out who a bearer is; see auth.Service.
type authenticate func(ctx context.Context, bearer, origin string) (trust.Viewer, error)

// known lets requests pass with their viewer; who is refused is answered by deny.
func known(who authenticate, deny refusal, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r, ok := recognised(who, deny, w, r); ok {
			next.ServeHTTP(w, r)
		}
	})
}

// refusal answers a credential that opens nothing.
type refusal func(http.ResponseWriter, *http.Request, error)

// recognised puts the viewer into the request's context. Without credentials
// nobody is asking, which some fields allow; wrong ones are refused, for else a
// client with an expired token would be answered as nobody and not know why.
func recognised(who authenticate, deny refusal, w http.ResponseWriter, r *http.Request) (*http.Request, bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return r, true
	}
	bearer, ok := transport.Bearer(header)
	if !ok {
		deny(w, r, problem.New(problem.Unauthenticated, "send the token as: Authorization: Bearer TOKEN"))
		return nil, false
	}
	v, err := who(r.Context(), bearer, r.Header.Get("Origin"))
	if err != nil {
		deny(w, r, disbelieved(err))
		return nil, false
	}
	e := entryOf(r.Context())
	e.merchant, e.principal = v.MerchantID, v.PrincipalID
	return r.WithContext(trust.With(r.Context(), v)), true
}

// noted logs who opened a WebSocket: the request's own line is written when it
// becomes one, before anybody has said who is there.
func noted(log *slog.Logger, who authenticate) transport.Authenticate {
	return func(ctx context.Context, bearer, origin string) (trust.Viewer, error) {
		v, err := who(ctx, bearer, origin)
		if err == nil {
			log.InfoContext(ctx, "socket", slog.String("requestId", store.RequestID(ctx)), slog.String("merchant", v.MerchantID), slog.String("principal", v.PrincipalID))
		}
		return v, err
	}
}

// disbelieved tells a wrong credential from a server that cannot say: who is told that
// a good token is bad throws it away.
func disbelieved(err error) error {
	switch problem.CodeOf(err) {
	case problem.Unauthenticated, problem.NotFound, problem.Invalid:
		return problem.New(problem.Unauthenticated, "the token is not valid").Because(err)
	}
	return err
}
