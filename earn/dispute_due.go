package earn

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/dispute"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// reasonOverdue is why a dispute was decided that nobody decided in time.
const reasonOverdue = "The merchant did not decide within the program's days."

// DecideOverdue decides disputes whose deadline has passed as their program says, of
// every merchant, at most limit, each once, and gives how many. What cannot be accepted
// without a person, because nothing tells what to do or the verb refuses it, is
// escalated instead.
func (s *Service) DecideOverdue(ctx context.Context, limit int) (int, error) {
	due, err := s.store.DoorOverdueDisputes(ctx, limit)
	if err != nil {
		return 0, err
	}
	for n, d := range due {
		if err := s.decideOverdue(trust.With(ctx, trust.System(d.MerchantID)), d.DisputeID); err != nil {
			return n, err
		}
	}
	return len(due), nil
}

func (s *Service) decideOverdue(ctx context.Context, disputeID string) error {
	_, err := store.Run(ctx, s.store, store.Command{Name: "disputeDecideOverdue", Subject: disputeID}, func(ctx context.Context, tx *store.Tx) (string, error) {
		d, err := heldDispute(ctx, tx, disputeID)
		if problem.CodeOf(err) == problem.State { // decided meanwhile
			return disputeID, nil
		}
		if err != nil || d.EscalatedAt != nil {
			return disputeID, err
		}
		p, err := tx.Ent().Program.Get(ctx, d.ProgramID)
		if err != nil {
			return disputeID, err
		}
		return disputeID, s.overdue(ctx, tx, d, p.DisputeOverdue)
	})
	return err
}

func (s *Service) overdue(ctx context.Context, tx *store.Tx, d *ent.Dispute, then program.DisputeOverdue) error {
	switch then {
	case program.DisputeOverdueDECLINE:
		return refuseClaim(ctx, tx, d, reasonOverdue, true)
	case program.DisputeOverdueACCEPT:
		err := tx.Savepoint(ctx, func(ctx context.Context) error {
			in := DisputeAcceptInput{ID: d.ID, Reason: reasonOverdue, Effect: dispute.EffectREATTRIBUTE}
			if known, err := s.known(ctx, tx, d); err != nil {
				return err
			} else if !known {
				in.Effect = dispute.EffectRECORD
			}
			return s.grant(ctx, tx, d, in, true)
		})
		if err == nil || store.Infrastructure(err) || ctx.Err() != nil {
			return err
		}
	}
	after, err := tx.Ent().Dispute.UpdateOne(d).SetEscalatedAt(tx.MerchantTime()).Save(ctx)
	if err == nil {
		tx.Note(d.ID, nil)
		emitDispute(tx, after, eventDisputeEscalated, nil)
	}
	return err
}

// known reports whether the disputed sale is on record.
func (s *Service) known(ctx context.Context, tx *store.Tx, d *ent.Dispute) (bool, error) {
	if d.ConversionID != nil {
		return true, nil
	}
	_, err := orderNamed(ctx, tx, d.ProgramID, d.OrderExternalID)
	if problem.CodeOf(err) == problem.NotFound {
		return false, nil
	}
	return true, err
}
