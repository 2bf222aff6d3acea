package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/cors"

	"github.com/tributary/tributary/graph/transport"
	"github.com/tributary/tributary/internal/problem"
)

// pageOrigins are the origins that publishable keys list, whosever they are,
// read again when they are asked for and some seconds old.
type pageOrigins struct {
	read func(context.Context) (map[string]bool, error)
	mu   sync.Mutex // one reads while the others wait for the same answer
	held map[string]bool
	at   time.Time
}

// pagesFor is how long a new key's page may have to wait.
const pagesFor = 5 * time.Second

func (o *pageOrigins) has(ctx context.Context, origin string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now := time.Now(); now.Sub(o.at) > pagesFor {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if fresh, err := o.read(ctx); err == nil { // else what was known still holds
			o.held = fresh
		}
		o.at = now
	}
	return o.held[origin]
}

// ofAKey reports whether a request comes from a page of a publishable key, with
// such a key. What else such a page sends is no business of ours: any merchant
// may list any origin, so listing one must open nothing but the door that the
// key itself opens, and the key's own list is looked at when it is presented.
func (o *pageOrigins) ofAKey(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	bearer, ok := transport.Bearer(r.Header.Get("Authorization"))
	return origin != "" && ok && strings.HasPrefix(bearer, "trb_pub_") && o.has(r.Context(), origin)
}

// trustedOrigins are those whose pages may send us requests that change things:
// the listed ones, and our own when a proxy in front gives us another name.
func (c Config) trustedOrigins() []string {
	all := slices.Clone(c.CORSOrigins)
	if u, err := url.Parse(c.PublicURL); err == nil && u.Host != "" {
		all = append(all, u.Scheme+"://"+u.Host)
	}
	return all
}

// crossing is what happens at the border between origins.
//
// It refuses what a foreign page makes a browser send: with a cookie or an open
// network in between, that would be the visitor's power in the page's hands.
// Programs send no such headers and pass; so does a publishable key, which the
// page holds itself, on a page of such a key.
//
// It lets pages of the listed origins read answers, and those of publishable keys
// with their key. A page asks first without its key: it is told that it may try.
// Credentials of the browser's own (cookies) are never asked for: tokens travel in
// a header that the page sets, and the console's cookies count on our own origin
// alone.
func crossing(c Config, pages *pageOrigins, next http.Handler) http.Handler {
	guard, sharing := guardOf(c.trustedOrigins()), sharingWith(c.CORSOrigins, pages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if guard.Check(r) != nil && !pages.ofAKey(r) {
			refuse(w, problem.New(problem.Forbidden, "this origin may not call the API"))
			return
		}
		sharing.HandlerFunc(w, r)
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			return // it only asked
		}
		next.ServeHTTP(w, r)
	})
}

func guardOf(trusted []string) *http.CrossOriginProtection {
	guard := http.NewCrossOriginProtection()
	for _, origin := range trusted {
		if err := guard.AddTrustedOrigin(origin); err != nil {
			panic("an origin passed validation and is none: " + origin)
		}
	}
	return guard
}

func sharingWith(allowed []string, pages *pageOrigins) *cors.Cors {
	return cors.New(cors.Options{
		AllowOriginVaryRequestFunc: func(r *http.Request, origin string) (bool, []string) {
			asks := r.Method == http.MethodOptions && pages.has(r.Context(), origin)
			return slices.Contains(allowed, origin) || asks || pages.ofAKey(r), []string{"Authorization"}
		},
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Authorization", "Content-Type", "Accept", requestHeader, "X-GraphQL-Event-Stream-Token"},
		ExposedHeaders: []string{requestHeader, "Retry-After", "RateLimit", "RateLimit-Policy"},
		MaxAge:         600,
	})
}
