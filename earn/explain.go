package earn

import (
	"bytes"
	"context"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/internal/problem"
	rules "github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/trust"
)

// CommissionExplanation is how a commission came about. Of an adjustment there is
// nothing to compute: its Explanation is empty but for the amount, and the
// commission's reason says why.
type CommissionExplanation struct {
	Commission *ent.Commission
	plan.Explanation
}

// ExplainCommission computes a commission again from its own trace and the
// version that made it. Errors: NOT_FOUND id; INTERNAL when the result is not
// the amount that was posted, in every byte of the trace.
func (s *Service) ExplainCommission(ctx context.Context, id string) (CommissionExplanation, error) {
	c, err := s.store.Client().Commission.Get(ctx, id)
	if err != nil {
		return CommissionExplanation{}, missing(err, "id", "commission")
	}
	if len(c.Trace) == 0 {
		return CommissionExplanation{Commission: c, Explanation: plan.Explanation{Amount: c.Amount()}}, nil
	}
	versions, err := termsOf(ctx, s.store.Client(), []*ent.Commission{c})
	if err != nil {
		return CommissionExplanation{}, err
	}
	trace, err := plan.DecodeTrace(c.Trace)
	if err != nil {
		return CommissionExplanation{}, err
	}
	e, err := plan.Explain(trace, versions[trace.VersionID])
	if err == nil && e.Amount != c.Amount() {
		err = problem.New(problem.Internal, "the explanation does not yield the amount that was posted")
	}
	return CommissionExplanation{Commission: c, Explanation: e}, err
}

// AttributionExplanation is who got credit and why nobody else did. An affiliate
// sees only its own touches in Facts and Decision.
type AttributionExplanation struct {
	Row      *ent.Attribution
	Policy   *ent.AttributionPolicy
	Facts    rules.Facts
	Decision rules.Decision
	// Replays reports whether deciding again from the stored facts and policy gives
	// the stored decision, in every byte.
	Replays bool
}

// ExplainAttribution reads the latest decision on a conversion with all it was
// made from, and makes it again. Errors: NOT_FOUND conversionId, also when nothing
// has been decided yet; INTERNAL when what is stored cannot be read.
func (s *Service) ExplainAttribution(ctx context.Context, conversionID string) (AttributionExplanation, error) {
	row, err := s.store.Client().Attribution.Query().Where(attribution.ConversionID(conversionID)).
		Order(ent.Desc(attribution.FieldRevision)).WithPolicy().First(ctx)
	if err != nil {
		return AttributionExplanation{}, missing(err, "conversionId", "decision")
	}
	e := AttributionExplanation{Row: row, Policy: row.Edges.Policy}
	again, err := rules.Replay(e.Policy.Document, row.Facts)
	if err != nil {
		return AttributionExplanation{}, err
	}
	e.Replays = bytes.Equal(again, row.Decision)
	if e.Facts, err = rules.DecodeFacts(row.Facts); err != nil {
		return AttributionExplanation{}, err
	}
	if e.Decision, err = rules.DecodeDecision(row.Decision); err != nil {
		return AttributionExplanation{}, err
	}
	if v, ok := trust.From(ctx); ok && v.AffiliateID != "" {
		e.keepOnly(v.AffiliateID)
	}
	return e, nil
}

// keepOnly hides what is another affiliate's.
func (e *AttributionExplanation) keepOnly(affiliateID string) {
	own := map[string]bool{}
	var touches []rules.Touch
	for _, t := range e.Facts.Touches {
		if own[t.ID] = t.AffiliateID == affiliateID; own[t.ID] {
			touches = append(touches, t)
		}
	}
	e.Facts.Touches = touches
	var excluded []rules.Exclusion
	for _, x := range e.Decision.Excluded {
		if own[x.TouchID] {
			excluded = append(excluded, x)
		}
	}
	e.Decision.Excluded = excluded
	var shares []rules.Share
	for _, x := range e.Decision.Shares {
		if own[x.TouchID] {
			shares = append(shares, x)
		}
	}
	if e.Decision.Shares = shares; len(shares) > 0 {
		e.Decision.AffiliateID, e.Decision.TouchID = affiliateID, shares[len(shares)-1].TouchID
	}
}
