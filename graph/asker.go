package graph

import (
	"context"

	"github.com/tributary/tributary/trust"
)

// asker is whose bucket a request is paid from. A publishable key is in many
// visitors' hands: each address has a bucket of its own, so that one visitor
// cannot close a form for the others.
func asker(ctx context.Context) string {
	v, known := trust.From(ctx)
	switch {
	case !known:
		return address(ctx)
	case v.Kind == trust.KindPublishable:
		return v.PrincipalID + " " + address(ctx)
	case v.SessionID != "":
		return v.SessionID
	}
	return v.PrincipalID
}

// address names the network of who asks: of IPv6 the /64 that one customer of a
// provider has to itself.
func address(ctx context.Context) string {
	a := trust.Address(ctx)
	if !a.Is6() {
		return a.String()
	}
	network, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return network.String()
}
