package graph

import (
	"cmp"
	"fmt"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/graph/model"
)

// tiers turns tiers of the API into a plan's. path ends with a dot.
func (f *faults) tiers(path string, in *model.PlanTiersInput) *plan.Tiers {
	if in == nil {
		return nil
	}
	t := &plan.Tiers{Metric: plan.Metric(in.Metric), Mode: plan.TierMode(in.Mode), Period: plan.Period(in.Period)}
	if in.Counts != nil && *in.Counts != model.PlanTierCountsAll {
		t.Counts = plan.Counts(*in.Counts)
	}
	for i, s := range in.Steps {
		at := fmt.Sprintf("%ssteps.%d.", path, i)
		t.Steps = append(t.Steps, plan.Tier{
			Count: int64(or(s.Count, 0)), Amount: f.amount(at+"amount", s.Amount), Rate: f.percent(at+"percent", s.Percent), Fixed: f.amount(at+"fixed", s.Fixed),
		})
	}
	return t
}

func (f *faults) caps(in []*model.PlanCapInput) (out []plan.Cap) {
	for i, c := range in {
		out = append(out, plan.Cap{
			Scope: plan.CapScope(c.Scope), Period: plan.Period(c.Period), Amount: f.amount(fmt.Sprintf("caps.%d.amount", i), c.Amount),
			Over: plan.CapOver(or(c.Over, model.PlanCapOverCut)),
		})
	}
	return out
}

// showTiers turns a plan's tiers into the API's.
func showTiers(t *plan.Tiers) *model.PlanTiers {
	if t == nil {
		return nil
	}
	out := &model.PlanTiers{Metric: model.PlanTierMetric(t.Metric), Mode: model.PlanTierMode(t.Mode), Period: model.PlanPeriod(t.Period), Counts: model.PlanTierCounts(cmp.Or(t.Counts, plan.CountsAll))}
	for _, s := range t.Steps {
		one := &model.PlanTier{Count: some(int(s.Count)), Amount: shownMoney(s.Amount), Fixed: shownMoney(s.Fixed)}
		if s.Rate.Num != 0 || s.Fixed.Currency == "" {
			one.Percent = some(s.Rate.String())
		}
		out.Steps = append(out.Steps, one)
	}
	return out
}
