package earn

import (
	"context"
	"fmt"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/affiliategroup"
	"github.com/tributary/tributary/internal/problem"
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
		if r.Rate.Scale > maxPercentScale && r.Rate.Scale <= plan.MaxRateScale {
			faults = append(faults, problem.At(problem.Invalid, fmt.Sprintf("rules.%d.rate", i), "must have at most %d digits after the point", maxPercentScale))
		}
	}
	return faults
}

// checkTargets refuses terms for groups and affiliates that the merchant does
// not have, in their targets and in their conditions.
func checkTargets(ctx context.Context, c *ent.Client, terms plan.Version) error {
	named := append(named(terms.Rules), namedClicks(terms.Clicks)...)
	groups, err := c.AffiliateGroup.Query().Where(affiliategroup.IDIn(idsOf(named, plan.LevelGroup)...)).IDs(ctx)
	if err != nil {
		return err
	}
	affiliates, err := c.Affiliate.Query().Where(affiliate.IDIn(idsOf(named, plan.LevelAffiliate)...)).IDs(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, id := range slices.Concat(groups, affiliates) {
		known[id] = true
	}
	var faults []*problem.Error
	for _, n := range named {
		if !known[n.id] {
			faults = append(faults, problem.At(problem.NotFound, n.path, "the target was not found"))
		}
	}
	return refused(faults)
}

// name is a group or affiliate that a rule names somewhere.
type name struct {
	level    plan.Level
	id, path string
}

func named(rules []plan.Rule) (all []name) {
	for i, r := range rules {
		path := fmt.Sprintf("rules.%d.", i)
		if r.Level != plan.LevelProgram {
			all = append(all, name{r.Level, r.TargetID, path + "targetId"})
		}
		all = namedBy(r.When, path+"when", all)
	}
	return all
}

func namedClicks(all []plan.Clicks) (out []name) {
	for i, c := range all {
		if c.Level != plan.LevelProgram {
			out = append(out, name{c.Level, c.TargetID, fmt.Sprintf("clicks.%d.targetId", i)})
		}
	}
	return out
}

func namedBy(c *plan.Condition, path string, all []name) []name {
	if c == nil {
		return all
	}
	for i, id := range c.AffiliateIDs {
		all = append(all, name{plan.LevelAffiliate, id, fmt.Sprintf("%s.affiliateIds.%d", path, i)})
	}
	for i, id := range c.GroupIDs {
		all = append(all, name{plan.LevelGroup, id, fmt.Sprintf("%s.groupIds.%d", path, i)})
	}
	for i := range c.All {
		all = namedBy(&c.All[i], fmt.Sprintf("%s.all.%d", path, i), all)
	}
	for i := range c.Any {
		all = namedBy(&c.Any[i], fmt.Sprintf("%s.any.%d", path, i), all)
	}
	return namedBy(c.Not, path+".not", all)
}

func idsOf(names []name, level plan.Level) (ids []string) {
	for _, n := range names {
		if n.level == level {
			ids = append(ids, n.id)
		}
	}
	return ids
}
