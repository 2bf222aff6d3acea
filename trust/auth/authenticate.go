package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// Authenticate finds out who presents a bearer credential: an access token or an
// API token, without the word "Bearer". origin is the request's Origin header,
// empty when there is none.
//
// Errors: Unauthenticated for anything that is malformed, forged, expired,
// revoked or ended, always in the same words; Forbidden for a publishable key
// on a page it does not list; Unavailable and Deadline from the database.
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
	return s.human(ctx, bearer, afresh)
}

// human resolves an access token. The signature says who it was made for; the
// database says, within a second, whether that still holds: the family lives,
// the user is enabled, the membership is open and has the role in the token.
func (s *Service) human(ctx context.Context, text string, afresh bool) (trust.Viewer, error) {
	c, err := s.read(text)
	if err != nil {
		return trust.Viewer{}, refuse(err)
	}
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

// machine resolves an API token.
func (s *Service) machine(ctx context.Context, text, origin string, afresh bool) (trust.Viewer, error) {
	if !wellFormed(text) {
		return trust.Viewer{}, refuse(errors.New("the checksum is wrong"))
	}
	hash := digest(text)
	if afresh {
		s.tokens.forget(string(hash))
	}
	row, err := s.tokens.get(string(hash), absent, func() (*ent.ApiToken, error) { return s.store.DoorToken(ctx, hash) })
	if absent(err) {
		return trust.Viewer{}, refuse(err)
	}
	if err != nil {
		return trust.Viewer{}, err
	}
	now := s.store.Now()
	if !usable(row, now) {
		s.store.Deny(ctx, denied(bearerOf(row), "expired or revoked"))
		return trust.Viewer{}, refuse(errors.New("expired or revoked"))
	}
	v := bearerOf(row)
	if err := mayBeUsedFrom(v, origin); err != nil {
		s.store.Deny(ctx, denied(v, "origin"))
		return trust.Viewer{}, err
	}
	s.use.note(row, now)
	return v, nil
}

func usable(row *ent.ApiToken, now time.Time) bool {
	return row.RevokedAt == nil && (row.ExpiresAt == nil || now.Before(*row.ExpiresAt))
}

func bearerOf(row *ent.ApiToken) trust.Viewer {
	v := trust.Viewer{MerchantID: row.MerchantID, PrincipalID: row.ID, Kind: trust.KindToken, Origins: row.Origins, RegisteredOnly: row.RegisteredOnly}
	if row.Kind == apitoken.KindPUBLISHABLE {
		v.Kind = trust.KindPublishable
	}
	if row.AffiliateID != nil {
		v.AffiliateID = *row.AffiliateID
	}
	v.Scopes = make([]trust.Scope, len(row.Scopes))
	for i, s := range row.Scopes {
		v.Scopes[i] = trust.Scope(s)
	}
	return v
}
