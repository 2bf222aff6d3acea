// Package egress lets this program call addresses that its users give it, and
// nothing that is behind our own walls.
//
// Means: a [Guard] decides about an address of the network, at the moment in which
// a connection is dialled, after its name was looked up: a name that answers
// differently the next time gains nothing. A [Client] calls through it.
//
// Refuses: whatever is not a public unicast address of IPv4 or IPv6, and every
// form in which IPv6 carries another address inside; redirects; proxies.
//
// Invariants: a connection that was not looked at is never made; an answer is read
// to its limit and no further, and never for longer than its time.
package egress

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// ErrRefused says that the address may not be called.
var ErrRefused = errors.New("egress: the address is not public")

// Guard says which addresses may be called. The zero Guard lets public ones through.
type Guard struct {
	// Loopback lets addresses of this machine through, for development.
	Loopback bool
}

// global is what IANA gives out to hosts on the internet. All else of IPv6 is
// refused without being named.
var global = netip.MustParsePrefix("2000::/3")

// closed are networks that are not, or not surely, the internet.
var closed = prefixes(
	"0.0.0.0/8",         // this network
	"10.0.0.0/8",        // private
	"100.64.0.0/10",     // carrier-grade NAT; the metadata service of one cloud
	"127.0.0.0/8",       // this machine
	"168.63.129.16/32",  // the host's side of virtual machines, in one cloud
	"169.254.0.0/16",    // link-local; metadata services
	"172.16.0.0/12",     // private
	"192.0.0.0/24",      // protocol assignments
	"192.0.2.0/24",      // documentation
	"192.31.196.0/24",   // AS112
	"192.52.193.0/24",   // AMT
	"192.88.99.0/24",    // 6to4 relays
	"192.168.0.0/16",    // private
	"192.175.48.0/24",   // AS112
	"198.18.0.0/15",     // benchmarks
	"198.51.100.0/24",   // documentation
	"203.0.113.0/24",    // documentation
	"224.0.0.0/4",       // multicast
	"240.0.0.0/4",       // reserved, broadcast
	"2001::/23",         // protocol assignments, Teredo among them
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4: an address of IPv4 inside
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
	"3ffe::/16",         // returned
	"2001:4:112::/48",   // AS112
	"2001:10::/28",      // ORCHID
	"2001:20::/28",      // ORCHIDv2
	"2001:2::/48",       // benchmarks
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// Allows reports whether an address may be called. An IPv4 address inside an IPv6
// one is refused in every spelling, whatever address it is: nobody is reached by it
// who cannot be reached without.
func (g Guard) Allows(a netip.Addr) bool {
	if g.Loopback && a.IsLoopback() && !a.Is4In6() {
		return true
	}
	if !a.IsValid() || a.Is4In6() || a.Zone() != "" || a.Is6() && !global.Contains(a) {
		return false
	}
	for _, p := range closed {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// Control is the dialer's: it is asked after the name was looked up and before the
// connection is made, once for each address.
func (g Guard) Control(network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" || !g.Allows(at.Addr()) {
		return fmt.Errorf("%w: %s", ErrRefused, network)
	}
	return nil
}
