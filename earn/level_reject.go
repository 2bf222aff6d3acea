package earn

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/store"
)

// rejectLevels follows the rejection of a seller's commission. When nothing of the
// seller's stands any more, what its upline earned on the sale is rejected too, or
// taken back where it was approved; else that is settled to what stands.
func (s *Service) rejectLevels(ctx context.Context, tx *store.Tx, c *ent.Commission, reason string) error {
	sale, err := tx.Ent().Conversion.Get(ctx, *c.ConversionID)
	if err != nil {
		return err
	}
	w, err := open(ctx, tx, sale)
	if err != nil || len(w.levels) == 0 {
		return err
	}
	if err := s.lockDecided(ctx, w); err != nil {
		return err
	}
	if w.stands(c.AffiliateID) {
		if err := w.readLines(ctx); err != nil {
			return err
		}
		return s.followUp(ctx, w, false, causeRejected)
	}
	for i, l := range w.levels {
		if l.SellerID != c.AffiliateID {
			continue
		}
		if l.Status == commission.StatusPENDING {
			err = s.rejectOne(ctx, tx, w.program, l, reason)
		} else if l.Status == commission.StatusAPPROVED {
			err = s.change(ctx, w, &w.levels[i], l.AmountMinor-l.ReversedMinor-l.AbsorbedMinor, causeRejected)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stands reports whether something that the seller earned on the sale was not
// rejected.
func (w *work) stands(sellerID string) bool {
	for _, c := range w.commissions {
		if c.AffiliateID == sellerID && c.Status != commission.StatusREJECTED {
			return true
		}
	}
	return false
}
