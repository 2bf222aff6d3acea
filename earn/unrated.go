package earn

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// RateUnrated tries again to rate paid conversions whose rating failed, of every
// merchant, at most limit of each merchant, those that waited longest first. It
// gives how many are rated now. One that fails again waits at the end of the line.
func (s *Service) RateUnrated(ctx context.Context, limit int) (int, error) {
	merchants, err := s.store.DoorMerchants(ctx)
	if err != nil {
		return 0, err
	}
	rated := 0
	for _, m := range merchants {
		// The system is the viewer: the schedule acts for nobody.
		n, err := s.rateMerchant(trust.With(ctx, trust.System(m)), limit)
		rated += n
		if err != nil {
			return rated, err
		}
	}
	return rated, nil
}

func (s *Service) rateMerchant(ctx context.Context, limit int) (int, error) {
	ids, err := s.store.Client().Conversion.Query().Where(conversion.RatingEQ(conversion.RatingUNRATED)).
		Order(ent.Asc(conversion.FieldUpdatedAt, conversion.FieldID)).Limit(limit).IDs(ctx)
	if err != nil {
		return 0, err
	}
	rated := 0
	for _, id := range ids {
		ok, err := s.rateAgain(ctx, id)
		if err != nil {
			return rated, err
		}
		if ok {
			rated++
		}
	}
	return rated, nil
}

// rateAgain rates one conversion from what is kept of its order, unless another
// command has rated it meanwhile. Refunds since then are settled at once.
func (s *Service) rateAgain(ctx context.Context, id string) (bool, error) {
	c := store.Command{Name: "conversionRate", Subject: id, Intake: true}
	return store.Run(ctx, s.store, c, func(ctx context.Context, tx *store.Tx) (bool, error) {
		if err := tx.Lock(ctx, "conversions", id); err != nil {
			return false, err
		}
		sale, err := tx.Ent().Conversion.Get(ctx, id)
		if err != nil {
			return false, err
		}
		w, err := open(ctx, tx, sale)
		if err != nil || !w.waits() {
			return false, err
		}
		if err := w.readLines(ctx); err != nil {
			return false, err
		}
		if err := s.rateIn(ctx, w); err != nil || w.waits() {
			return false, err
		}
		return true, s.settleIn(ctx, w, causeRefund)
	})
}
