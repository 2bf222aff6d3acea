package auth

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// maxNetworks bounds a token's list: it is read with every request.
const maxNetworks = 50

// canonicalNetworks reads addresses and networks in CIDR form.
func canonicalNetworks(texts []string) ([]string, error) {
	if len(texts) > maxNetworks {
		return nil, problem.At(problem.Invalid, "addresses", "at most %d networks", maxNetworks)
	}
	var out []string
	for i, text := range texts {
		network, ok := readNetwork(strings.TrimSpace(text))
		if !ok {
			return nil, problem.At(problem.Invalid, element("addresses", i), "must be an address or a network such as 203.0.113.0/24")
		}
		out = append(out, network.String())
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func readNetwork(text string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	network, err := netip.ParsePrefix(text)
	if err != nil || network.Addr().Is4In6() { // an IPv4 network is written as one
		return netip.Prefix{}, false
	}
	return network.Masked(), true
}

// mayComeFrom refuses a token at an address that it does not list; one that
// lists some is refused where the address is not known.
func mayComeFrom(ctx context.Context, row *ent.ApiToken) error {
	if len(row.Addresses) == 0 {
		return nil
	}
	addr := trust.Address(ctx).Unmap().WithZone("")
	for _, text := range row.Addresses {
		if network, err := netip.ParsePrefix(text); err == nil && network.Contains(addr) {
			return nil
		}
	}
	return problem.New(problem.Forbidden, "this token may not be used from this address")
}
