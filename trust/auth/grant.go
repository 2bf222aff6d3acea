package auth

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// grantable refuses scopes that are unknown, that the token could never use,
// and that its maker does not hold: a token never widens rights.
func (in TokenCreateInput) grantable(maker trust.Viewer) error {
	if len(in.Scopes) == 0 {
		return problem.At(problem.Invalid, "scopes", "must hold at least one scope")
	}
	held := trust.Viewer{MerchantID: maker.MerchantID, Kind: trust.KindToken, Scopes: in.Scopes, AffiliateID: in.AffiliateID}
	if in.publishable() {
		held.Kind = trust.KindPublishable
	}
	for i, s := range in.Scopes {
		switch {
		case !s.Known():
			return problem.At(problem.Invalid, element("scopes", i), "%q is not a scope", s)
		case !maker.Can(s):
			return problem.At(problem.Forbidden, element("scopes", i), "you do not hold %s", s)
		case !held.Can(s):
			return problem.At(problem.Invalid, element("scopes", i), "%s cannot be given to this kind of token", s)
		}
	}
	return nil
}

// bound refuses an affiliate that is not there, and a maker who is bound to one
// and would make a token for more.
func (in TokenCreateInput) bound(ctx context.Context, tx *store.Tx) error {
	if maker := tx.Viewer().AffiliateID; maker != "" && maker != in.AffiliateID {
		return problem.At(problem.NotFound, "affiliateId", "the affiliate was not found")
	}
	if in.AffiliateID == "" {
		return nil
	}
	_, err := tx.Ent().Affiliate.Get(ctx, in.AffiliateID)
	if ent.IsNotFound(err) || !id.Is(in.AffiliateID, id.Affiliate) {
		return problem.At(problem.NotFound, "affiliateId", "the affiliate was not found")
	}
	return err
}
