package earn

import (
	"cmp"
	"context"
	"slices"

	"github.com/tributary/tributary/earn/levels"
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
	kept     map[string]keptTerms       // of affiliates who are under earlier terms than that
	results  []plan.Result              // one for each affiliate with credit, as decision.Parties
	uplines  map[string][]levels.Member // of affiliates with credit, where the terms have levels
	reason   string                     // why nobody earns anything; empty when somebody does
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
	if err := s.climb(ctx, w, &a); err != nil {
		return "", err
	}
	decided, err := w.saveDecision(ctx, a)
	if err != nil || a.reason != "" {
		return a.reason, err
	}
	if err := s.accrue(ctx, w, decided, a); err != nil {
		return "", err
	}
	return "", s.restateEach(ctx, w, a.terms(), causeTier)
}

// decide finds the award. A coupon whose last use went to another order since the
// touches were read is put aside, and the decision is made again without it.
func (s *Service) decide(ctx context.Context, w *work, e track.Evidence) (award, error) {
	touches, used := e.Touches, map[string]bool{}
	for {
		a := award{facts: rules.Freeze(w.sale.ID, w.sale.OccurredAt, touches)}
		a.decision = rules.Decide(e.Policy, a.facts)
		a.groups = e.Groups
		if err := w.evaluate(ctx, &a); err != nil || a.reason != "" {
			return a, err
		}
		failed, err := s.useCodes(ctx, w, a.decision, touches, used)
		if err != nil || failed < 0 {
			return a, err
		}
		touches[failed].Payable, touches[failed].Reason = false, reasonUsedUp
	}
}

// useCodes counts the codes that have a share, each once however often it is asked. It
// gives the place of one whose uses are used up, -1 for none.
func (s *Service) useCodes(ctx context.Context, w *work, d rules.Decision, touches []rules.Touch, used map[string]bool) (failed int, err error) {
	for i, t := range touches {
		if t.CouponID == "" || used[t.ID] || d.ShareOf(t.ID).Num == 0 {
			continue
		}
		if err := s.track.UseCouponIn(ctx, w.tx, t.CouponID); err != nil {
			if problem.CodeOf(err).User() {
				return i, nil
			}
			return -1, err
		}
		used[t.ID] = true
	}
	return -1, nil
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
	if err := w.protect(ctx, a); err != nil {
		return err
	}
	for _, p := range a.decision.Parties() {
		if err := w.evaluateFor(ctx, a, p.AffiliateID); err != nil {
			return err
		}
	}
	a.conclude()
	return nil
}

// evaluateFor computes what one affiliate earns, and with it all who are under the same
// terms, once.
func (w *work) evaluateFor(ctx context.Context, a *award, affiliateID string) error {
	terms := a.of(affiliateID)
	same := func(r plan.Result) bool {
		return r.Trace.VersionID == terms.version.ID && r.Trace.Input.Kept == terms.why
	}
	if slices.ContainsFunc(a.results, same) {
		return nil
	}
	in, err := w.input(ctx, terms.version.Ready())
	if err != nil {
		return err
	}
	in.Kept = terms.why
	var who []string
	for _, p := range a.decision.Parties() {
		who = append(who, p.AffiliateID)
	}
	if err := fieldsOf(ctx, w.tx.Ent(), terms.version.Ready(), who, &in); err != nil {
		return err
	}
	used, err := w.count(ctx, terms.version, who, &in)
	if err != nil {
		return err
	}
	return a.earn(in, used)
}

// earn evaluates the plan for each affiliate with credit who is under the terms that
// the input is for.
func (a *award) earn(in plan.Input, used map[string][]plan.Used) error {
	parties := a.decision.Parties()
	for _, p := range parties {
		in.Sharing = append(in.Sharing, plan.Party{AffiliateID: p.AffiliateID, GroupID: a.groups[p.AffiliateID], Num: p.Num})
	}
	var terms *plan.Terms
	for _, p := range parties {
		own := a.of(p.AffiliateID)
		if own.why != in.Kept {
			continue
		}
		if terms == nil {
			terms = own.version.Ready()
		}
		in.AffiliateID, in.GroupID, in.Used = p.AffiliateID, a.groups[p.AffiliateID], used[p.AffiliateID]
		r, err := terms.Evaluate(in)
		if err != nil {
			return err
		}
		a.results = append(a.results, r)
	}
	return nil
}

// conclude puts the results in the order of the parties, the one with the most credit
// first, whose reason is the one why nobody earns.
func (a *award) conclude() {
	place := map[string]int{}
	for i, p := range a.decision.Parties() {
		place[p.AffiliateID] = i
	}
	slices.SortFunc(a.results, func(x, y plan.Result) int {
		return place[x.Trace.Input.AffiliateID] - place[y.Trace.Input.AffiliateID]
	})
	earned := func(r plan.Result) bool { return !r.Amount.IsZero() }
	if !slices.ContainsFunc(a.results, earned) {
		a.reason = cmp.Or(string(a.results[0].Reason), reasonZeroAmount)
	}
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
		create := w.tx.Ent().Attribution.Create().SetConversionID(w.sale.ID).SetPolicyID(a.policyID).SetRevision(revision + i).
			SetRule(string(a.decision.Rule)).SetFacts(a.facts.Encode()).SetDecision(a.decision.Encode()).
			SetReason(a.why).SetNillableAffiliateID(orNobody(p.AffiliateID))
		if t := a.unpaid(p.AffiliateID); t != nil {
			create.SetUnpaid(t)
		}
		if a.uplines != nil {
			create.SetUpline(levels.EncodeUpline(a.uplines[p.AffiliateID]))
		}
		row, err := create.Save(ctx)
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
