package server

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"github.com/tributary/tributary/trust"
)

// client finds a visitor's address. X-Forwarded-For is believed from the right,
// only as far as trusted proxies wrote it: anything to the left of the first
// stranger is whatever the stranger claims.
type client struct {
	proxies []netip.Prefix
	warn    func() // that a proxy's word cannot be read
}

// newClient believes the proxies. What one of them says and cannot be read is
// told to the log once: it would be told with every request.
func newClient(proxies []netip.Prefix, log *slog.Logger) client {
	return client{proxies, sync.OnceFunc(func() {
		log.Warn("a trusted proxy sends an X-Forwarded-For that is no address: such visitors are counted as one")
	})}
}

// address is the visitor's, or the zero Addr when nobody told. One that a trusted
// proxy tells and that cannot be read is [trust.Unreadable]: were it taken for the
// proxy's own, on this machine, guesses from there would be counted by nobody.
func (c client) address(r *http.Request) netip.Addr {
	addr := peer(r)
	if !c.trusts(addr) {
		return addr
	}
	said := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	if strings.TrimSpace(said) == "" {
		return addr // the proxy itself asks
	}
	hops := strings.Split(said, ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := readHop(hops[i])
		if !ok {
			c.warn()
			return trust.Unreadable
		}
		if addr = hop; !c.trusts(addr) {
			return addr
		}
	}
	return addr
}

// readHop reads one address of the header: bare, with a port, an IPv6 one also in
// brackets, and any of these in quotes, as proxies write them.
func readHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if inner, quoted := strings.CutPrefix(text, `"`); quoted {
		text = strings.TrimSuffix(inner, `"`)
	}
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap(), true
	}
	if inner, bracketed := strings.CutPrefix(text, "["); bracketed {
		text = strings.TrimSuffix(inner, "]")
	}
	addr, err := netip.ParseAddr(text)
	return addr.Unmap(), err == nil
}

// peer is who holds the other end of the connection.
func peer(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

// network names whoever is behind a request, to count by: the address, and of
// IPv6 the network, in which one client has as many addresses as it likes.
func (c client) network(r *http.Request) string {
	addr := c.address(r)
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}

// told lets the rooms know from where somebody asks.
func (c client) told(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(trust.WithAddress(r.Context(), c.address(r))))
	})
}

func (c client) trusts(addr netip.Addr) bool {
	for _, p := range c.proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
