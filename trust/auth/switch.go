package auth

import (
	"context"

	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// SessionSwitchInput names where to go.
type SessionSwitchInput struct {
	MerchantID string
}

// SessionSwitch gives the same person tokens for another membership, in the
// same family: logging out ends both. The present tokens stay good, so that two
// tabs may stand at two merchants. Errors: Unauthenticated without a living
// session, NotFound at merchantId.
func (s *Service) SessionSwitch(ctx context.Context, in SessionSwitchInput) (Tokens, error) {
	v, root, err := s.family(ctx)
	if err != nil {
		return Tokens{}, err
	}
	there, err := s.member(ctx, v.PrincipalID, in.MerchantID)
	if absent(err) {
		return Tokens{}, problem.At(problem.NotFound, "merchantId", "the merchant was not found")
	}
	if err != nil {
		return Tokens{}, err
	}
	there.SessionID = v.SessionID
	token := newRefreshToken()
	_, err = store.Run(trust.With(ctx, there), s.store, store.Command{Name: "sessionSwitch", Subject: v.PrincipalID}, func(ctx context.Context, tx *store.Tx) (string, error) {
		lives, err := alive(ctx, tx, root)
		if err == nil && !lives {
			err = refuse(nil)
		}
		if err != nil {
			return "", err
		}
		return root.ID, link(ctx, tx, tx.ID(id.Session), there, token)
	})
	if err != nil {
		return Tokens{}, err
	}
	return s.issue(there, token)
}

// Place is where a person may go.
type Place struct {
	MerchantID string
	Name       string
	Mode       merchant.Mode // LIVE or TEST
	Role       trust.Role
}

// Places lists the memberships of the person who asks, oldest first: what
// SessionSwitch accepts. Errors: Unauthenticated for a viewer who is no person.
func (s *Service) Places(ctx context.Context) ([]Place, error) {
	v, known := trust.From(ctx)
	if !known || v.Kind != trust.KindUser {
		return nil, problem.New(problem.Unauthenticated, "sign in first").Because(trust.ErrUnauthenticated)
	}
	all, err := s.store.DoorMemberships(ctx, v.PrincipalID)
	if err != nil {
		return nil, err
	}
	places := make([]Place, 0, len(all))
	for _, m := range all {
		row, err := s.store.DoorMerchant(ctx, m.MerchantID)
		if err != nil {
			return nil, err
		}
		places = append(places, Place{m.MerchantID, row.Name, row.Mode, trust.Role(m.Role)})
	}
	return places, nil
}
