package trust

import (
	"context"
	"net/netip"
)

// Unreadable stands for every visitor of whom a trusted proxy says something that
// is no address. They are counted as one, and are nobody's neighbour: 0.0.0.0 is
// no address that anybody has.
var Unreadable = netip.IPv4Unspecified()

type addressKey struct{}

// WithAddress returns a context that knows from where somebody asks: the
// visitor's address, not that of a proxy between.
func WithAddress(ctx context.Context, a netip.Addr) context.Context {
	return context.WithValue(ctx, addressKey{}, a)
}

// Address is from where somebody asks, or the zero Addr when nobody can tell.
func Address(ctx context.Context) netip.Addr {
	a, _ := ctx.Value(addressKey{}).(netip.Addr)
	return a
}
