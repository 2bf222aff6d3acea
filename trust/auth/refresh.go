package auth

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/session"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// RefreshInput is the token of the last answer.
type RefreshInput struct {
	RefreshToken string
}

// What became of a refresh token.
const (
	turned = "TURNED" // used now; the next one is good
	raced  = "RACED"  // used a moment ago, by another tab
	over   = "OVER"   // expired, or its family has ended
)

// Refresh turns a refresh token into the next one and a new access token with
// the role the person has now. Errors: Unauthenticated for a token that is
// unknown, expired or of an ended family; for one that was used already, which
// ends its family unless the use was moments ago.
func (s *Service) Refresh(ctx context.Context, in RefreshInput) (Tokens, error) {
	row, root, v, err := s.presented(ctx, refreshToken(in.RefreshToken))
	if absent(err) {
		return Tokens{}, refuse(err)
	}
	if err != nil {
		return Tokens{}, err
	}
	next := newRefreshToken()
	verdict, err := store.Run(trust.With(ctx, v), s.store, store.Command{Name: "sessionRefresh", Subject: v.PrincipalID}, func(ctx context.Context, tx *store.Tx) (string, error) {
		verdict, err := s.turn(ctx, tx, row, root, v, next)
		tx.Note("", map[string]string{"refreshToken": verdict})
		return verdict, err
	})
	switch {
	case err != nil:
		return Tokens{}, err
	case verdict == raced:
		return Tokens{}, problem.New(problem.Unauthenticated, "this refresh token was used a moment ago; use the newer one")
	case verdict != turned:
		return Tokens{}, refuse(nil)
	}
	return s.issue(v, next)
}

// presented finds the session of a refresh token, its family's root, and what
// the person is now.
func (s *Service) presented(ctx context.Context, t refreshToken) (row, root *ent.Session, v trust.Viewer, err error) {
	if row, err = s.store.DoorSession(ctx, digest(t)); err != nil {
		return nil, nil, v, err
	}
	if root, err = s.store.DoorFamily(ctx, row.Family); err != nil {
		return nil, nil, v, err
	}
	v, err = s.member(ctx, row.UserID, row.MerchantID)
	v.SessionID = row.Family
	return row, root, v, err
}

// turn decides within the command. It fails for no verdict: a failed command
// would take back the ending of a family whose token was stolen.
func (s *Service) turn(ctx context.Context, tx *store.Tx, row, root *ent.Session, v trust.Viewer, next refreshToken) (string, error) {
	lives, err := alive(ctx, tx, root)
	if err != nil || !lives {
		return over, err
	}
	used, err := tx.Ent().Session.Update().Where(session.ID(row.ID), session.EndedAtIsNil(), session.ExpiresAtGT(tx.Now())).
		SetEndedAt(tx.Now()).Save(as(ctx, row.MerchantID))
	if err != nil {
		return over, err
	}
	if used == 1 {
		return turned, link(ctx, tx, tx.ID(id.Session), v, next)
	}
	return s.again(ctx, tx, row, root)
}

// again judges a token that could not be used.
func (s *Service) again(ctx context.Context, tx *store.Tx, row, root *ent.Session) (string, error) {
	now, err := tx.Ent().Session.Get(as(ctx, row.MerchantID), row.ID)
	switch {
	case err != nil || now.EndedAt == nil:
		return over, err
	case tx.Now().Sub(*now.EndedAt) <= grace:
		return raced, nil
	}
	return reused, end(ctx, tx, root, reused)
}
