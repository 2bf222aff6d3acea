package track

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/tributary/tributary/track/token"
)

// Redirect answers GET and HEAD of /r/{slug} on the platform's hosts, and of
// /{slug} on a merchant's own domain (see [Service.Serves]). Every other address
// is a small page that says so.
func (s *Service) Redirect() http.Handler { return http.HandlerFunc(s.redirect) }

// Serves reports whether a request's Host is a merchant's own domain for links.
func (s *Service) Serves(host string) bool { return s.index.serves(hostOf(host)) }

func (s *Service) redirect(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, pageUnknown)
		return
	}
	at, ok := s.address(r)
	if !ok {
		s.counts.unknown.Add(1)
		refuse(w, http.StatusNotFound, pageUnknown)
		return
	}
	l, err := s.find(r.Context(), at)
	switch {
	case err != nil:
		s.counts.away.Add(1)
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, pageAway)
	case l == nil:
		s.counts.unknown.Add(1)
		refuse(w, http.StatusNotFound, pageUnknown)
	default:
		s.send(w, r, l)
	}
}

// address reads which link is meant.
func (s *Service) address(r *http.Request) (key, bool) {
	slug, platform := strings.CutPrefix(r.URL.Path, "/r/")
	if platform {
		return key{slug: slug}, isSlug(slug)
	}
	slug = strings.TrimPrefix(r.URL.Path, "/")
	if !isSlug(slug) {
		return key{}, false
	}
	host := hostOf(r.Host)
	return key{host, slug}, s.index.serves(host)
}

// send records the click and redirects, in this order: whoever lands with a
// token has been counted. A click that the stream refuses does not hold the
// visitor up; its token proves itself.
func (s *Service) send(w http.ResponseWriter, r *http.Request, l *link) {
	v := s.judge(r, l, s.store.MerchantTimeOf(l.row.MerchantID))
	recorded := s.keep(&v.click)
	s.counts.redirects.Add(1)
	h := w.Header()
	if !recorded {
		h["Tributary-Click"] = unrecorded
	}
	h["Cache-Control"] = noStore
	h["X-Robots-Tag"] = noIndex
	h["Content-Length"] = noContent
	h["Location"] = []string{s.destination(h, &v)}
	w.WriteHeader(http.StatusFound)
}

// Header values that every redirect shares; net/http only reads them.
var (
	noStore   = []string{"no-store"}
	noIndex   = []string{"noindex, nofollow"}
	noContent = []string{"0"}
	// unrecorded tells whoever watches answers that this click was not kept.
	unrecorded = []string{"unrecorded"}
)

// destination is where the visitor goes, with the token when it may be handed
// on, and with the cookie on a merchant's own domain.
func (s *Service) destination(h http.Header, v *visit) string {
	l := v.link
	if l.reason != "" {
		s.counts.fallbacks.Add(1)
		return l.row.FallbackURL
	}
	if !v.click.consent {
		return l.plain
	}
	text := token.Token{Click: v.carried, Link: l.row.Number}.Encode(s.store.Keys())
	if l.cookie != "" {
		h["Set-Cookie"] = []string{l.cookie + text + l.maxAge}
	}
	return l.before + text + l.after
}

// records lends buffers: the bus copies a record before Append returns.
var records = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}

// keep makes a click durable. It does not end with the request: a visitor who
// has gone on has clicked all the same. The bus keeps the wait short. It reports
// whether the click is durable.
func (s *Service) keep(c *click) (recorded bool) {
	if s.bus == nil {
		s.counts.unrecorded.Add(1)
		return false
	}
	b := records.Get().(*[]byte)
	*b = c.appendTo((*b)[:0])
	recorded = s.bus.Append(context.Background(), *b) == nil
	if !recorded {
		s.counts.unrecorded.Add(1)
	}
	records.Put(b)
	return recorded
}

// refuse answers a visitor whom no link awaits with a page that loads nothing.
func refuse(w http.ResponseWriter, status int, page string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page)) // a visitor who has gone needs no page
}

const pageHead = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>`

const pageStyle = `</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:30rem;margin:20vh auto;padding:0 1rem;color:#222}</style></head><body><h1>`

const (
	pageUnknown = pageHead + "Link not found" + pageStyle + "Link not found</h1><p>This link does not exist. Please check the address.</p></body></html>\n"
	pageAway    = pageHead + "Please try again" + pageStyle + "Please try again</h1><p>This link cannot be opened right now. Please try again in a moment.</p></body></html>\n"
)
