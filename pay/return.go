package pay

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/payout"
	"github.com/tributary/tributary/ent/payoutbatch"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
)

// PayoutReturnInput says that the bank sent a settled payout back.
type PayoutReturnInput struct {
	ID         string
	Reason     string // 1 to 500 bytes; the affiliate sees it
	ReturnedOn string // the merchant's day, YYYY-MM-DD: not before it was settled, not in the future
}

// PayoutReturn records that money which had arrived was sent back: it is payable again
// from that day on, once, and the next batch pays it. A batch of which nothing is left
// that arrived has FAILED. Errors: NOT_FOUND or WRONG_STATE id; INVALID reason or
// returnedOn.
func (s *Service) PayoutReturn(ctx context.Context, in PayoutReturnInput) (PayoutOutcome, error) {
	if err := short(in.Reason, "reason", 1, 500); err != nil {
		return PayoutOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "payoutReturn", Subject: in.ID}, func(ctx context.Context, tx *store.Tx) (PayoutOutcome, error) {
		p, err := tx.Ent().Payout.Get(ctx, in.ID)
		if err != nil {
			return PayoutOutcome{}, missing(err, "id", "payout")
		}
		b, err := lockBatch(ctx, tx, p.BatchID)
		if err != nil {
			return PayoutOutcome{}, err
		}
		if p, err = tx.Ent().Payout.Get(ctx, in.ID); err != nil { // as it is under the lock
			return PayoutOutcome{}, err
		}
		if err := s.giveBack(ctx, tx, p, in); err != nil {
			return PayoutOutcome{}, err
		}
		return PayoutOutcome{PayoutID: p.ID, BatchID: b.ID}, unsettle(ctx, tx, b)
	})
}

// giveBack posts a return and says so. The caller holds the batch's lock.
func (s *Service) giveBack(ctx context.Context, tx *store.Tx, p *ent.Payout, in PayoutReturnInput) error {
	if err := (move[payout.Status]{p.Status, payout.StatusRETURNED}).may(payoutMoves, "payout"); err != nil {
		return err
	}
	at, err := returnedAt(ctx, tx, p, in.ReturnedOn)
	if err != nil {
		return err
	}
	if err := s.ledger.ReturnIn(ctx, tx, p.ID, p.AffiliateID, money.Of(p.AmountMinor, p.Currency), ledger.Cause{ID: p.BatchID, At: at}); err != nil {
		return err
	}
	after, err := tx.Ent().Payout.UpdateOne(p).SetStatus(payout.StatusRETURNED).SetReason(in.Reason).SetReturnedOn(in.ReturnedOn).Save(ctx)
	if err != nil {
		return err
	}
	day, err := today(ctx, tx)
	if err != nil {
		return err
	}
	holder, err := s.ledger.HolderIn(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	tx.Emit(store.Event{Type: eventReturned, Subject: after.ID, AffiliateID: holder, Facts: canon.Facts{
		"batch_id": after.BatchID, "currency": string(after.Currency), "amount": minor(after.AmountMinor), "day": day, "returned_on": in.ReturnedOn,
	}})
	return nil
}

// returnedAt gives the instant at which a return counts: the beginning of its day at the
// merchant's, but not before the payout itself.
func returnedAt(ctx context.Context, tx *store.Tx, p *ent.Payout, day string) (time.Time, error) {
	zone, err := zoneOf(ctx, tx)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.ParseInLocation(time.DateOnly, day, zone)
	sent := p.SettledAt.In(zone).Format(time.DateOnly)
	switch {
	case err != nil:
		return at, problem.At(problem.Invalid, "returnedOn", "must be a day, as 2026-03-31")
	case day < sent:
		return at, problem.At(problem.Invalid, "returnedOn", "must not be before the payout was settled, on %s", sent)
	case day > tx.MerchantTime().In(zone).Format(time.DateOnly):
		return at, problem.At(problem.Invalid, "returnedOn", "must not be in the future")
	case at.Before(*p.SettledAt):
		return *p.SettledAt, nil
	}
	return at, nil
}

// unsettle lets a batch fail of which nothing is left that arrived.
func unsettle(ctx context.Context, tx *store.Tx, b *ent.PayoutBatch) error {
	if b.Status != payoutbatch.StatusSETTLED {
		return nil
	}
	to, event, err := endOf(ctx, tx, b)
	if err != nil || to == b.Status {
		return err
	}
	after, err := tx.Ent().PayoutBatch.UpdateOne(b).SetStatus(to).Save(ctx)
	if err == nil {
		_, err = concluded(ctx, tx, event, after)
	}
	return err
}
