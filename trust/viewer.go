// Package trust knows who is asking and what they may do.
//
// Means: a [Viewer] is the one description of the asker that every room reads;
// it travels in the context. A [Scope] is one kind of access, written
// "resource:verb". A [Role] is what a person is at a merchant.
//
// Owns: the one permission table, in table.go. Every check of a permission in
// the program ends in [Viewer.Can]; which rows of a merchant an
// affiliate-bound viewer meets ends in [Viewer.Sees].
//
// Refuses by default: an unknown role, kind or scope, a viewer without a
// merchant, and an affiliate who is not bound to an affiliate may do nothing.
//
// Invariants: a viewer belongs to one merchant; binding a viewer to an affiliate
// only ever takes rights away.
package trust

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrUnauthenticated says that nobody is known to be asking.
var ErrUnauthenticated = errors.New("trust: no viewer")

// ErrForbidden says that the viewer is known and lacks the scope.
var ErrForbidden = errors.New("trust: scope is not granted")

// ErrUnverified is [ErrForbidden] for a person who would hold the scope once the e-mail
// address is proven, which is said: only that person hears it.
var ErrUnverified = fmt.Errorf("%w before the e-mail address is proven", ErrForbidden)

// Kind is how the viewer proved who it is.
type Kind string

// The kinds of viewer.
const (
	KindUser        Kind = "USER"        // a person with a session; rights come from the role
	KindToken       Kind = "TOKEN"       // a program with an API token; rights are its scopes
	KindPublishable Kind = "PUBLISHABLE" // a public key in a web page; may only insert
	KindSystem      Kind = "SYSTEM"      // the program itself, working for one merchant
)

// Role is what a person is at a merchant.
type Role string

// The roles. What each may do stands in the permission table.
const (
	Owner     Role = "OWNER"
	Manager   Role = "MANAGER"
	Finance   Role = "FINANCE"
	Analyst   Role = "ANALYST"
	Affiliate Role = "AFFILIATE"
)

// Roles lists every role, the mightiest first.
func Roles() []Role { return []Role{Owner, Manager, Finance, Analyst, Affiliate} }

// Viewer is who asks. It is a value: copies do not affect one another, and the
// slices are never written after authentication.
type Viewer struct {
	MerchantID  string // the one merchant whose rows the viewer may meet
	PrincipalID string // the user or token, for audit and idempotency; empty for the system
	Kind        Kind
	Role        Role    // of a user
	AffiliateID string  // not empty: bound to this affiliate's own rows
	Scopes      []Scope // of a token or publishable key
	SessionID   string
	Unverified  bool     // a person whose address is not proven yet: holds the role, and [Viewer.Can] less
	Origins     []string // web origins a publishable key may be used from

	RegisteredOnly bool // a token or key that runs registered operations and nothing else
}

// System is the program itself working for one merchant: a follower, a job, an
// import. It may do everything there and nothing elsewhere.
func System(merchantID string) Viewer {
	return Viewer{MerchantID: merchantID, Kind: KindSystem}
}

// Can reports whether the viewer holds the scope. This is the only place where
// permissions are decided. It says nothing about single rows: the merchant is
// enforced by the store, the affiliate by [Viewer.Sees].
func (v Viewer) Can(s Scope) bool {
	grant, known := table[s]
	if !known || v.MerchantID == "" {
		return false
	}
	if v.Kind == KindUser && v.Role == Affiliate && v.AffiliateID == "" {
		return false
	}
	if v.AffiliateID != "" && !grant.holds(affiliate) || v.Unverified && proven[s] {
		return false
	}
	return v.granted(s, grant)
}

func (v Viewer) granted(s Scope, to grant) bool {
	switch v.Kind {
	case KindUser:
		return to.holds(roleBit(v.Role))
	case KindToken:
		return slices.Contains(v.Scopes, s)
	case KindPublishable:
		return to.holds(publishable) && slices.Contains(v.Scopes, s)
	case KindSystem:
		return true
	default:
		return false
	}
}

// Sees reports whether rows of this affiliate are open to the viewer: all of
// them for one who is not bound to an affiliate, its own for one who is.
func (v Viewer) Sees(affiliateID string) bool {
	if v.AffiliateID == "" {
		return v.Role != Affiliate && v.Kind != KindPublishable
	}
	return v.AffiliateID == affiliateID
}

type viewerKey struct{}

// With returns a context in which v is the one who asks.
func With(ctx context.Context, v Viewer) context.Context {
	return context.WithValue(ctx, viewerKey{}, v)
}

// From returns the one who asks; false when nobody is known to.
func From(ctx context.Context) (Viewer, bool) {
	v, known := ctx.Value(viewerKey{}).(Viewer)
	return v, known
}

// Require returns the viewer if it holds the scope, else [ErrUnauthenticated]
// [ErrForbidden] or [ErrUnverified].
func Require(ctx context.Context, s Scope) (Viewer, error) {
	v, known := From(ctx)
	if !known {
		return Viewer{}, ErrUnauthenticated
	}
	if v.Can(s) {
		return v, nil
	}
	if v.Unverified = false; v.Can(s) {
		return Viewer{}, ErrUnverified
	}
	return Viewer{}, ErrForbidden
}
