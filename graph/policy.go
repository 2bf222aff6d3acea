package graph

import (
	"context"
	"time"

	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/trust"
)

// policyInput reads the rules on credit.
func policyInput(input model.AttributionPolicyActivateInput) track.PolicyActivateInput {
	in := track.PolicyActivateInput{
		ProgramID: input.ProgramID, WindowDays: input.WindowDays, OnSuspended: attribution.SuspendedRule(or(input.OnSuspended, "")),
		Coupons: couponRule(input.Coupons),
		Model:   attribution.Model(or(input.Model, "")), HalfLifeHours: or(input.HalfLifeHours, 0), ValidFrom: input.ValidFrom,
	}
	for _, kind := range input.Precedence {
		in.Precedence = append(in.Precedence, attribution.Kind(kind))
	}
	if p := input.Position; p != nil {
		in.First, in.Last = p.First, p.Last
	}
	for _, w := range input.AffiliateWindows {
		in.Windows = append(in.Windows, track.AffiliateWindow{AffiliateID: w.AffiliateID, WindowDays: w.WindowDays})
	}
	if l := input.Lifetime; l != nil {
		in.Lifetime, in.LifetimeDays = attribution.Lifetime(l.Binds), or(l.Days, 0)
	}
	return in
}

// couponRule reads which of several codes earns; FIRST is what policies say by saying
// nothing.
func couponRule(in *model.CouponRule) attribution.CouponRule {
	if r := or(in, model.CouponRuleFirst); r != model.CouponRuleFirst {
		return attribution.CouponRule(r)
	}
	return attribution.CouponFirst
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

func positionOf(p attribution.Policy) *model.PositionWeights {
	if p.Model != attribution.ModelPosition {
		return nil
	}
	return &model.PositionWeights{First: int(p.First), Last: int(p.Last)}
}

// windowsOf shows an affiliate its own window only.
func windowsOf(ctx context.Context, p attribution.Policy) []*model.AffiliateWindow {
	out := []*model.AffiliateWindow{}
	v, _ := trust.From(ctx)
	for _, o := range p.Overrides {
		if v.Sees(o.AffiliateID) {
			out = append(out, &model.AffiliateWindow{AffiliateID: o.AffiliateID, WindowDays: days(o.Window)})
		}
	}
	return out
}

func lifetimeOf(p attribution.Policy) *model.Lifetime {
	if p.Lifetime == attribution.LifetimeNone {
		return nil
	}
	return &model.Lifetime{Binds: model.LifetimeBinding(p.Lifetime), Days: some(days(p.LifetimeFor))}
}
