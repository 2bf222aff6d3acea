package connect

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/reconciliation"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

const (
	// maxReconciled is how far back orders can be asked for: older ones are refused.
	maxReconciled = 400 * 24 * time.Hour
	// mostRunning is how many reconciliations of a shop can be under way.
	mostRunning = 5
)

// ReconcileInput names a shop, and the time in which orders changed there.
type ReconcileInput struct {
	ID       string
	From, To time.Time // whole seconds; To may be in the future no more than the clocks differ
}

// ReconcileOutcome is the reconciliation, which goes on in the background.
type ReconcileOutcome struct{ ReconciliationID string }

// Reconcile asks a shop which orders changed in a time, and takes in those that are
// missing here or of which less is known: to fill in what was sold before it was
// connected, or what its messages lost. Errors: NOT_FOUND id, WRONG_STATE id for one
// that is not active or cannot be asked, INVALID from or to, WRONG_STATE id while five
// are under way.
func (s *Service) Reconcile(ctx context.Context, in ReconcileInput) (ReconcileOutcome, error) {
	in.From, in.To = in.From.Truncate(time.Second), in.To.Truncate(time.Second)
	now := s.store.Now()
	switch {
	case in.From.Before(now.Add(-maxReconciled)):
		return ReconcileOutcome{}, problem.At(problem.Invalid, "from", "must be at most 400 days ago")
	case !in.From.Before(in.To) || in.To.After(now.Add(5*time.Minute)):
		return ReconcileOutcome{}, problem.At(problem.Invalid, "to", "must be after from and not ahead")
	}
	return store.Run(ctx, s.store, store.Command{Name: "integrationReconcile", Subject: in.ID}, func(ctx context.Context, tx *store.Tx) (ReconcileOutcome, error) {
		row, err := tx.Ent().Integration.Get(ctx, in.ID)
		if err != nil {
			return ReconcileOutcome{}, named(err, "id", "the integration was not found")
		}
		if err := s.askable(row); err != nil {
			return ReconcileOutcome{}, err
		}
		running, err := tx.Ent().Reconciliation.Query().
			Where(reconciliation.IntegrationID(row.ID), reconciliation.StatusEQ(reconciliation.StatusRUNNING)).Count(ctx)
		switch {
		case err != nil:
			return ReconcileOutcome{}, err
		case running >= mostRunning:
			return ReconcileOutcome{}, problem.At(problem.State, "id", "%d reconciliations are under way", running)
		}
		out := ReconcileOutcome{tx.ID(id.Reconciled)}
		tx.Note(row.ID, map[string]string{"from": in.From.Format(time.RFC3339), "to": in.To.Format(time.RFC3339)})
		return out, tx.Ent().Reconciliation.Create().SetID(out.ReconciliationID).SetIntegrationID(row.ID).SetScheduled(false).
			SetSinceAt(in.From).SetUntilAt(in.To).SetNextAt(tx.Now()).Exec(ctx)
	})
}

// askable refuses an integration whose orders cannot be asked for.
func (s *Service) askable(row *ent.Integration) error {
	if _, can := s.providers[string(row.Provider)].(Puller); !can || len(row.CredentialsSealed) == 0 {
		return problem.At(problem.State, "id", "the integration has no account whose orders could be asked for")
	}
	if row.Status != integration.StatusACTIVE {
		return problem.At(problem.State, "id", "the integration is not active")
	}
	return nil
}
