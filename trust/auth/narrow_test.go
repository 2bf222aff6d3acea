package auth

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// A token that may write tokens makes and changes none that is less bound than itself: it
// gives its networks and its operations on, and names no wider ones.
func TestR2_ATokenOpensNoneFurtherThanItself(t *testing.T) {
	h := open(t)
	scopes := []trust.Scope{trust.TokenWrite, trust.LinkRead}
	wide := h.token(TokenCreateInput{Name: "wide", Scopes: []trust.Scope{trust.LinkRead}})
	maker := h.token(TokenCreateInput{Name: "maker", Scopes: scopes, Addresses: []string{"203.0.113.0/24", "2001:db8::/48"}, RegisteredOnly: true})
	there := trust.WithAddress(t.Context(), netip.MustParseAddr("203.0.113.9"))
	v, err := h.Authenticate(there, maker.Secret, "")
	must(t, err)
	ctx := trust.With(there, v)
	made, err := h.TokenCreate(ctx, TokenCreateInput{Name: "made", Scopes: scopes})
	must(t, err)
	if row := h.row(made.TokenID); !row.RegisteredOnly || !slices.Equal(row.Addresses, h.row(maker.TokenID).Addresses) {
		t.Errorf("made from %v, registered only: %v", row.Addresses, row.RegisteredOnly)
	}
	one, err := h.TokenCreate(ctx, TokenCreateInput{Name: "one", Scopes: scopes, Addresses: []string{"203.0.113.7", "2001:db8:0:1::/64"}})
	must(t, err)
	if row := h.row(one.TokenID); !slices.Equal(row.Addresses, []string{"2001:db8:0:1::/64", "203.0.113.7/32"}) {
		t.Errorf("made from %v", row.Addresses)
	}
	for _, wider := range []string{"203.0.112.0/23", "198.51.100.1", "0.0.0.0/0", "2001:db8::/47"} {
		_, err := h.TokenCreate(ctx, TokenCreateInput{Name: "wider", Scopes: scopes, Addresses: []string{wider}})
		refused(t, err, problem.Forbidden, "addresses.0")
		_, err = h.TokenUpdate(ctx, TokenUpdateInput{ID: wide.TokenID, Addresses: []string{wider}})
		refused(t, err, problem.Forbidden, "addresses.0")
	}
	_, err = h.TokenUpdate(ctx, TokenUpdateInput{ID: maker.TokenID, Addresses: []string{}})
	refused(t, err, problem.Forbidden, "addresses")
	_, err = h.TokenUpdate(ctx, TokenUpdateInput{ID: maker.TokenID, RegisteredOnly: new(false)})
	refused(t, err, problem.Forbidden, "registeredOnly")
	_, err = h.TokenUpdate(ctx, TokenUpdateInput{ID: maker.TokenID, Addresses: []string{"203.0.113.0/25"}})
	must(t, err)
	_, err = h.TokenUpdate(h.as(h.owner.AccessToken), TokenUpdateInput{ID: maker.TokenID, Addresses: []string{}, RegisteredOnly: new(false)})
	must(t, err) // a person is bound by no list
}
