package earn

import (
	"context"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/problem"
)

// CommissionExplanation is how a commission came about. Of an adjustment there is
// nothing to compute: its Explanation is empty but for the amount, and the
// commission's reason says why.
type CommissionExplanation struct {
	Commission *ent.Commission
	plan.Explanation
	Levels   []LevelExplanation   // of an upline's commission
	Exchange *ExchangeExplanation // nil when it is paid in what it was earned in
}

// ExplainCommission computes a commission again from its own trace and the
// version that made it. Errors: NOT_FOUND id; INTERNAL when the result is not
// the amount that was posted, in every byte of the trace.
func (s *Service) ExplainCommission(ctx context.Context, id string) (CommissionExplanation, error) {
	c, err := s.store.Client().Commission.Get(ctx, id)
	if err != nil {
		return CommissionExplanation{}, missing(err, "id", "commission")
	}
	x, err := ExplainExchange(c)
	if err != nil {
		return CommissionExplanation{}, err
	}
	if c.Kind == commission.KindCLICK {
		e, err := explainClicks(ctx, s.store.Client(), c)
		return CommissionExplanation{Commission: c, Explanation: e, Exchange: x}, err
	}
	if e, is, err := explainBonus(ctx, s.store.Client(), c); is || err != nil {
		return CommissionExplanation{Commission: c, Explanation: e, Exchange: x}, err
	}
	if len(c.Trace) == 0 {
		return CommissionExplanation{Commission: c, Explanation: plan.Explanation{Amount: c.Amount()}}, nil
	}
	versions, err := termsOf(ctx, s.store.Client(), []*ent.Commission{c})
	if err != nil {
		return CommissionExplanation{}, err
	}
	if c.Kind == commission.KindOVERRIDE {
		return s.explainLevel(ctx, c, versions[*c.PlanVersionID])
	}
	trace, err := plan.DecodeTrace(c.Trace)
	if err != nil {
		return CommissionExplanation{}, err
	}
	e, err := explained(c, trace, versions[trace.VersionID])
	if err == nil && e.Amount != c.Amount() {
		err = problem.New(problem.Internal, "the explanation does not yield the amount that was posted")
	}
	return CommissionExplanation{Commission: c, Explanation: e, Exchange: x}, err
}
