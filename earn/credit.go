package earn

import (
	"cmp"
	"context"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track"
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
	policyID string
	why      string // a person's reason
	facts    rules.Facts
	groups   map[string]string // of affiliates, for those in one
	decision rules.Decision
	version  plan.Version
	results  []plan.Result // one for each affiliate with credit, as decision.Parties
	reason   string        // why nobody earns anything; empty when somebody does
}

// creditIn decides who gets credit and accrues what it earns. It gives the reason
// when that is nothing.
func (s *Service) creditIn(ctx context.Context, w *work) (reason string, err error) {
	e, err := s.track.EvidenceIn(ctx, w.tx, track.Case{Conversion: w.sale, Program: w.program, Customer: w.buyer, Message: w.message, OnlyClick: w.onlyClick, RefusedToken: w.refused, Bound: w.bound})
	if err != nil {
		return "", err
	}
	w.payIn = e.PayIn
	a, err := s.decide(ctx, w, e)
	if err != nil {
		return "", err
	}
	a.policyID = e.PolicyID
	decided, err := w.saveDecision(ctx, a)
	if err != nil || a.reason != "" {
		return a.reason, err
	}
	return "", s.accrue(ctx, w, decided, a)
}

// decide finds the award. A coupon whose last use went to another order since the
// touches were read is put aside, and the decision is made again without it.
func (s *Service) decide(ctx context.Context, w *work, e track.Evidence) (award, error) {
	touches := e.Touches
	for {
		a := award{facts: rules.Freeze(w.sale.ID, w.sale.OccurredAt, touches)}
		a.decision = rules.Decide(e.Policy, a.facts)
		a.groups = e.Groups
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

// evaluate computes what a decision earns each affiliate with credit.
func (w *work) evaluate(ctx context.Context, a *award) error {
	if a.reason = w.noCredit(a.decision); a.reason != "" {
		return nil
	}
	version, found, err := w.terms(ctx)
	if err != nil {
		return err
	}
	if !found {
		a.reason = reasonNoPlan
		return nil
	}
	a.version = version
	in, err := w.input(ctx, version.Ready())
	if err != nil {
		return err
	}
	var who []string
	for _, p := range a.decision.Parties() {
		who = append(who, p.AffiliateID)
	}
	used, err := w.count(ctx, version, who, &in)
	if err != nil {
		return err
	}
	return a.earn(in, used)
}

// earn evaluates the plan for each affiliate with credit. The reason why nobody
// earns is that of the first, who has the most credit.
func (a *award) earn(in plan.Input, used map[string][]plan.Used) error {
	parties, terms := a.decision.Parties(), a.version.Ready()
	for _, p := range parties {
		in.Sharing = append(in.Sharing, plan.Party{AffiliateID: p.AffiliateID, GroupID: a.groups[p.AffiliateID], Num: p.Num})
	}
	earned := false
	for _, p := range parties {
		in.AffiliateID, in.GroupID, in.Used = p.AffiliateID, a.groups[p.AffiliateID], used[p.AffiliateID]
		r, err := terms.Evaluate(in)
		if err != nil {
			return err
		}
		a.results, earned = append(a.results, r), earned || !r.Amount.IsZero()
	}
	if !earned {
		a.reason = cmp.Or(string(a.results[0].Reason), reasonZeroAmount)
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
	case w.program.Status != program.StatusACTIVE && d.Rule != rules.RuleManual:
		return reasonProgram + string(w.program.Status)
	}
	return ""
}

// saveDecision keeps the decision with all it was made from, once for each
// affiliate with credit: each may read its own row and no other. It gives the
// rows' ids by affiliate.
func (w *work) saveDecision(ctx context.Context, a award) (map[string]string, error) {
	revision := 1
	if !w.fresh {
		earlier, err := w.tx.Ent().Attribution.Query().Where(attribution.ConversionID(w.sale.ID)).Count(ctx)
		if err != nil {
			return nil, err
		}
		revision += earlier
	}
	parties := a.decision.Parties()
	if len(parties) == 0 {
		parties = []rules.Party{{}}
	}
	saved := make(map[string]string, len(parties))
	for i, p := range parties {
		row, err := w.tx.Ent().Attribution.Create().SetConversionID(w.sale.ID).SetPolicyID(a.policyID).SetRevision(revision + i).
			SetRule(string(a.decision.Rule)).SetFacts(a.facts.Encode()).SetDecision(a.decision.Encode()).
			SetReason(a.why).SetNillableAffiliateID(orNobody(p.AffiliateID)).Save(ctx)
		if err != nil {
			return nil, err
		}
		saved[p.AffiliateID] = row.ID
	}
	return saved, nil
}

// orNobody is nil for nobody.
func orNobody(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}
