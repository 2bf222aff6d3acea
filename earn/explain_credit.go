package earn

import (
	"bytes"
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/internal/problem"
	rules "github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/trust"
)

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

// ExplainAttribution reads the decision in force on a conversion with all it was
// made from, and makes it again. Errors: NOT_FOUND conversionId, also when nothing
// has been decided yet, and for an affiliate whose credit went to others; INTERNAL
// when what is stored cannot be read.
func (s *Service) ExplainAttribution(ctx context.Context, conversionID string) (AttributionExplanation, error) {
	row, err := s.decisions(conversionID).First(ctx)
	if err == nil {
		err = s.stands(ctx, row)
	}
	if err != nil {
		return AttributionExplanation{}, missing(err, "conversionId", "decision")
	}
	return explainRow(ctx, row)
}

// maxDecisions is how many rows of decisions a history goes back.
const maxDecisions = 200

// ExplainHistory reads every decision on a conversion, oldest first, and makes each
// again; of very many the latest. An affiliate sees those by which it had credit.
func (s *Service) ExplainHistory(ctx context.Context, conversionID string) ([]AttributionExplanation, error) {
	rows, err := s.decisions(conversionID).Limit(maxDecisions).All(ctx)
	if err != nil {
		return nil, err
	}
	all := []AttributionExplanation{}
	for i := len(rows) - 1; i >= 0; i-- {
		if n := len(all); n > 0 && sameDecision(all[n-1].Row, rows[i]) {
			continue
		}
		e, err := explainRow(ctx, rows[i])
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// decisions are the rows of decisions on a conversion, the latest first.
func (s *Service) decisions(conversionID string) *ent.AttributionQuery {
	return s.store.Client().Attribution.Query().Where(attribution.ConversionID(conversionID)).
		Order(ent.Desc(attribution.FieldRevision)).WithPolicy()
}

// sameDecision reports rows of one decision that several share.
func sameDecision(a, b *ent.Attribution) bool {
	return bytes.Equal(a.Decision, b.Decision) && bytes.Equal(a.Facts, b.Facts)
}

// stands returns NOT_FOUND for an affiliate's row that is of no decision in force.
// The wall shows an affiliate its own rows alone, so that the latest it sees may be
// one that others have replaced: the system looks for it.
func (s *Service) stands(ctx context.Context, row *ent.Attribution) error {
	v, _ := trust.From(ctx)
	if v.AffiliateID == "" {
		return nil
	}
	last, err := s.decisions(row.ConversionID).First(trust.With(ctx, trust.System(v.MerchantID)))
	if err == nil && !sameDecision(last, row) {
		err = problem.At(problem.NotFound, "conversionId", "the decision was not found")
	}
	return err
}

func explainRow(ctx context.Context, row *ent.Attribution) (AttributionExplanation, error) {
	e := AttributionExplanation{Row: row, Policy: row.Edges.Policy}
	again, err := rules.Replay(e.Policy.Document, row.Facts)
	if err != nil {
		return AttributionExplanation{}, err
	}
	e.Replays = bytes.Equal(again, row.Decision)
	if e.Facts, e.Decision, err = readDecision(row); err != nil {
		return AttributionExplanation{}, err
	}
	if v, ok := trust.From(ctx); ok && v.AffiliateID != "" {
		e.keepOnly(v.AffiliateID)
	}
	return e, nil
}
