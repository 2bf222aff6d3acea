package earn

import (
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
)

// What tiers that count for a whole period would add to a conversion is computed by the
// functions that compute what they add: of where the period would stand in the end, and
// of what is left of the lines.

// withStages adds what stages would add to the commissions of the conversion.
func (c *recount) withStages(all []recounted) ([]recounted, error) {
	if c.reached == nil || len(c.stages)+len(c.now.stages) == 0 {
		return all, nil
	}
	if len(c.anew) > 0 {
		back, above := c.left(c.anew)
		for i, l := range c.anew {
			for _, p := range l {
				more, err := c.stagesOf(p, c.levelOf(i), c.givenBack(p.layer, back[i], over(c.anew, back, above, i)))
				if err != nil {
					return nil, err
				}
				all = append(all, more...)
			}
		}
	}
	for _, m := range c.stages { // of stages that are no more
		if !slices.ContainsFunc(all, func(r recounted) bool { return r.was == m }) {
			all = append(all, recounted{kind: m.Kind, level: m.Level, affiliate: m.AffiliateID, was: m})
		}
	}
	return all, nil
}

// stagesOf computes what each stage would add to one commission.
func (c *recount) stagesOf(p part, level int, given plan.Refunded) (all []recounted, err error) {
	if p.trace.Amount.Minor == 0 {
		return nil, nil
	}
	who := p.trace.Input.AffiliateID
	reached := c.reached(who)
	for _, stage := range c.now.stages {
		r := recounted{kind: commission.KindTIER, level: level + stageLevels*stage.Place, affiliate: who}
		r.was = c.stage(r.level, who)
		switch {
		case stage.Tier < reached[stage.RuleID]:
			if err := c.stageOf(&r, p, stage, given); err != nil {
				return nil, err
			}
		case r.was != nil && leftOf(r.was) == 0:
			r = standing(r.was) // it has none already
		}
		if r.was != nil || r.left > 0 {
			all = append(all, r)
		}
	}
	return all, nil
}

func (c *recount) stageOf(r *recounted, p part, stage plan.Stage, given plan.Refunded) error {
	at, before, err := c.now.terms.Restated(p.trace, stage)
	if err != nil {
		return err
	}
	r.amount = max(0, at.Amount.Minor-before.Amount.Minor)
	due, err := stagedBack(at, before, p.version, given)
	if r.was != nil {
		r.absorbed = min(r.was.AbsorbedMinor, due)
	}
	r.left = r.amount - due + r.absorbed
	return err
}

func (c *recount) stage(level int, who string) *ent.Commission {
	for _, m := range c.stages {
		if m.Level == level && m.AffiliateID == who {
			return m
		}
	}
	return nil
}
