package earn

import (
	"slices"

	"github.com/tributary/tributary/earn/plan"
)

// counters gives what rules with tiers look at: what the trace has frozen of the same
// count, and what would be different before it; else what would have been sold.
func (c *recount) counters(kept plan.Input, old *known) (all []plan.Counter) {
	for _, r := range c.now.Rules {
		if r.Tiers == nil || r.Tiers.Mode == plan.Retroactive {
			continue
		}
		for _, who := range (layer{trace: plan.Trace{Input: kept}}).sharing() {
			all = append(all, plan.Counter{RuleID: r.ID, AffiliateID: who, Before: c.counted(r.Tiers, who, kept, old)})
		}
	}
	return all
}

func (c *recount) counted(t *plan.Tiers, who string, kept plan.Input, old *known) int64 {
	was, would := c.sums.of(t.Period, c.sale.Currency, who)
	i := slices.IndexFunc(old.Rules, func(r plan.Rule) bool {
		return r.Tiers != nil && r.Tiers.Mode != plan.Retroactive && r.Tiers.Metric == t.Metric && r.Tiers.Period == t.Period
	})
	if i < 0 || len(c.layers) == 0 {
		return max(0, would.of(t.Metric))
	}
	more := would.of(t.Metric) - was.of(t.Metric)
	c.moved = c.moved || more != 0
	return max(0, kept.Counted(old.Rules[i].ID, who)+more)
}

// usedThen is the same for caps, of somebody whose trace has frozen it.
func (c *recount) usedThen(kept plan.Input, old *known, i int) (used []plan.Used) {
	for at, x := range c.now.Caps {
		if !inCurrency(x, c.sale.Currency) {
			continue
		}
		was, would := c.paidBefore(x, kept.AffiliateID, i)
		minor := would
		if j := old.capLike(x); j >= 0 {
			minor = kept.UsedOf(j) + would - was
			c.moved = c.moved || would != was
		}
		used = append(used, plan.Used{Cap: at, Minor: max(0, minor)})
	}
	return used
}

// capLike gives the place of a cap of these terms that counts the same, −1 for none.
func (k *known) capLike(x plan.Cap) int {
	return slices.IndexFunc(k.Caps, func(y plan.Cap) bool {
		return x.Scope == y.Scope && x.Period == y.Period && x.Amount.Currency == y.Amount.Currency
	})
}

// paidBefore gives what a cap would have paid before layer i, and did.
func (c *recount) paidBefore(x plan.Cap, who string, i int) (was, would int64) {
	if x.Scope == plan.CapProgram {
		who = ""
	}
	w, s := c.sums.of(x.Period, c.sale.Currency, who)
	was, would = w.commission, s.commission
	if i > 0 {
		ownWas, ownWould := c.below(i, who)
		was, would = was+ownWas, would+ownWould
	}
	return max(0, was), max(0, would)
}

// usedUnknown is for somebody who earned nothing, so that nothing was frozen. The old
// terms are asked whether they would pay if no cap had been used. When they would, it
// was a cap that kept them from it, and all of theirs count as used up: which one it
// was is nowhere kept. When they would all the same, what they looked at then is lost,
// and the credit goes on earning nothing.
func (c *recount) usedUnknown(in plan.Input, i int, kept bool, who string) (used []plan.Used, lost bool, err error) {
	old := c.old[min(i, len(c.old)-1)]
	lost, full, err := c.ask(in, old, i, kept, who)
	if err != nil {
		return nil, false, err
	}
	for at, x := range c.now.Caps {
		if !inCurrency(x, c.sale.Currency) {
			continue
		}
		_, minor := c.paidBefore(x, who, i)
		if j := old.capLike(x); j >= 0 && full {
			minor = max(minor, old.Caps[j].Amount.Minor)
		}
		used = append(used, plan.Used{Cap: at, Minor: minor})
	}
	return used, lost, nil
}

// ask evaluates the old terms for somebody who earned nothing by them: lost when they
// would pay however used up their caps are, full when only that keeps them from it.
func (c *recount) ask(in plan.Input, old *known, i int, kept bool, who string) (lost, full bool, err error) {
	if old.Version.ID == "" {
		return false, false, nil // there were no terms
	}
	if kept {
		in = c.layers[i][0].trace.Input
	} else if len(c.layers) > 0 {
		in.Counters = c.layers[0][0].trace.Input.Counters
	} else {
		in = c.asked
	}
	in.AffiliateID = who
	for _, used := range []bool{false, true} {
		in.Used = nil
		for at, x := range old.Caps {
			if used {
				in.Used = append(in.Used, plan.Used{Cap: at, Minor: x.Amount.Minor})
			}
		}
		r, err := old.terms.Evaluate(in)
		if err != nil {
			return false, false, err
		}
		if r.Amount.IsZero() {
			return false, used, nil
		}
	}
	return true, false, nil
}

// countersOf gives what rules of the old terms would have counted.
func (c *recount) countersOf(old *known, in plan.Input) (all []plan.Counter) {
	for _, r := range old.Rules {
		if r.Tiers == nil || r.Tiers.Mode == plan.Retroactive {
			continue
		}
		for _, who := range (layer{trace: plan.Trace{Input: in}}).sharing() {
			was, _ := c.sums.of(r.Tiers.Period, c.sale.Currency, who)
			all = append(all, plan.Counter{RuleID: r.ID, AffiliateID: who, Before: max(0, was.of(r.Tiers.Metric))})
		}
	}
	return all
}
