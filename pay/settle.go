package pay

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/payout"
	"github.com/tributary/tributary/ent/payoutbatch"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
)

// PayoutSettleInput says that a payout arrived.
type PayoutSettleInput struct {
	ID        string
	Reference string // the bank's; at most 200 bytes
}

// PayoutFailInput says that a payout did not arrive.
type PayoutFailInput struct {
	ID     string
	Reason string // 1 to 500 bytes
}

// PayoutOutcome names a payout and says whether its batch ended with it.
type PayoutOutcome struct {
	PayoutID     string
	BatchID      string
	BatchSettled bool // or FAILED, when nothing of it arrived
}

// PayoutSettle records that the money arrived. The last open payout of a batch
// settles the batch. Errors: NOT_FOUND or WRONG_STATE id, INVALID reference.
func (s *Service) PayoutSettle(ctx context.Context, in PayoutSettleInput) (PayoutOutcome, error) {
	if err := short(in.Reference, "reference", 0, 200); err != nil {
		return PayoutOutcome{}, err
	}
	return s.finish(ctx, "payoutSettle", in.ID, payout.StatusSETTLED, ending{reference: in.Reference})
}

// PayoutFail records that the money came back: it is payable again, at once
// (Q65). Errors: NOT_FOUND or WRONG_STATE id, INVALID reason.
func (s *Service) PayoutFail(ctx context.Context, in PayoutFailInput) (PayoutOutcome, error) {
	if err := short(in.Reason, "reason", 1, 500); err != nil {
		return PayoutOutcome{}, err
	}
	return s.finish(ctx, "payoutFail", in.ID, payout.StatusFAILED, ending{reason: in.Reason})
}

// ending is how a payout ended.
type ending struct{ reference, reason, day string }

func (s *Service) finish(ctx context.Context, verb, id string, to payout.Status, e ending) (PayoutOutcome, error) {
	return store.Run(ctx, s.store, store.Command{Name: verb, Subject: id}, func(ctx context.Context, tx *store.Tx) (PayoutOutcome, error) {
		p, err := tx.Ent().Payout.Get(ctx, id)
		if err != nil {
			return PayoutOutcome{}, missing(err, "id", "payout")
		}
		b, err := lockBatch(ctx, tx, p.BatchID)
		if err != nil {
			return PayoutOutcome{}, err
		}
		if p, err = tx.Ent().Payout.Get(ctx, id); err != nil { // as it is under the lock
			return PayoutOutcome{}, err
		}
		if e.day, err = today(ctx, tx); err != nil {
			return PayoutOutcome{}, err
		}
		if err := s.close(ctx, tx, p, to, e); err != nil {
			return PayoutOutcome{}, err
		}
		settled, err := settleBatch(ctx, tx, b)
		return PayoutOutcome{PayoutID: p.ID, BatchID: b.ID, BatchSettled: settled}, err
	})
}

// endings says what the ledger and the feed hear of each final status.
var endings = map[payout.Status]struct {
	event string
	sent  bool // the money has left; else it is payable again
}{
	payout.StatusSETTLED:   {eventSettled, true},
	payout.StatusFAILED:    {eventFailed, false},
	payout.StatusCANCELLED: {eventCancelled, false},
}

// close ends an open payout: status, posting and event. The caller holds the
// batch's lock.
func (s *Service) close(ctx context.Context, tx *store.Tx, p *ent.Payout, to payout.Status, e ending) error {
	if err := (move[payout.Status]{p.Status, to}).may(payoutMoves, "payout"); err != nil {
		return err
	}
	post, amount := s.ledger.ReleaseIn, money.Of(p.AmountMinor, p.Currency)
	if endings[to].sent {
		post = s.ledger.SettleIn
	}
	if err := post(ctx, tx, p.ID, p.AffiliateID, amount); err != nil {
		return err
	}
	holder, err := s.ledger.HolderIn(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	after, err := tx.Ent().Payout.UpdateOne(p).SetStatus(to).SetReference(e.reference).SetReason(e.reason).
		SetSettledAt(tx.MerchantTime()).Save(ctx)
	if err != nil {
		return err
	}
	emitPayout(tx, endings[to].event, after, holder, e.day)
	return nil
}

// settleBatch ends a batch of which no payout is open any more, by what arrived of it.
func settleBatch(ctx context.Context, tx *store.Tx, b *ent.PayoutBatch) (bool, error) {
	left, err := tx.Ent().Payout.Query().Where(payout.BatchID(b.ID), payout.StatusIn(open...)).Exist(ctx)
	if err != nil || left {
		return false, err
	}
	to, event, err := endOf(ctx, tx, b)
	if err != nil {
		return false, err
	}
	if err := (move[payoutbatch.Status]{b.Status, to}).may(batchMoves, "batch"); err != nil {
		return false, err
	}
	after, err := tx.Ent().PayoutBatch.UpdateOne(b).SetStatus(to).SetSettledAt(tx.MerchantTime()).Save(ctx)
	if err != nil {
		return false, err
	}
	_, err = concluded(ctx, tx, event, after)
	return true, err
}

// endOf gives how a batch ends: SETTLED when something of it arrived and was not sent
// back.
func endOf(ctx context.Context, tx *store.Tx, b *ent.PayoutBatch) (payoutbatch.Status, string, error) {
	arrived, err := tx.Ent().Payout.Query().Where(payout.BatchID(b.ID), payout.StatusEQ(payout.StatusSETTLED)).Exist(ctx)
	if arrived {
		return payoutbatch.StatusSETTLED, eventBatchSettled, err
	}
	return payoutbatch.StatusFAILED, eventBatchFailed, err
}
