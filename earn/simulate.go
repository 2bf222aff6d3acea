package earn

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/ent/simulation"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// The events of simulations. Facts: status, done and total.
const (
	eventSimulation = "simulation.moved" // it began, ended, was put into effect or got on by a tenth
	simulationJob   = "simulation"
)

// Bounds of a simulation's work.
const (
	simulationLimit = 30 * time.Minute // of one try; it is taken up again after that
	simulationStale = 30 * time.Second // after which nobody works on it
)

// PlanSimulateInput is a period of a program and the terms to compute it again under:
// those of a version, or terms of its own.
type PlanSimulateInput struct {
	ProgramID     string
	PlanVersionID string             // or
	Terms         *PlanActivateInput // a version of its plan that is not made yet; without ValidFrom and ExpectedVersion
	From, Until   time.Time          // of the events; Until is not in it
}

// SimulationOutcome names the simulation.
type SimulationOutcome struct{ SimulationID string }

// PlanSimulate leaves it to be computed what terms would have paid on the conversions
// of a period (N12). It writes no money, no commission and no conversion: what the
// simulation finds is its own. Errors: NOT_FOUND programId or planVersionId; INVALID
// planVersionId unless it or terms are given; INVALID until before from; CONFLICT
// programId while another simulation of the program is under way; those of
// PlanActivate for terms.
func (s *Service) PlanSimulate(ctx context.Context, in PlanSimulateInput) (SimulationOutcome, error) {
	terms, err := in.check()
	if err != nil {
		return SimulationOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "planSimulate"}, func(ctx context.Context, tx *store.Tx) (SimulationOutcome, error) {
		if err := freeToSimulate(ctx, tx, in.ProgramID); err != nil {
			return SimulationOutcome{}, err
		}
		make := tx.Ent().Simulation.Create().SetID(tx.ID(id.Simulation))
		if in.Terms != nil {
			p, err := tx.Ent().CommissionPlan.Query().Where(commissionplan.ID(in.Terms.PlanID), commissionplan.ProgramID(in.ProgramID)).OnlyID(ctx)
			if err != nil {
				return SimulationOutcome{}, missing(err, "planId", "plan")
			}
			if err := checkTargets(ctx, tx.Ent(), terms); err != nil {
				return SimulationOutcome{}, err
			}
			make.SetPlanID(p).SetRecovery(simulation.Recovery(cmp.Or(in.Terms.Recovery.Mode, planversion.DefaultRecovery))).SetRecoveryDays(in.Terms.Recovery.Days)
		} else {
			row, v, err := versionOf(ctx, tx, in.ProgramID, in.PlanVersionID)
			if err != nil {
				return SimulationOutcome{}, err
			}
			make.SetPlanID(row.PlanID).SetPlanVersionID(v.ID)
			terms = v
		}
		row, err := make.SetProgramID(in.ProgramID).SetTerms(terms.Encode()).SetBeatAt(tx.Now()).
			SetPeriodFrom(instant(in.From)).SetPeriodUntil(instant(in.Until)).Save(ctx)
		if err != nil {
			return SimulationOutcome{}, err
		}
		tx.Note(row.ID, nil)
		emitSimulation(tx, row)
		return SimulationOutcome{row.ID}, s.desk.Leave(ctx, tx, queue.Job{Kind: simulationJob, Merchant: tx.MerchantID(), Subject: row.ID})
	})
}

// check gives the input's own terms.
func (in *PlanSimulateInput) check() (v plan.Version, err error) {
	switch {
	case (in.PlanVersionID == "") == (in.Terms == nil):
		return v, problem.At(problem.Invalid, "planVersionId", "name a version, or give terms")
	case !in.Until.After(in.From):
		return v, problem.At(problem.Invalid, "until", "must be after from")
	case in.Terms == nil:
		return v, nil
	}
	v = in.Terms.terms()
	v.ID, v.Recurred = "simulated", v.Recurs()
	return v, refused(slices.Concat(check(v), in.Terms.Recovery.faults(), levelFaults(in.Terms.Levels)))
}

// freeToSimulate refuses a program that has a simulation under way. The lock keeps
// two that begin at once from each finding none.
func freeToSimulate(ctx context.Context, tx *store.Tx, programID string) error {
	if _, err := tx.Ent().Program.Get(ctx, programID); err != nil {
		return missing(err, "programId", "program")
	}
	if err := tx.Lock(ctx, "programs", programID); err != nil {
		return err
	}
	busy, err := tx.Ent().Simulation.Query().Where(simulation.ProgramID(programID),
		simulation.StatusIn(simulation.StatusQUEUED, simulation.StatusRUNNING, simulation.StatusAPPLYING)).Exist(ctx)
	if err == nil && busy {
		err = problem.At(problem.Conflict, "programId", "a simulation of the program is under way")
	}
	return err
}

func versionOf(ctx context.Context, tx *store.Tx, programID, versionID string) (*ent.PlanVersion, plan.Version, error) {
	row, err := tx.Ent().PlanVersion.Query().Where(planversion.ID(versionID), planversion.HasPlanWith(commissionplan.ProgramID(programID))).Only(ctx)
	if err != nil {
		return nil, plan.Version{}, missing(err, "planVersionId", "version")
	}
	v, err := plan.DecodeVersion(row.Document)
	return row, v, err
}

func emitSimulation(tx *store.Tx, row *ent.Simulation) {
	tx.Emit(store.Event{Type: eventSimulation, Subject: row.ID, ProgramID: row.ProgramID, Facts: canon.Facts{
		"status": string(row.Status), "done": minor(row.Done), "total": minor(row.Total),
	}})
}

// Tasks works on simulations, and restates periods.
func (s *Service) Tasks() []queue.Task {
	return []queue.Task{s.restating(), {Kind: simulationJob, Limit: simulationLimit, Do: func(ctx context.Context, j queue.Job) error {
		return s.WorkOn(trust.With(ctx, trust.System(j.Merchant)), j.Subject)
	}}}
}

// ResumeSimulations leaves simulations that nobody works on any more, such as those of
// a server that was killed, to be taken up again; at most limit of them. It gives how
// many.
func (s *Service) ResumeSimulations(ctx context.Context, limit int) (int, error) {
	stale, err := s.store.DoorStaleSimulations(ctx, s.store.Now().Add(-simulationStale), limit)
	for _, one := range stale {
		if err != nil {
			break
		}
		ctx := trust.With(ctx, trust.System(one.MerchantID))
		_, err = store.Run(ctx, s.store, store.Command{Name: "simulationResume", Subject: one.SimulationID, Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
			if err := tx.Ent().Simulation.UpdateOneID(one.SimulationID).SetBeatAt(tx.Now()).Exec(ctx); err != nil {
				return 0, err
			}
			return 0, s.desk.Leave(ctx, tx, queue.Job{Kind: simulationJob, Merchant: tx.MerchantID(), Subject: one.SimulationID})
		})
	}
	return len(stale), err
}
