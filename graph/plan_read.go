package graph

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/graph/model"
)

// clicks turns terms for clicks of the API into a plan's.
func (f *faults) clicks(in []*model.PlanClicksInput) (out []plan.Clicks) {
	for i, c := range in {
		out = append(out, plan.Clicks{
			Level: plan.Level(or(c.Level, model.PlanRuleLevelProgram)), TargetID: or(c.TargetID, ""), Amount: f.amount(fmt.Sprintf("clicks.%d.amount", i), c.Amount),
			Repeats: or(c.Repeats, false), Unidentified: or(c.Unidentified, false), MaxPerDay: int64(or(c.MaxPerDay, 0)),
		})
	}
	return out
}

// showClicks turns a plan's terms for clicks into the API's.
func showClicks(in []plan.Clicks) []*model.PlanClicks {
	out := make([]*model.PlanClicks, 0, len(in))
	for _, c := range in {
		out = append(out, &model.PlanClicks{
			Level: model.PlanRuleLevel(c.Level), TargetID: some(c.TargetID), Amount: &c.Amount, Repeats: c.Repeats, Unidentified: c.Unidentified, MaxPerDay: some(int(c.MaxPerDay)),
		})
	}
	return out
}

// showCaps turns a plan's caps into the API's.
func showCaps(in []plan.Cap) []*model.PlanCap {
	out := make([]*model.PlanCap, 0, len(in))
	for _, c := range in {
		out = append(out, &model.PlanCap{Scope: model.PlanCapScope(c.Scope), Period: model.PlanPeriod(c.Period), Amount: &c.Amount, Over: model.PlanCapOver(c.Over)})
	}
	return out
}

func showRefundPolicy(p plan.RefundPolicy) *model.PlanRefundPolicy {
	out := &model.PlanRefundPolicy{Kind: model.RefundPolicyKind(cmp.Or(p.Mode, plan.RefundProportional))}
	if p.AtPercent != 0 {
		out.Percent = some(strconv.FormatInt(p.AtPercent, 10))
	}
	return out
}

func showEarlierClicks(graceDays int) model.EarlierClicks {
	if graceDays > 0 {
		return model.EarlierClicksEarlierTerms
	}
	return model.EarlierClicksNewTerms
}
