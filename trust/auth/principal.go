package auth

import (
	"context"
	"slices"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// Principal says who a person or token is at a merchant now, for work that goes on when
// the request that asked for it is over; a token does no more than the scopes that it had
// then. Error: NotFound for one that is no more, has ended, or is not of that merchant.
func (s *Service) Principal(ctx context.Context, merchantID, principalID string, scopes []trust.Scope) (trust.Viewer, error) {
	if id.Is(principalID, id.User) {
		return s.member(ctx, principalID, merchantID)
	}
	row, err := s.store.DoorTokenByID(ctx, principalID)
	if err != nil {
		return trust.Viewer{}, err
	}
	if row.MerchantID != merchantID || !working(row, s.store.Now()) {
		return trust.Viewer{}, problem.New(problem.NotFound, "the token has ended")
	}
	v := bearerOf(row)
	v.Scopes = slices.DeleteFunc(v.Scopes, func(held trust.Scope) bool { return !slices.Contains(scopes, held) })
	return v, nil
}
