package earn

import (
	"context"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	rules "github.com/tributary/tributary/track/attribution"
)

// Reasons why a conversion that is rated has no commission, beside those of
// attribution (NO_TOUCH, NO_ELIGIBLE_TOUCH, WINNER_INACTIVE) and of the plan
// (NO_RULE, CURRENCY_MISMATCH, ZERO_BASE).
const (
	reasonSelfReferral = "SELF_REFERRAL" // the only touches were of the buyer's own
	reasonProgram      = "PROGRAM_"      // and the status of a program that is not active
	reasonNoPlan       = "NO_PLAN"       // the program had no terms when it happened
	reasonZeroAmount   = "ZERO_AMOUNT"   // the rule yields nothing: 0 %, or less than half a minor unit
	reasonUsedUp       = "COUPON_USED_UP"
)

// award is a decision and what it earns.
type award struct {
	facts    rules.Facts
	decision rules.Decision
	version  plan.Version
	result   plan.Result
	reason   string // why it earns nothing; empty when it earns
}

// creditIn decides who gets credit and accrues what it earns. It gives the reason
// when that is nothing.
func (s *Service) creditIn(ctx context.Context, w *work) (reason string, err error) {
	touches, err := s.track.TouchesIn(ctx, w.tx, w.sale, w.message)
	if err != nil {
		return "", err
	}
	row, policy, err := s.track.PolicyIn(ctx, w.tx, w.sale.ProgramID, w.sale.OccurredAt)
	if err != nil {
		return "", err
	}
	a, err := s.decide(ctx, w, policy, touches)
	if err != nil {
		return "", err
	}
	decided, err := w.saveDecision(ctx, row.ID, a)
	if err != nil || a.reason != "" {
		return a.reason, err
	}
	return "", s.accrue(ctx, w, decided.ID, a)
}

// decide finds the award. A coupon whose last use went to another order since the
// touches were read is put aside, and the decision is made again without it.
func (s *Service) decide(ctx context.Context, w *work, policy rules.Policy, touches []rules.Touch) (award, error) {
	for {
		a := award{facts: rules.Freeze(w.sale.ID, w.sale.OccurredAt, touches)}
		a.decision = rules.Decide(policy, a.facts)
		if err := w.evaluate(ctx, &a); err != nil || a.reason != "" || a.decision.Kind != rules.KindCoupon {
			return a, err
		}
		i := slices.IndexFunc(touches, func(t rules.Touch) bool { return t.ID == a.decision.TouchID })
		err := s.track.UseCouponIn(ctx, w.tx, touches[i].CouponID)
		if err == nil || !problem.CodeOf(err).User() {
			return a, err
		}
		touches[i].Payable, touches[i].Reason = false, reasonUsedUp
	}
}

// evaluate computes what a decision earns.
func (w *work) evaluate(ctx context.Context, a *award) (err error) {
	if a.reason = w.noCredit(a.decision); a.reason != "" {
		return nil
	}
	version, found, err := termsAt(ctx, w.tx, w.sale.ProgramID, w.sale.OccurredAt)
	if err != nil {
		return err
	}
	if !found {
		a.reason = reasonNoPlan
		return nil
	}
	in, err := w.input(ctx, a.decision)
	if err != nil {
		return err
	}
	a.version = version
	if a.result, err = plan.Evaluate(version, in); err != nil {
		return err
	}
	if a.reason = string(a.result.Reason); a.reason == "" && a.result.Amount.IsZero() {
		a.reason = reasonZeroAmount
	}
	return nil
}

// noCredit gives the reason when nobody may earn, whatever the plan says.
func (w *work) noCredit(d rules.Decision) string {
	switch {
	case !d.Credited() && d.Excludes(rules.ReasonSelfReferral):
		return reasonSelfReferral
	case !d.Credited():
		return string(d.Rule)
	case w.program.Status != program.StatusACTIVE:
		return reasonProgram + string(w.program.Status)
	}
	return ""
}

// input gives the plan what it may know: the lines as they were sold.
func (w *work) input(ctx context.Context, d rules.Decision) (plan.Input, error) {
	who, err := w.tx.Ent().Affiliate.Get(ctx, d.AffiliateID)
	if err != nil {
		return plan.Input{}, err
	}
	in := plan.Input{
		AffiliateID: who.ID, Currency: w.sale.Currency,
		Share: plan.Share{Num: d.Shares[0].Num, Den: d.Shares[0].Den},
	}
	if who.GroupID != nil {
		in.GroupID = *who.GroupID
	}
	for _, l := range w.lines {
		in.Lines = append(in.Lines, plan.LineIn{ID: l.ID, Amount: money.Of(l.AmountMinor, l.Currency), GiftCard: l.GiftCard})
	}
	return in, nil
}

// saveDecision keeps the decision with all it was made from.
func (w *work) saveDecision(ctx context.Context, policyID string, a award) (*ent.Attribution, error) {
	revision := 1
	if !w.fresh {
		earlier, err := w.tx.Ent().Attribution.Query().Where(attribution.ConversionID(w.sale.ID)).Count(ctx)
		if err != nil {
			return nil, err
		}
		revision += earlier
	}
	row := w.tx.Ent().Attribution.Create().SetConversionID(w.sale.ID).SetPolicyID(policyID).SetRevision(revision).
		SetRule(string(a.decision.Rule)).SetFacts(a.facts.Encode()).SetDecision(a.decision.Encode())
	if a.decision.Credited() {
		row.SetAffiliateID(a.decision.AffiliateID)
	}
	return row.Save(ctx)
}
