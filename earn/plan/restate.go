package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
)

// Retroactive tiers count for a whole period: what was sold in it before a threshold
// was reached is restated. An order is always computed below the first tier, and
// each tier that the period has reached adds, as a commission of its own, what the
// order earns at it more than at the one before. So what is left of an order depends
// on where the period stands and on what is left of its lines, never on which came
// first.

// Retroactive: all sales of the period are under the tier that it has reached.
const Retroactive TierMode = "RETROACTIVE"

// Counts says which sales move an affiliate from tier to tier.
type Counts string

// The ways; empty means CountsAll.
const (
	CountsAll      Counts = "ALL"      // all that earned and were not rejected
	CountsApproved Counts = "APPROVED" // those of which the commission was approved
)

// MaxRestating is how many rules of a version may have retroactive tiers.
const MaxRestating = 20

// Stage is one tier of a rule with retroactive tiers.
type Stage struct {
	RuleID string
	Tier   int // from 0
	Place  int // among all stages of the version, from 1
}

func (r *Rule) restates() bool { return r.Tiers != nil && r.Tiers.Mode == Retroactive }

// Restating gives the rules with retroactive tiers, by id.
func (v Version) Restating() (rules []Rule) {
	for _, r := range v.Rules {
		if r.restates() {
			rules = append(rules, r)
		}
	}
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

// Stages gives the tiers of those rules, the first rule's first.
func (v Version) Stages() (all []Stage) {
	for _, r := range v.Restating() {
		for i := range r.Tiers.Steps {
			all = append(all, Stage{RuleID: r.ID, Tier: i, Place: len(all) + 1})
		}
	}
	return all
}

// Standing is how many tiers of each rule with retroactive tiers a period has
// reached, by rule.
type Standing map[string]int

// Standing gives where a period stands in which so much was sold, by rule.
func (v Version) Standing(sold map[string]int64) Standing {
	at := Standing{}
	for _, r := range v.Restating() {
		at[r.ID] = 0
		for i, t := range r.Tiers.Steps {
			if sold[r.ID] >= t.threshold() {
				at[r.ID] = i + 1
			}
		}
	}
	return at
}

// Text names a standing; "" where nothing follows it.
func (v Version) Text(s Standing) string {
	var counts []string
	for _, r := range v.Restating() {
		counts = append(counts, fmt.Sprint(s[r.ID]))
	}
	if len(counts) == 0 && v.Follows() {
		return "-" // no tier, and something else that follows the period
	}
	return strings.Join(counts, ",")
}

// Follows reports whether something follows where a period stands: retroactive tiers
// or bonuses.
func (v Version) Follows() bool { return len(v.Bonuses) > 0 || len(v.Restating()) > 0 }

// Restated computes a trace again at a stage and at the one before it.
func (t Trace) Restated(v Version, s Stage) (at, before Trace, err error) {
	return v.Ready().Restated(t, s)
}

// Restated is the same for terms that are ready.
func (terms *Terms) Restated(t Trace, s Stage) (at, before Trace, err error) {
	r, _ := terms.version.Rule(s.RuleID)
	compute := func(tier int) (Trace, error) {
		in := t.Input
		in.Counters = slices.DeleteFunc(slices.Clone(in.Counters), func(c Counter) bool { return c.RuleID == r.ID })
		if tier >= 0 {
			in.Counters = append(in.Counters, Counter{RuleID: r.ID, AffiliateID: in.AffiliateID, Before: r.Tiers.Steps[tier].threshold()})
		}
		out, err := terms.Evaluate(in)
		return out.Trace, err
	}
	if at, err = compute(s.Tier); err != nil {
		return at, before, err
	}
	before, err = compute(s.Tier - 1)
	return at, before, err
}

// ExplainStage explains what a stage adds to a trace that was computed at it.
func ExplainStage(at Trace, v Version, s Stage) (Explanation, error) {
	x, err := Explain(at, v)
	if err != nil {
		return Explanation{}, err
	}
	again, before, err := at.Restated(v, s)
	if err != nil || again.Amount != at.Amount {
		return Explanation{}, notReproduced().Because(err)
	}
	amount := money.Of(at.Amount.Minor-before.Amount.Minor, at.Amount.Currency)
	x.Steps = append(x.Steps, Step{
		Kind: StepTier, Before: at.Amount.Minor, After: amount.Minor,
		Text: fmt.Sprintf("The period has reached tier %d, which counts for all of it: %s, less %s without it = %s.", s.Tier+1, at.Amount, before.Amount, amount),
	})
	x.Amount = amount
	return x, nil
}

func (r *Rule) writeCounts(w *canon.Writer) { w.String(string(r.Tiers.Counts)) }

func (r *Rule) readCounts(in *canon.Reader) {
	if r.Tiers == nil {
		in.Refuse("a count of tiers that are not there")
		return
	}
	r.Tiers.Counts = Counts(in.String())
}
