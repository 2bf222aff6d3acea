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

// theirs finds the token that a viewer wants to change: it must work still, and
// hold no scope that the viewer lacks. Without the latter whoever may write
// tokens could take over one that may do more.
func theirs(ctx context.Context, tx *store.Tx, tokenID string) (*ent.ApiToken, error) {
	row, err := tx.Ent().ApiToken.Get(ctx, tokenID)
	switch {
	case ent.IsNotFound(err):
		return nil, noToken
	case err != nil:
		return nil, err
	case !working(row, tx.Now()):
		return nil, problem.At(problem.State, "id", "the token has expired or was revoked")
	}
	for _, s := range row.Scopes {
		if !tx.Viewer().Can(trust.Scope(s)) {
			return nil, problem.At(problem.Forbidden, "id", "the token holds %s, which you do not", s)
		}
	}
	return row, nil
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
