package graph

import (
	"fmt"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/graph/model"
)

// bonuses turns bonuses of the API into a plan's.
func (f *faults) bonuses(in []*model.PlanBonusInput) (out []plan.Bonus) {
	for i, b := range in {
		at := fmt.Sprintf("bonuses.%d.", i)
		one := plan.Bonus{
			Name: b.Name, Kind: plan.BonusKind(b.Kind), Amount: f.amount(at+"amount", b.Amount), Metric: plan.Metric(or(b.Metric, "")), Period: plan.Period(or(b.Period, "")),
			Count: int64(or(b.Count, 0)), Goal: f.amount(at+"goal", b.Goal), Every: or(b.Every, false), Keep: or(b.Keep, false), FirstSale: or(b.FirstSale, false),
		}
		if one.Kind == plan.BonusGoal && one.Period == "" {
			one.Period = plan.Always
		}
		out = append(out, one)
	}
	return out
}

// showBonuses turns a plan's bonuses into the API's.
func showBonuses(in []plan.Bonus) []*model.PlanBonus {
	out := make([]*model.PlanBonus, 0, len(in))
	for _, b := range in {
		out = append(out, &model.PlanBonus{
			Name: b.Name, Kind: model.PlanBonusKind(b.Kind), Amount: &b.Amount, Metric: some(model.PlanTierMetric(b.Metric)), Period: some(model.PlanPeriod(b.Period)),
			Count: some(int(b.Count)), Goal: shownMoney(b.Goal), Every: b.Every, Keep: b.Keep, FirstSale: b.FirstSale,
		})
	}
	return out
}
