package store

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/ent/session"
	"github.com/tributary/tributary/ent/user"
	"github.com/tributary/tributary/internal/problem"
)

// Doors are the only look-ups that run without a viewer, because each finds out
// who the viewer is, or serves all merchants at once. Every door looks up by a
// key that is unique among all merchants.

// DoorToken finds a credential by the hash of the secret just presented: its
// present one, or the one before its last rotation. The caller asks whether that
// one still works.
func (s *Store) DoorToken(ctx context.Context, hash []byte) (*ent.ApiToken, error) {
	return found(s.door.ApiToken.Query().Where(apitoken.Or(apitoken.Hash(hash), apitoken.FormerHash(hash))).Only(ctx))
}

// DoorTokenByID finds the credential that a client names, or for which an access
// token was made.
func (s *Store) DoorTokenByID(ctx context.Context, id string) (*ent.ApiToken, error) {
	return found(s.door.ApiToken.Get(ctx, id))
}

// DoorKeyOrigins are the origins of all pages that publishable keys list: a
// browser asks whether a page may call before anybody says whose page it is.
func (s *Store) DoorKeyOrigins(ctx context.Context) (map[string]bool, error) {
	rows, err := s.door.ApiToken.Query().Where(apitoken.KindEQ(apitoken.KindPUBLISHABLE), apitoken.RevokedAtIsNil(),
		apitoken.Or(apitoken.ExpiresAtIsNil(), apitoken.ExpiresAtGT(s.Now()))).Select(apitoken.FieldOrigins).All(ctx)
	all := map[string]bool{}
	for _, row := range rows {
		for _, origin := range row.Origins {
			all[origin] = true
		}
	}
	return all, present(err)
}

// DoorSession finds a session by the hash of the refresh token just presented.
func (s *Store) DoorSession(ctx context.Context, hash []byte) (*ent.Session, error) {
	return found(s.door.Session.Query().Where(session.RefreshHash(hash)).Only(ctx))
}

// DoorUserByEmail finds the person who is signing in.
func (s *Store) DoorUserByEmail(ctx context.Context, email string) (*ent.User, error) {
	return found(s.door.User.Query().Where(user.Email(email)).Only(ctx))
}

// DoorUser finds a person: users belong to no merchant.
func (s *Store) DoorUser(ctx context.Context, id string) (*ent.User, error) {
	return found(s.door.User.Get(ctx, id))
}

// DoorMemberships finds where a person who has signed in may go.
func (s *Store) DoorMemberships(ctx context.Context, userID string) ([]*ent.Membership, error) {
	rows, err := s.door.Membership.Query().Where(membership.UserID(userID), membership.EndedAtIsNil()).
		Order(ent.Asc(membership.FieldID)).All(ctx)
	return rows, present(err)
}

// DoorMerchant finds a merchant by id: to show a person where it may go.
func (s *Store) DoorMerchant(ctx context.Context, id string) (*ent.Merchant, error) {
	return found(s.door.Merchant.Get(ctx, id))
}

// DoorMerchants lists all merchants: for jobs that serve each in turn.
func (s *Store) DoorMerchants(ctx context.Context) ([]string, error) {
	ids, err := s.door.Merchant.Query().Order(ent.Asc(merchant.FieldID)).IDs(ctx)
	return ids, present(err)
}

// DoorIntegration finds the shop a webhook's address names, to check its signature.
func (s *Store) DoorIntegration(ctx context.Context, id string) (*ent.Integration, error) {
	return found(s.door.Integration.Query().Where(integration.ID(id)).Only(ctx))
}

// found turns ent's not-found into the problem every door answers alike.
func found[T any](row *T, err error) (*T, error) {
	if ent.IsNotFound(err) {
		return nil, problem.New(problem.NotFound, "not found").Because(err)
	}
	if err != nil {
		return nil, present(err)
	}
	return row, nil
}
