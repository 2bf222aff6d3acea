package auth

import (
	"context"
	"net/netip"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// maker is the token that makes or changes another; nil when a person does. What binds it
// binds what it makes: it may be used from no further networks and runs no further
// operations, or a stolen one would only need to make another to be free.
func maker(ctx context.Context, tx *store.Tx) (*ent.ApiToken, error) {
	if tx.Viewer().Kind != trust.KindToken {
		return nil, nil
	}
	return tx.Ent().ApiToken.Get(ctx, tx.Viewer().PrincipalID)
}

// narrow gives a new token its maker's networks, unless it names some of them, and its
// maker's operations.
func (in *TokenCreateInput) narrow(by *ent.ApiToken) error {
	if by == nil {
		return nil
	}
	in.RegisteredOnly = in.RegisteredOnly || by.RegisteredOnly
	if len(in.Addresses) == 0 && !in.publishable() {
		in.Addresses = by.Addresses
	}
	return within(in.Addresses, by)
}

// narrow refuses a change that opens a token further than the one that makes it.
func (in *TokenUpdateInput) narrow(by *ent.ApiToken) error {
	switch {
	case by == nil:
		return nil
	case by.RegisteredOnly && in.RegisteredOnly != nil && !*in.RegisteredOnly:
		return problem.At(problem.Forbidden, "registeredOnly", "you run registered operations only, and so does what you change")
	case len(by.Addresses) > 0 && in.Addresses != nil && len(in.Addresses) == 0:
		return problem.At(problem.Forbidden, "addresses", "you may not be used from anywhere, and nor may what you change")
	}
	return within(in.Addresses, by)
}

// within refuses a network that is in none of a token's.
func within(networks []string, of *ent.ApiToken) error {
	for i, text := range networks {
		network, err := netip.ParsePrefix(text)
		if err != nil || len(of.Addresses) > 0 && !covered(network, of.Addresses) {
			return problem.At(problem.Forbidden, element("addresses", i), "you may not be used from %s yourself", text)
		}
	}
	return nil
}

func covered(network netip.Prefix, by []string) bool {
	for _, text := range by {
		if wide, err := netip.ParsePrefix(text); err == nil && wide.Bits() <= network.Bits() && wide.Contains(network.Addr()) {
			return true
		}
	}
	return false
}
