package earn

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/order"
)

// OrderOutcome is where an order stands after a message about it.
type OrderOutcome struct {
	ConversionID  string
	CommissionIDs []string // of the conversion, by this message or an earlier one
	Created       bool     // this message was the first about the order
	Status        string   // of the conversion
	Rating        string   // of the conversion

	// Conversion is the row as it was committed, when this command made it: a
	// repeat, which has the outcome alone, reads it.
	Conversion *ent.Conversion `json:"-"`
}

// AcceptOrder takes in one message about one order, from any source: it records
// the conversion, and once the order is paid decides credit and accrues
// commission, all in one transaction. The same message again changes nothing;
// a later one with other contents posts the difference; an older one is ignored.
//
// When rating fails for a reason of its own, the conversion is kept as UNRATED
// and RateUnrated tries again. Errors: every fault that order.Validate finds,
// together (see Faults); those of track.RecordIn.
func (s *Service) AcceptOrder(ctx context.Context, o order.Order) (OrderOutcome, error) {
	if err := refused(o.Validate(s.store.MerchantTime(ctx))); err != nil {
		return OrderOutcome{}, err
	}
	out, err := store.Run(ctx, s.store, store.Command{Name: "conversionRecord", Intake: true}, func(ctx context.Context, tx *store.Tx) (OrderOutcome, error) {
		return s.acceptIn(ctx, tx, o)
	})
	if out.Conversion != nil {
		out.Conversion = out.Conversion.Through(s.store.Client())
	}
	return out, err
}

func (s *Service) acceptIn(ctx context.Context, tx *store.Tx, o order.Order) (OrderOutcome, error) {
	rec, err := s.track.RecordIn(ctx, tx, o)
	if err != nil {
		return OrderOutcome{}, err
	}
	tx.Note(rec.Conversion.ID, amendedBy(rec))
	w, err := openRecorded(ctx, tx, rec, o)
	if err != nil {
		return OrderOutcome{}, err
	}
	if !rec.Stale {
		err = s.follow(ctx, w, rec)
	}
	return w.outcome(rec.Created), err
}

// amendedBy is what a later message about an order changed, for the audit.
func amendedBy(rec track.Recorded) map[string]string {
	after := money.Of(rec.Conversion.BaseMinor, rec.Conversion.Currency)
	if rec.Created || after == rec.PriorBase {
		return nil
	}
	return map[string]string{"base": rec.PriorBase.String() + " → " + after.String()}
}

func (w *work) outcome(created bool) OrderOutcome {
	out := OrderOutcome{
		ConversionID: w.sale.ID, CommissionIDs: w.commissionIDs(), Created: created,
		Status: string(w.sale.Status), Rating: string(w.sale.Rating),
	}
	if created {
		out.Conversion = w.sale
	}
	return out
}

// follow does what a message asks for beyond being recorded.
func (s *Service) follow(ctx context.Context, w *work, rec track.Recorded) error {
	if rec.Created {
		w.emitConversion(eventRecorded, nil)
	}
	w.tellAmended(rec) // one that cancels may have edited, too
	if w.message.Status == order.StatusCancelled {
		return s.cancelIn(ctx, w, w.message.OccurredAt)
	}
	rate := w.waits() || rec.Changed && w.earns() && w.sale.Rating == conversion.RatingNO_CREDIT
	if rate {
		if err := s.rateIn(ctx, w); err != nil {
			return err
		}
	}
	if rec.Created || !rec.Changed && !rate {
		return nil
	}
	return s.settleIn(ctx, w, causeEdit)
}

// waits reports whether the conversion has been paid and not been rated.
func (w *work) waits() bool {
	return w.earns() && (w.sale.Rating == conversion.RatingWAITING || w.sale.Rating == conversion.RatingUNRATED)
}

// tellAmended says that what was accepted was edited, and by how much: by nothing when it
// is what reports break it down by that is new.
func (w *work) tellAmended(rec track.Recorded) {
	accepted := w.sale.Rating == conversion.RatingRATED || w.sale.Rating == conversion.RatingNO_CREDIT
	if delta := w.sale.BaseMinor - rec.PriorBase.Minor; accepted && !rec.Created && (delta != 0 || rec.Renamed) {
		w.emitConversion(eventAmended, canon.Facts{"base_delta": minor(delta)})
	}
}
