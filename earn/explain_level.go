package earn

import (
	"bytes"
	"context"
	"fmt"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// LevelExplanation is what became of one of an upline on a sale.
type LevelExplanation struct {
	AffiliateID   string // "" for one who is not the viewer's to know
	Level         int    // 1 for the seller's recruiter
	Outcome       levels.Outcome
	Why           levels.Why
	Term          levels.Term
	Before, After money.Money
	Text          string
}

// explainLevel computes the sale again from the bytes of a level's commission. Errors:
// INTERNAL when a byte, the amount or the terms are not those that were posted.
func (s *Service) explainLevel(ctx context.Context, c *ent.Commission, v plan.Version) (CommissionExplanation, error) {
	t, err := levels.DecodeTrace(c.Trace)
	if err != nil {
		return CommissionExplanation{}, err
	}
	if _, err := t.Replay(); err != nil {
		return CommissionExplanation{}, err
	}
	own := t.Step()
	if own.Level == 0 || t.Amount() != c.Amount() || !bytes.Equal(t.Terms.Encode(), v.Levels) || t.Sale.Upline[own.Member].AffiliateID != c.AffiliateID {
		return CommissionExplanation{}, problem.New(problem.Internal, "the explanation does not yield the amount that was posted")
	}
	e := CommissionExplanation{Commission: c, Explanation: plan.Explanation{
		VersionID: v.ID, Number: v.Number, Amount: t.Amount(), Rule: plan.Rule{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: own.Term.Rate},
	}}
	viewer, _ := trust.From(ctx)
	for _, step := range t.Steps {
		e.tell(t, step, viewer)
	}
	if t.Earlier > 0 {
		e.Steps = append(e.Steps, plan.Step{Kind: stepEarlier, Before: own.Amount, After: t.Amount().Minor, Text: fmt.Sprintf("%s of it was earned on this sale before: %s.", money.Of(t.Earlier, t.Sale.Currency), t.Amount())})
	}
	return e, nil
}

// Steps of an explanation of levels, beside plan's.
const (
	stepSale    plan.StepKind = "SALE"    // base of the sale → commission of its seller
	stepLevel   plan.StepKind = "LEVEL"   // what a level comes to → what the maximum leaves
	stepEarlier plan.StepKind = "EARLIER" // what the sale comes to → without what was earned on it before
)

func (e *CommissionExplanation) tell(t levels.Trace, step levels.Step, viewer trust.Viewer) {
	c := t.Sale.Currency
	if len(e.Levels) == 0 {
		base, paid := money.Zero(c), money.Zero(c)
		for _, l := range t.Sale.Lines {
			base.Minor, paid.Minor = base.Minor+l.Base, paid.Minor+l.Commission
		}
		e.Steps = append(e.Steps, plan.Step{Kind: stepSale, Before: base.Minor, After: paid.Minor, Text: fmt.Sprintf("The sale: %s, of which its seller earns %s.", base, paid)})
	}
	one := LevelExplanation{Level: step.Level, Outcome: step.Outcome, Why: step.Why, Term: step.Term, Before: money.Of(step.Before, c), After: money.Of(step.Amount, c)}
	if who := t.Sale.Upline[step.Member].AffiliateID; viewer.Sees(who) {
		one.AffiliateID = who
	}
	one.Text = one.words(step.Member == t.Member)
	e.Levels = append(e.Levels, one)
	e.Steps = append(e.Steps, plan.Step{Kind: stepLevel, Before: step.Before, After: step.Amount, Text: one.Text})
}

// words tells a step without a name.
func (l LevelExplanation) words(own bool) string {
	whose := fmt.Sprintf("Level %d", l.Level)
	if own {
		whose += ", this commission"
	}
	of := map[levels.Mode]string{
		levels.OfSale: "%s %% of the sale", levels.OfLower: "%s %% of the commission below",
		levels.NetOverride: "%s %% of the sale, less all that was earned below",
	}[l.Term.Mode]
	sum := fmt.Sprintf(of, l.Term.Rate) + fmt.Sprintf(" = %s", l.Before)
	if l.After != l.Before {
		sum += fmt.Sprintf(", of which the maximum leaves %s", l.After)
	}
	why := map[levels.Why]string{
		levels.Inactive: "its affiliate was not active", levels.Unqualified: "its affiliate had not sold enough itself", levels.SelfBuyer: "its affiliate is the buyer",
	}[l.Why]
	switch l.Outcome {
	case levels.Held:
		return fmt.Sprintf("%s: %s; %s, so it waits.", whose, sum, why)
	case levels.Lost:
		return fmt.Sprintf("%s: %s, so the level is lost.", whose, why)
	case levels.Passed:
		return fmt.Sprintf("%s: %s, so the next who may earn moves down into it.", whose, why)
	case levels.Stopped:
		return fmt.Sprintf("%s: %s, so the levels end here.", whose, why)
	}
	return fmt.Sprintf("%s: %s.", whose, sum)
}
