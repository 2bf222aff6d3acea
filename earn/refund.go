package earn

import (
	"context"

	"github.com/tributary/tributary/ent/refund"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/order"
)

// RefundOutcome is where an order stands after money was given back on it.
type RefundOutcome struct {
	RefundID      string // "" when there was nothing left to give back
	ConversionID  string
	CommissionIDs []string // of the conversion
	Created       bool     // false when the refund was known: nothing was done
	Status        string   // of the conversion
}

// AcceptRefund takes in money given back on an order and takes back commission in
// proportion, exactly (Q01–Q05): the accrual stays, a reversal is posted; after
// approval or payout it makes the payable balance smaller, if need be negative.
// The same refund again changes nothing. Errors: every fault that order.Validate
// finds, together (see Faults); NOT_FOUND for an order that is not known (yet),
// REFUND_EXCEEDS_ORDER and the other errors of track.RefundIn.
func (s *Service) AcceptRefund(ctx context.Context, r order.Refund) (RefundOutcome, error) {
	if err := refused(r.Validate(s.store.MerchantTime(ctx))); err != nil {
		return RefundOutcome{}, err
	}
	return s.giveBack(ctx, r, "refundRecord", false)
}

// giveBack takes in a refund or a chargeback.
func (s *Service) giveBack(ctx context.Context, r order.Refund, name string, feeShared bool) (RefundOutcome, error) {
	return store.Run(ctx, s.store, store.Command{Name: name, Intake: true}, func(ctx context.Context, tx *store.Tx) (RefundOutcome, error) {
		done, err := s.track.RefundIn(ctx, tx, r)
		if err != nil {
			return RefundOutcome{}, err
		}
		w, err := s.followIn(ctx, tx, done)
		if err == nil && done.Created && feeShared {
			err = s.shareFee(ctx, w, r.Fee)
		}
		if err != nil {
			return RefundOutcome{}, err
		}
		return w.refunded(done), nil
	})
}

// followIn lets the commissions follow what was given back, or won again.
func (s *Service) followIn(ctx context.Context, tx *store.Tx, done track.Refunded) (*work, error) {
	tx.Note(done.Conversion.ID, map[string]string{"amount": done.Amount.String()})
	w, err := open(ctx, tx, done.Conversion)
	if err == nil && done.Created {
		err = s.takeBack(ctx, w, done)
	}
	return w, err
}

// takeBack says what was given back and settles the commissions.
func (s *Service) takeBack(ctx context.Context, w *work, r track.Refunded) error {
	kind, cause := eventRefunded, causeRefund
	if r.Row.Kind != refund.KindREFUND {
		kind, cause = eventOfChargeback[r.Row.Kind], causeOfChargeback[r.Row.Kind]
	}
	w.emitConversion(kind, canon.Facts{
		"refund_id": r.Row.ID, "amount": minor(r.Amount.Minor), "reason_code": string(r.Row.ReasonCode),
	})
	w.why = ledger.Cause{ID: r.Row.ID, At: r.Row.OccurredAt}
	return s.settleIn(ctx, w, cause)
}

func (w *work) refunded(r track.Refunded) RefundOutcome {
	out := RefundOutcome{
		ConversionID: r.Conversion.ID, CommissionIDs: w.commissionIDs(), Created: r.Created, Status: string(r.Conversion.Status),
	}
	if r.Row != nil {
		out.RefundID = r.Row.ID
	}
	return out
}
