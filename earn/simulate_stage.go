package earn

import (
	"context"
	"fmt"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store"
)

// What tiers of whole periods add is put into effect when all sales are under the terms:
// each is marked as standing nowhere, and its period is then brought to where it stands
// by what brings it there after an order. So an order or a refund in between, or a
// sale that was skipped, counts as it does ever after.

// standsNowhere is the standing of a commission that is to be brought to its period's.
const standsNowhere = "recounted"

// standingOf is that of a commission under terms before its period is looked at.
func standingOf(terms plan.Version) string {
	if len(terms.Restating()) > 0 {
		return standsNowhere
	}
	return terms.Text(nil)
}

// restateApplied brings the periods of a simulation's sales to where they stand.
func (s *Service) restateApplied(ctx context.Context, row *ent.Simulation) error {
	for last := ""; ; {
		c, err := s.store.Client().Commission.Query().Where(commission.ProgramID(row.ProgramID), commission.PlanVersionID(*row.PlanVersionID),
			commission.Tier(standsNowhere), commission.SupersededAtIsNil()).Order(commission.ByID()).First(ctx)
		switch {
		case ent.IsNotFound(err):
			return nil
		case err != nil:
			return err
		case c.ID == last:
			return fmt.Errorf("earn: commission %s does not come to the tiers of its period", last)
		}
		if err := s.Restate(ctx, c.ID); err != nil {
			return err
		}
		last = c.ID
		if err := s.holding(ctx, row, func(context.Context, *store.Tx, *ent.SimulationUpdateOne) error { return nil }); err != nil {
			return err
		}
	}
}

// holdPeriods takes the locks under which periods are restated, before anything is
// posted, and gives what stages have added to the conversion.
func (w *work) holdPeriods(ctx context.Context, terms plan.Version, found []*ent.SimulationDifference) (stages []*ent.Commission, err error) {
	all, err := w.withTiers(ctx)
	if err != nil {
		return nil, err
	}
	stages = all[len(w.commissions):]
	if len(stages) == 0 && !terms.Follows() && !slices.ContainsFunc(w.commissions, tiered) {
		return nil, nil
	}
	var who []string
	for _, d := range found {
		if d.AffiliateID != nil {
			who = append(who, *d.AffiliateID)
		}
	}
	for _, c := range w.commissions {
		who = append(who, c.AffiliateID)
	}
	slices.Sort(who)
	return stages, w.holdEnrolled(ctx, slices.Compact(who))
}

// endStages ends what stages have added that the terms have no more, or to commissions
// that are no more; the others are brought to what they come to with their period.
func (s *Service) endStages(ctx context.Context, w *work, sim *ent.Simulation, stages []*ent.Commission, terms plan.Version) error {
	most := len(terms.Stages())
	for _, m := range stages {
		goesOn := m.Level/stageLevels <= most && slices.ContainsFunc(w.commissions, func(c *ent.Commission) bool {
			return c.AffiliateID == m.AffiliateID && c.Level == m.Level%stageLevels
		})
		if goesOn {
			continue
		}
		if err := w.supersede(ctx, m); err != nil {
			return err
		}
		if err := s.postInPlace(ctx, w, sim.ID, m, nil); err != nil {
			return err
		}
		emitCommission(w.tx, w.program, eventRecount, m, -leftOf(m), canon.Facts{
			"from": string(account(m)), "before": minor(leftOf(m)), "after": minor(0), "simulation_id": sim.ID, "cause": causeRecount,
		})
	}
	return nil
}

// restage puts what a stage adds to a commission in the place of what it added to the
// one before a simulation was applied: so much, of which so much is to be taken back.
func (s *Service) restage(ctx context.Context, w *work, base, row *ent.Commission, at plan.Trace, more, target int64) error {
	if row.Status == commission.StatusREJECTED {
		return nil
	}
	if err := w.supersede(ctx, row); err != nil {
		return err
	}
	var now *ent.Commission
	if more > 0 {
		absorbed := min(row.AbsorbedMinor, target)
		make, err := w.inPlace(row, more)
		if err != nil {
			return err
		}
		now, err = make.SetPlanVersionID(*base.PlanVersionID).SetKind(commission.KindTIER).SetLevel(row.Level).SetBaseMinor(base.BaseMinor).
			SetReversedMinor(target - absorbed).SetAbsorbedMinor(absorbed).SetEarnedAt(row.EarnedAt).SetTrace(at.Encode()).
			SetStatus(settledAs(row, more-target+absorbed)).Save(ctx)
		if err != nil {
			return err
		}
	}
	if err := s.postInPlace(ctx, w, base.ID, row, now); err != nil {
		return err
	}
	left := int64(0)
	if now != nil {
		left = leftOf(now)
	}
	if left != leftOf(row) {
		emitCommission(w.tx, w.program, eventRecount, row, left-leftOf(row), canon.Facts{
			"from": string(account(row)), "before": minor(leftOf(row)), "after": minor(left), "cause": causeRecount,
		})
	}
	return nil
}

// settledAs is the status of a commission that takes the place of another, when so much
// is left of it.
func settledAs(was *ent.Commission, left int64) commission.Status {
	if left == 0 {
		return commission.StatusREVERSED
	}
	return account(was)
}
