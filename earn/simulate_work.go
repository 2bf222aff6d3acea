package earn

import (
	"context"
	"errors"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/simulation"
	"github.com/tributary/tributary/ent/simulationaffiliate"
	"github.com/tributary/tributary/ent/simulationdifference"
	"github.com/tributary/tributary/internal/store"
)

// errTakenUp ends the work of whoever was slower: another has taken it up.
var errTakenUp = errors.New("earn: the simulation was taken up by another")

// WorkOn computes a simulation that waits, or puts one into effect that is to be: from
// the start, or from where whoever worked on it stopped. One that is finished stays as
// it is. It may be called at any time and any number of times, at once too: who takes
// the work up later goes on, and the earlier one writes no more.
func (s *Service) WorkOn(ctx context.Context, id string) error {
	row, err := s.takeUp(ctx, id)
	if err != nil || row == nil {
		return err
	}
	if row.Status == simulation.StatusAPPLYING {
		err = s.applying(ctx, row)
	} else {
		err = s.simulating(ctx, row)
	}
	switch {
	case errors.Is(err, errTakenUp):
		return nil
	case err == nil || store.Infrastructure(err) || ctx.Err() != nil:
		return err
	}
	return errors.Join(err, s.fail(ctx, row, err))
}

// takeUp makes the caller the one who writes; nil when there is nothing to do. What
// an earlier one has found is forgotten: a simulation is computed in one go, since what
// is counted on the way is nowhere kept.
func (s *Service) takeUp(ctx context.Context, id string) (*ent.Simulation, error) {
	return store.Run(ctx, s.store, store.Command{Name: "simulationTakeUp", Subject: id, Quiet: true}, func(ctx context.Context, tx *store.Tx) (*ent.Simulation, error) {
		if err := tx.Lock(ctx, "simulations", id); err != nil {
			return nil, err
		}
		row, err := tx.Ent().Simulation.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		set := tx.Ent().Simulation.UpdateOneID(id).SetHolder(row.Holder + 1).SetBeatAt(tx.Now())
		switch row.Status {
		case simulation.StatusAPPLYING:
		case simulation.StatusQUEUED, simulation.StatusRUNNING:
			if err := forgetFound(ctx, tx, id); err != nil {
				return nil, err
			}
			set.SetStatus(simulation.StatusRUNNING).SetDone(0)
		default:
			return nil, nil
		}
		after, err := set.Save(ctx)
		if err != nil {
			return nil, err
		}
		return after.Through(s.store.Client()), nil
	})
}

func forgetFound(ctx context.Context, tx *store.Tx, id string) error {
	if _, err := tx.Ent().SimulationDifference.Delete().Where(simulationdifference.SimulationID(id)).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.Ent().SimulationAffiliate.Delete().Where(simulationaffiliate.SimulationID(id)).Exec(ctx)
	return err
}

// holding runs a command of whoever holds the work, and says that it goes on.
func (s *Service) holding(ctx context.Context, row *ent.Simulation, fn func(ctx context.Context, tx *store.Tx, set *ent.SimulationUpdateOne) error) error {
	_, err := store.Run(ctx, s.store, store.Command{Name: "simulationWork", Subject: row.ID, Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		if err := stillHeld(ctx, tx, row); err != nil {
			return 0, err
		}
		set := tx.Ent().Simulation.UpdateOneID(row.ID).SetBeatAt(tx.Now())
		if err := fn(ctx, tx, set); err != nil {
			return 0, err
		}
		return 0, set.Exec(ctx)
	})
	return err
}

// beatPages is how many pages are read before it is said that the work goes on.
const beatPages = 20

// beat says now and then that the work goes on, where nothing is written: without it
// another would take it up, and it would begin again for ever.
func (w *walk) beat(ctx context.Context) error {
	if w.read++; w.read%beatPages > 0 {
		return nil
	}
	return w.holding(ctx, w.sim, func(context.Context, *store.Tx, *ent.SimulationUpdateOne) error { return nil })
}

// stillHeld refuses who holds the work no more. The lock keeps another from taking it up
// between the look and the commit.
func stillHeld(ctx context.Context, tx *store.Tx, row *ent.Simulation) error {
	if err := tx.Lock(ctx, "simulations", row.ID); err != nil {
		return err
	}
	mine, err := tx.Ent().Simulation.Query().Where(simulation.ID(row.ID), simulation.Holder(row.Holder), simulation.StatusEQ(row.Status)).Exist(ctx)
	if err == nil && !mine {
		err = errTakenUp
	}
	return err
}

// fail says why a simulation came to nothing, and forgets what it had found; what was
// put into effect stays.
func (s *Service) fail(ctx context.Context, row *ent.Simulation, cause error) error {
	return s.holding(ctx, row, func(ctx context.Context, tx *store.Tx, set *ent.SimulationUpdateOne) error {
		if row.Status == simulation.StatusRUNNING {
			if err := forgetFound(ctx, tx, row.ID); err != nil {
				return err
			}
		}
		set.SetStatus(simulation.StatusFAILED).SetReason(causeOf(cause))
		row.Status = simulation.StatusFAILED
		emitSimulation(tx, row)
		return nil
	})
}
