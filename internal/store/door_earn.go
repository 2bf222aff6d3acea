package store

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/ent/predicate"
	"github.com/tributary/tributary/ent/simulation"
)

// DueCommission names a commission whose hold has ended.
type DueCommission struct{ MerchantID, CommissionID string }

// DoorDueCommissions finds pending commissions due by an instant, under plan
// versions that approve by themselves and of active affiliates, the longest due
// first: for the schedule, which serves all merchants at once and learns from
// here whose turn it is.
func (s *Store) DoorDueCommissions(ctx context.Context, by time.Time, limit int) ([]DueCommission, error) {
	return s.dueCommissions(ctx, limit, commission.DueAtLTE(by))
}

// DoorDueCommissionsOf is DoorDueCommissions of one merchant: a sandbox's clock
// runs ahead of the others'.
func (s *Store) DoorDueCommissionsOf(ctx context.Context, merchantID string, by time.Time, limit int) ([]DueCommission, error) {
	return s.dueCommissions(ctx, limit, commission.DueAtLTE(by), commission.MerchantID(merchantID))
}

func (s *Store) dueCommissions(ctx context.Context, limit int, due ...predicate.Commission) ([]DueCommission, error) {
	rows, err := s.door.Commission.Query().Where(due...).
		Where(
			commission.StatusEQ(commission.StatusPENDING),
			commission.HasPlanVersionWith(planversion.AutoApprove(true)),
			commission.HasAffiliateWith(affiliate.StatusEQ(affiliate.StatusACTIVE)),
		).
		Order(ent.Asc(commission.FieldDueAt, commission.FieldID)).Limit(limit).
		Select(commission.FieldID, commission.FieldMerchantID).All(ctx)
	out := make([]DueCommission, len(rows))
	for i, c := range rows {
		out[i] = DueCommission{MerchantID: c.MerchantID, CommissionID: c.ID}
	}
	return out, present(err)
}

// StaleSimulation names a simulation that nobody works on.
type StaleSimulation struct{ MerchantID, SimulationID string }

// DoorStaleSimulations finds simulations that are not finished and of which nobody has
// said since an instant that it works on them, of all merchants, the oldest first: for
// the schedule, which leaves them to be taken up again.
func (s *Store) DoorStaleSimulations(ctx context.Context, since time.Time, limit int) ([]StaleSimulation, error) {
	rows, err := s.door.Simulation.Query().Where(
		simulation.StatusIn(simulation.StatusQUEUED, simulation.StatusRUNNING, simulation.StatusAPPLYING), simulation.BeatAtLT(since),
	).Order(ent.Asc(simulation.FieldBeatAt, simulation.FieldID)).Limit(limit).Select(simulation.FieldID, simulation.FieldMerchantID).All(ctx)
	out := make([]StaleSimulation, len(rows))
	for i, r := range rows {
		out[i] = StaleSimulation{MerchantID: r.MerchantID, SimulationID: r.ID}
	}
	return out, present(err)
}
