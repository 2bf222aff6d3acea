package store

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
)

// DoorFamily finds the first session of a log-in, whose id all sessions that
// descend from it name. Global, because a family may reach over merchants and
// the token that names it is what tells the merchant.
func (s *Store) DoorFamily(ctx context.Context, id string) (*ent.Session, error) {
	return found(s.door.Session.Get(ctx, id))
}

// DoorClaim finds the affiliate by the hash of the claim just presented: who
// claims has no session yet, and the claim alone tells the merchant.
func (s *Store) DoorClaim(ctx context.Context, hash []byte) (*ent.Affiliate, error) {
	return found(s.door.Affiliate.Query().Where(affiliate.ClaimHash(hash)).Only(ctx))
}
