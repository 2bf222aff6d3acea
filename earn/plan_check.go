package earn

import (
	"context"
	"fmt"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/affiliategroup"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// maxPercentScale is how many digits a percentage may have after the point.
const maxPercentScale = 4

// check gives every fault of the terms that shows without looking anything up.
func check(v plan.Version) []*problem.Error {
	faults := v.Validate()
	if len(v.Rules) == 0 {
		faults = append(faults, problem.At(problem.Invalid, "rules", "must not be empty"))
	}
	for i, r := range v.Rules {
		if r.Kind == plan.KindPercent && r.Rate.Scale > maxPercentScale && r.Rate.Scale <= plan.MaxRateScale {
			faults = append(faults, problem.At(problem.Invalid, fmt.Sprintf("rules.%d.rate", i), "must have at most %d digits after the point", maxPercentScale))
		}
	}
	return faults
}

// checkTargets refuses rules for groups and affiliates that the merchant does
// not have.
func checkTargets(ctx context.Context, tx *store.Tx, rules []plan.Rule) error {
	groups, err := tx.Ent().AffiliateGroup.Query().Where(affiliategroup.IDIn(targets(rules, plan.LevelGroup)...)).IDs(ctx)
	if err != nil {
		return err
	}
	affiliates, err := tx.Ent().Affiliate.Query().Where(affiliate.IDIn(targets(rules, plan.LevelAffiliate)...)).IDs(ctx)
	if err != nil {
		return err
	}
	known := map[plan.Level][]string{plan.LevelProgram: {""}, plan.LevelGroup: groups, plan.LevelAffiliate: affiliates}
	var faults []*problem.Error
	for i, r := range rules {
		if !slices.Contains(known[r.Level], r.TargetID) {
			faults = append(faults, problem.At(problem.NotFound, fmt.Sprintf("rules.%d.targetId", i), "the target was not found"))
		}
	}
	return refused(faults)
}

func targets(rules []plan.Rule, level plan.Level) []string {
	var ids []string
	for _, r := range rules {
		if r.Level == level {
			ids = append(ids, r.TargetID)
		}
	}
	return ids
}
