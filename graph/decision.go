package graph

import (
	"context"
	"fmt"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/track/attribution"
)

// decision shows who got credit for a conversion and why; nil while nothing has
// been decided.
func (r *Resolver) decision(ctx context.Context, c *ent.Conversion) (*model.AttributionDecision, error) {
	e, err := r.Earn.ExplainAttribution(ctx, c.ID)
	if problem.CodeOf(err) == problem.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := &model.AttributionDecision{
		ID: e.Row.ID, TouchID: some(e.Decision.TouchID), Rule: string(e.Decision.Rule), Policy: e.Policy,
		Touches: considered(e), Replays: e.Replays,
	}
	if e.Decision.Kind != "" {
		out.Kind = some(model.TouchKind(e.Decision.Kind))
	}
	if e.Decision.AffiliateID == "" {
		return out, nil
	}
	out.Affiliate, err = r.Store.Client().Affiliate.Get(ctx, e.Decision.AffiliateID)
	return out, err
}

func considered(e earn.AttributionExplanation) []*model.ConsideredTouch {
	why := map[string]attribution.Reason{}
	for _, x := range e.Decision.Excluded {
		why[x.TouchID] = x.Reason
	}
	out := make([]*model.ConsideredTouch, 0, len(e.Facts.Touches))
	for _, t := range e.Facts.Touches {
		out = append(out, &model.ConsideredTouch{
			ID: t.ID, TouchID: t.ID, Kind: model.TouchKind(t.Kind), AffiliateID: some(t.AffiliateID), At: t.At,
			Won: e.Decision.ShareOf(t.ID).Num > 0, Share: fraction(e.Decision.ShareOf(t.ID)), Excluded: some(string(why[t.ID])),
		})
	}
	return out
}

// fraction writes a share such as 1/3, nil for none.
func fraction(s attribution.Share) *string {
	if s.Num == 0 {
		return nil
	}
	return some(fmt.Sprintf("%d/%d", s.Num, s.Den))
}

// unsealed opens a personal value of a buyer.
func (r *Resolver) unsealed(c *ent.Customer, column string, sealed []byte) (*string, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	plain, err := r.Store.Keys().Open(sealed, seal.AAD{Merchant: c.MerchantID, Table: "customers", Column: column, Row: c.ID})
	return some(string(plain)), err
}
