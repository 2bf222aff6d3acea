package auth

import (
	"context"
	"errors"
	"strings"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// Authenticate finds out who presents a bearer credential: an access token or an
// API token, without the word "Bearer". origin is the request's Origin header,
// empty when there is none.
//
// Errors: Unauthenticated for anything that is malformed, forged, expired,
// revoked or ended, always in the same words; Forbidden for a publishable key
// on a page it does not list and for a token at an address it does not list;
// Unavailable and Deadline from the database.
func (s *Service) Authenticate(ctx context.Context, bearer, origin string) (trust.Viewer, error) {
	return s.believe(ctx, bearer, origin, false)
}

// Again is Authenticate without the memory: it asks the database who the holder
// of a credential is now. A connection that outlives its request asks it time and
// again, and is so told within a second of what ended.
func (s *Service) Again(ctx context.Context, bearer, origin string) (trust.Viewer, error) {
	return s.believe(ctx, bearer, origin, true)
}

func (s *Service) believe(ctx context.Context, bearer, origin string, afresh bool) (trust.Viewer, error) {
	switch {
	case bearer == "":
		return trust.Viewer{}, problem.New(problem.Unauthenticated, "sign in or send a token").Because(trust.ErrUnauthenticated)
	case strings.HasPrefix(bearer, brand):
		return s.machine(ctx, bearer, origin, afresh)
	}
	c, err := s.read(bearer)
	switch {
	case err != nil:
		return trust.Viewer{}, refuse(err)
	case c.Client != "":
		return s.deputy(ctx, c, afresh)
	}
	return s.human(ctx, c, afresh)
}

// human resolves a person's access token. The signature says who it was made
// for; the database says, within a second, whether that still holds: the family
// lives, the user is enabled, the membership is open and has the role in the token.
func (s *Service) human(ctx context.Context, c claims, afresh bool) (trust.Viewer, error) {
	if afresh {
		s.people.forget(c.Family + c.Merchant)
	}
	v, err := s.people.get(c.Family+c.Merchant, absent, func() (trust.Viewer, error) { return s.standing(ctx, c) })
	switch {
	case absent(err):
		s.store.Deny(ctx, denied(c.viewer(), "the session has ended"))
		return trust.Viewer{}, refuse(err)
	case err != nil:
		return trust.Viewer{}, err
	case v.PrincipalID != c.Subject || v.Role != c.Role || v.AffiliateID != c.Affiliate:
		return trust.Viewer{}, refuse(errors.New("the role has changed since the token was made"))
	}
	return v, nil
}

// standing is what the holder of a family is at a merchant now; NotFound when
// the family has ended.
func (s *Service) standing(ctx context.Context, c claims) (trust.Viewer, error) {
	root, err := s.store.DoorFamily(ctx, c.Family)
	if err != nil {
		return trust.Viewer{}, err
	}
	if root.EndReason != "" {
		return trust.Viewer{}, problem.New(problem.NotFound, "the session has ended")
	}
	v, err := s.member(ctx, root.UserID, c.Merchant)
	v.SessionID = root.ID
	return v, err
}
