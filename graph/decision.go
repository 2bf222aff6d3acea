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
	return r.showDecision(ctx, e)
}

// history shows every decision on a conversion.
func (r *Resolver) history(ctx context.Context, c *ent.Conversion) ([]*model.AttributionDecision, error) {
	all, err := r.Earn.ExplainHistory(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	out := make([]*model.AttributionDecision, len(all))
	for i, e := range all {
		if out[i], err = r.showDecision(ctx, e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *Resolver) showDecision(ctx context.Context, e earn.AttributionExplanation) (_ *model.AttributionDecision, err error) {
	out := &model.AttributionDecision{
		ID: e.Row.ID, TouchID: some(e.Decision.TouchID), Rule: string(e.Decision.Rule), Policy: e.Policy,
		Touches: considered(e), Replays: e.Replays, Reason: some(e.Row.Reason), DecidedAt: e.Row.CreatedAt,
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

// reattribution reads a person's decision.
func reattribution(input model.ConversionReattributeInput) earn.ReattributeInput {
	in := earn.ReattributeInput{ConversionID: input.ConversionID, AffiliateID: or(input.AffiliateID, ""), Reason: input.Reason}
	for _, x := range input.Shares {
		in.Shares = append(in.Shares, earn.NamedShare{AffiliateID: x.AffiliateID, Parts: x.Parts})
	}
	return in
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
