package server

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/tributary/tributary/trust"
)

// client finds a visitor's address. X-Forwarded-For is believed from the right,
// only as far as trusted proxies wrote it: anything to the left of the first
// stranger is whatever the stranger claims.
type client struct{ proxies []netip.Prefix }

// address is the visitor's, or the zero Addr when it cannot be told.
func (c client) address(r *http.Request) netip.Addr {
	addr := peer(r)
	if !c.trusts(addr) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return addr
		}
		if addr = hop.Unmap(); !c.trusts(addr) {
			return addr
		}
	}
	return addr
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
