package graph

import (
	"cmp"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/graph/model"
)

// showAffiliateTerms turns an affiliate's terms into the API's.
func showAffiliateTerms(t *earn.AffiliateTerms) *model.EnrollmentTerms {
	out := &model.EnrollmentTerms{
		PlanVersionID: t.Row.ID, Number: t.Number, ValidFrom: t.Row.ValidFrom, Rules: []*model.PlanRule{}, Precedence: model.PlanPrecedence(cmp.Or(t.Precedence, plan.MostSpecific)),
		Base: &model.PlanBase{Tax: t.Base.Tax, Shipping: t.Base.Shipping, Discount: t.Base.Discount, GiftCards: t.Base.GiftCards},
		Caps: showCaps(t.Caps), Bonuses: showBonuses(t.Bonuses), RefundPolicy: showRefundPolicy(t.RefundPolicy), Recovery: t.Row.Recovery, RecoveryDays: t.Row.RecoveryDays,
		HoldDays: t.HoldDays, HoldFrom: model.PlanHoldFrom(cmp.Or(t.HoldFrom, plan.FromEvent)), AutoApprove: t.AutoApprove, GraceDays: t.GraceDays, Changes: showChanges(t.Changes),
	}
	for _, r := range t.Rules {
		out.Rules = append(out.Rules, showRule(r))
	}
	for _, c := range showClicks(t.Clicks) {
		out.Clicks = c
	}
	if t.Upline != nil {
		out.Levels = showLevelTerms(*t.Upline)
	}
	return out
}

// showChanges turns differences between terms into the API's.
func showChanges(all []plan.Change) []*model.PlanChange {
	out := make([]*model.PlanChange, 0, len(all))
	for _, c := range all {
		out = append(out, &model.PlanChange{Kind: model.PlanChangeKind(c.Kind), Path: c.Path, Before: some(c.Before), After: some(c.After), Text: c.Text()})
	}
	return out
}
