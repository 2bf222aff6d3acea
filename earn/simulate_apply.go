package earn

import (
	"context"
	"encoding/hex"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/ent/predicate"
	"github.com/tributary/tributary/ent/simulation"
	"github.com/tributary/tributary/ent/simulationdifference"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
)

// reasonMoved is why a simulation is refused of which something has changed since.
const reasonMoved = "DATA_MOVED"

// SimulationApplyInput puts a simulation into effect.
type SimulationApplyInput struct {
	SimulationID string
	Reason       string // 1 to 500 bytes
}

// SimulationApply leaves the differences of a simulation to be posted, and nothing
// else (N12). They are posted conversion by conversion; each commission that is changed
// is superseded by one under the terms of the simulation, with the status, hold and
// dates of the old, in the place of which it is refunded, edited and paid. Postings
// count from the day they are made. It is an act of its own, with its reason: terms are
// never edited (N13). Nothing is posted, and the simulation REFUSED, when anything it
// read has changed since. Errors: NOT_FOUND simulationId; WRONG_STATE simulationId
// unless it is DONE, or FAILED while it was applied: then
// it goes on where it stopped; INVALID reason; CONFLICT while another simulation of the program
// is under way.
func (s *Service) SimulationApply(ctx context.Context, in SimulationApplyInput) (SimulationOutcome, error) {
	if err := checkWhy(&in.Reason); err != nil {
		return SimulationOutcome{}, err
	}
	c := store.Command{Name: "simulationApply", Subject: in.SimulationID}
	return store.Run(ctx, s.store, c, func(ctx context.Context, tx *store.Tx) (SimulationOutcome, error) {
		row, err := tx.Ent().Simulation.Get(ctx, in.SimulationID)
		if err != nil {
			return SimulationOutcome{}, missing(err, "simulationId", "simulation")
		}
		goesOn := row.Status == simulation.StatusFAILED && row.CheckedAt != nil
		if row.Status != simulation.StatusDONE && !goesOn {
			return SimulationOutcome{}, problem.At(problem.State, "simulationId", "the simulation is %s and cannot be applied", row.Status)
		}
		if err := freeToSimulate(ctx, tx, row.ProgramID); err != nil {
			return SimulationOutcome{}, err
		}
		set := tx.Ent().Simulation.Update().Where(simulation.ID(row.ID), simulation.StatusEQ(row.Status)).
			SetStatus(simulation.StatusAPPLYING).SetApplyReason(in.Reason).SetReason("").SetTotal(row.Changed).SetBeatAt(tx.Now())
		if !goesOn {
			row.Done = 0
		}
		n, err := set.SetDone(row.Done).Save(ctx)
		if err == nil && n == 0 {
			err = problem.At(problem.Conflict, "simulationId", "the simulation is being applied")
		}
		if err != nil {
			return SimulationOutcome{}, err
		}
		row.Status, row.Total = simulation.StatusAPPLYING, row.Changed
		emitSimulation(tx, row)
		return SimulationOutcome{row.ID}, s.desk.Leave(ctx, tx, queue.Job{Kind: simulationJob, Merchant: tx.MerchantID(), Subject: row.ID})
	})
}

// applying posts what is left to be posted of a simulation.
func (s *Service) applying(ctx context.Context, row *ent.Simulation) error {
	if row.CheckedAt == nil {
		moved, err := s.moved(ctx, row)
		if err != nil {
			return err
		}
		if moved {
			return s.finish(ctx, row, simulation.StatusREFUSED)
		}
		if err := s.ready(ctx, row); err != nil {
			return err
		}
	}
	for {
		next, err := s.store.Client().SimulationDifference.Query().Where(simulationdifference.SimulationID(row.ID), simulationdifference.OutcomeIsNil(),
			simulationdifference.KindIn(simulationdifference.KindCHANGED, simulationdifference.KindCARRIED), simulationdifference.CommissionKindNEQ(simulationdifference.CommissionKindBONUS)).
			Order(simulationdifference.ByID()).Limit(simulatePage).Select(simulationdifference.FieldConversionID).All(ctx)
		if err != nil {
			return err
		}
		if len(next) == 0 {
			return s.conclude(ctx, row)
		}
		for i, d := range next {
			if i > 0 && *d.ConversionID == *next[i-1].ConversionID {
				continue
			}
			if err := s.applyOne(ctx, row, *d.ConversionID); err != nil {
				return err
			}
		}
	}
}

// conclude posts what does not lie on one conversion, and ends the work.
func (s *Service) conclude(ctx context.Context, row *ent.Simulation) error {
	if err := s.applyBonuses(ctx, row); err != nil {
		return err
	}
	if err := s.restateApplied(ctx, row); err != nil {
		return err
	}
	return s.finish(ctx, row, simulation.StatusAPPLIED)
}

// moved reads the period again, and reports whether anything in it has changed.
func (s *Service) moved(ctx context.Context, row *ent.Simulation) (bool, error) {
	w, err := s.newWalk(ctx, row)
	if err != nil {
		return false, err
	}
	if _, err := w.termsUntil(ctx); err != nil {
		return false, err
	}
	for more := true; more; {
		sales, err := w.next(ctx, row.PeriodFrom, row.PeriodUntil, true)
		if err == nil {
			err = w.beat(ctx)
		}
		if err != nil {
			return false, err
		}
		for _, sale := range sales {
			w.fingerprint(sale)
		}
		more = len(sales) == simulatePage
	}
	if err := w.eachAdjustment(ctx, func(*ent.Commission) {}); err != nil {
		return false, err
	}
	return hex.EncodeToString(w.hash.Sum(nil)) != row.Hash, nil
}

// ready notes that nothing had moved, and makes the version that commissions will name
// where the terms were written for the simulation.
func (s *Service) ready(ctx context.Context, row *ent.Simulation) error {
	return s.holding(ctx, row, func(ctx context.Context, tx *store.Tx, set *ent.SimulationUpdateOne) error {
		set.SetCheckedAt(tx.Now())
		if row.PlanVersionID != nil {
			return nil
		}
		v, err := corrected(ctx, tx, row)
		if err == nil {
			set.SetPlanVersionID(v)
			row.PlanVersionID = &v
		}
		return err
	})
}

// corrected makes a version of the program's plan of terms that were put into effect
// backwards. It is in force for nothing but what names it: an order that is told late
// comes under the terms that were in force when it happened.
func corrected(ctx context.Context, tx *store.Tx, row *ent.Simulation) (string, error) {
	if err := tx.Lock(ctx, "programs", row.ProgramID); err != nil {
		return "", err
	}
	v, err := plan.DecodeVersion(row.Terms)
	if err != nil {
		return "", err
	}
	if v.Number, err = nextNumber(ctx, tx, row.PlanID); err != nil {
		return "", err
	}
	v.ID = tx.ID(id.PlanVersion)
	return v.ID, tx.Ent().PlanVersion.Create().SetID(v.ID).SetPlanID(row.PlanID).SetNumber(v.Number).SetDocument(v.Encode()).
		SetValidFrom(row.PeriodFrom).SetHoldDays(v.HoldDays).SetAutoApprove(v.AutoApprove).SetRecount(true).
		SetRecovery(planversion.Recovery(row.Recovery)).SetRecoveryDays(row.RecoveryDays).Exec(ctx)
}

// finish ends the work on a simulation that was to be applied.
func (s *Service) finish(ctx context.Context, row *ent.Simulation, to simulation.Status) error {
	return s.holding(ctx, row, func(ctx context.Context, tx *store.Tx, set *ent.SimulationUpdateOne) error {
		now, err := tx.Ent().Simulation.Get(ctx, row.ID)
		if err != nil {
			return err
		}
		set.SetStatus(to)
		if now.Status = to; to == simulation.StatusREFUSED {
			set.SetReason(reasonMoved)
		} else {
			set.SetAppliedAt(tx.MerchantTime())
		}
		emitSimulation(tx, now)
		return nil
	})
}

// Differs holds for what a simulation would change.
func Differs() predicate.SimulationDifference {
	return simulationdifference.KindEQ(simulationdifference.KindCHANGED)
}

// LeftAlone holds for what a simulation leaves alone: what people decided, and what had
// changed by itself when it was applied.
func LeftAlone() predicate.SimulationDifference {
	return simulationdifference.Or(simulationdifference.KindEQ(simulationdifference.KindPINNED),
		simulationdifference.And(simulationdifference.OutcomeEQ(simulationdifference.OutcomeSKIPPED), Differs()))
}
