package earn

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/order"
)

// cancellationID names what a cancellation gives back: an order is cancelled
// once, so the same message again is no second one.
const cancellationID = "cancellation"

// OrderCancelInput names an order.
type OrderCancelInput struct {
	ProgramID       string // may be empty where the order's id is enough
	SourceScope     string
	OrderExternalID string
	OccurredAt      time.Time // when the shop says it happened
}

// CancelOrder cancels an order: what is left of it counts as given back, and all
// of its commission is taken back. Again, it changes nothing. Errors: INVALID
// occurredAt, NOT_FOUND orderExternalId, CONFLICT programId when several programs
// know such an order (Q07).
func (s *Service) CancelOrder(ctx context.Context, in OrderCancelInput) (OrderOutcome, error) {
	if err := s.checkInstant(ctx, in.OccurredAt); err != nil {
		return OrderOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "conversionCancel", Intake: true}, func(ctx context.Context, tx *store.Tx) (OrderOutcome, error) {
		sale, err := lockOrder(ctx, tx, in)
		if err != nil {
			return OrderOutcome{}, err
		}
		tx.Note(sale.ID, map[string]string{"status": string(sale.Status) + " → CANCELLED"})
		w, err := open(ctx, tx, sale)
		if err != nil {
			return OrderOutcome{}, err
		}
		err = s.cancelIn(ctx, w, in.OccurredAt)
		return w.outcome(false), err
	})
}

// checkInstant refuses what cannot have happened when a source says it did.
func (s *Service) checkInstant(ctx context.Context, at time.Time) error {
	now := s.store.MerchantTime(ctx)
	if at.After(now.Add(order.MaxAhead)) || at.Before(now.Add(-order.MaxAge)) {
		return problem.At(problem.Invalid, "occurredAt", "must not be more than 5 minutes ahead or older than 400 days")
	}
	return nil
}

// lockOrder finds the one conversion that is meant, and reads it under its lock.
func lockOrder(ctx context.Context, tx *store.Tx, in OrderCancelInput) (*ent.Conversion, error) {
	ids, err := track.Meant(ctx, tx.Ent(), in.ProgramID, in.SourceScope, in.OrderExternalID)
	switch {
	case err != nil:
		return nil, err
	case len(ids) == 0:
		return nil, problem.At(problem.NotFound, "orderExternalId", "the order was not found")
	case len(ids) > 1:
		return nil, problem.At(problem.Conflict, "programId", "several programs know such an order: name one")
	}
	if err := tx.Lock(ctx, "conversions", ids[0]); err != nil {
		return nil, err
	}
	return tx.Ent().Conversion.Get(ctx, ids[0])
}

// cancelIn gives back what is left of the order and takes back all commission.
// An order that is cancelled stays as it is.
func (s *Service) cancelIn(ctx context.Context, w *work, at time.Time) error {
	if w.sale.Status == conversion.StatusCANCELLED {
		return nil
	}
	rest := w.sale.BaseMinor - w.sale.RefundedMinor
	done, err := s.track.CancelIn(ctx, w.tx, w.sale, cancellationID, at)
	if err != nil || !done.Created {
		return err
	}
	w.sale = done.Conversion
	w.emitConversion(eventCancelled, canon.Facts{"amount": minor(rest)})
	w.why = ledger.Cause{ID: w.sale.ID, At: at}
	return s.settleIn(ctx, w, causeCancel)
}
