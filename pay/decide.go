package pay

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/payout"
	"github.com/tributary/tributary/ent/payoutbatch"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// BatchApproveInput names a batch to be released for sending.
type BatchApproveInput struct {
	ID              string
	ExpectedVersion *int // the version the viewer saw; any when nil
}

// BatchApprove releases a batch: its payouts may now be sent and settled. Whoever
// made the batch may approve it too; both are on record. Errors: NOT_FOUND or
// WRONG_STATE id, CONFLICT expectedVersion.
func (s *Service) BatchApprove(ctx context.Context, in BatchApproveInput) (BatchOutcome, error) {
	return store.Run(ctx, s.store, store.Command{Name: "payoutBatchApprove", Subject: in.ID}, func(ctx context.Context, tx *store.Tx) (BatchOutcome, error) {
		b, err := lockBatch(ctx, tx, in.ID)
		if err != nil {
			return BatchOutcome{}, err
		}
		if in.ExpectedVersion != nil && *in.ExpectedVersion != b.Version {
			return BatchOutcome{}, problem.At(problem.Conflict, "expectedVersion", "the batch is at version %d", b.Version)
		}
		if err := (move[payoutbatch.Status]{b.Status, payoutbatch.StatusAPPROVED}).may(batchMoves, "batch"); err != nil {
			return BatchOutcome{}, err
		}
		err = tx.Ent().Payout.Update().Where(payout.BatchID(b.ID), payout.StatusEQ(payout.StatusRESERVED)).
			SetStatus(payout.StatusAPPROVED).Exec(ctx)
		if err != nil {
			return BatchOutcome{}, err
		}
		after, err := tx.Ent().PayoutBatch.UpdateOne(b).SetStatus(payoutbatch.StatusAPPROVED).
			SetApprovedBy(tx.Viewer().PrincipalID).SetApprovedAt(tx.MerchantTime()).Save(ctx)
		if err != nil {
			return BatchOutcome{}, err
		}
		return concluded(ctx, tx, eventBatchApproved, after)
	})
}

// BatchCancelInput names a batch to be given up.
type BatchCancelInput struct {
	ID     string
	Reason string // 1 to 500 bytes
}

// BatchCancel gives a batch up: what is not settled is payable again, what is
// settled or has failed stays so. Errors: NOT_FOUND or WRONG_STATE id, INVALID
// reason.
func (s *Service) BatchCancel(ctx context.Context, in BatchCancelInput) (BatchOutcome, error) {
	if err := short(in.Reason, "reason", 1, 500); err != nil {
		return BatchOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "payoutBatchCancel", Subject: in.ID}, func(ctx context.Context, tx *store.Tx) (BatchOutcome, error) {
		b, err := lockBatch(ctx, tx, in.ID)
		if err != nil {
			return BatchOutcome{}, err
		}
		if err := (move[payoutbatch.Status]{b.Status, payoutbatch.StatusCANCELLED}).may(batchMoves, "batch"); err != nil {
			return BatchOutcome{}, err
		}
		if err := s.release(ctx, tx, b, in.Reason); err != nil {
			return BatchOutcome{}, err
		}
		after, err := tx.Ent().PayoutBatch.UpdateOne(b).SetStatus(payoutbatch.StatusCANCELLED).Save(ctx)
		if err != nil {
			return BatchOutcome{}, err
		}
		return concluded(ctx, tx, eventBatchCancelled, after)
	})
}

// release cancels a batch's open payouts, each by its posting.
func (s *Service) release(ctx context.Context, tx *store.Tx, b *ent.PayoutBatch, reason string) error {
	rows, err := tx.Ent().Payout.Query().Where(payout.BatchID(b.ID), payout.StatusIn(open...)).Order(ent.Asc(payout.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	owners := make([]string, len(rows))
	for i, p := range rows {
		owners[i] = p.AffiliateID
	}
	if err := s.ledger.LockIn(ctx, tx, b.Currency, owners...); err != nil {
		return err
	}
	day, err := today(ctx, tx)
	if err != nil {
		return err
	}
	for _, p := range rows {
		if err := s.close(ctx, tx, p, payout.StatusCANCELLED, ending{reason: reason, day: day}); err != nil {
			return err
		}
	}
	return nil
}

// lockBatch takes the batch's lock and reads it under the lock.
func lockBatch(ctx context.Context, tx *store.Tx, id string) (*ent.PayoutBatch, error) {
	if err := tx.Lock(ctx, payoutbatch.Table, id); err != nil {
		return nil, err
	}
	b, err := tx.Ent().PayoutBatch.Get(ctx, id)
	return b, missing(err, "id", "batch")
}

// concluded says what became of a batch.
func concluded(ctx context.Context, tx *store.Tx, event string, after *ent.PayoutBatch) (BatchOutcome, error) {
	day, err := today(ctx, tx)
	if err != nil {
		return BatchOutcome{}, err
	}
	emitBatch(tx, event, after, day)
	return BatchOutcome{BatchID: after.ID}, nil
}
