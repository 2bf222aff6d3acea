package earn

import (
	"context"
	"maps"
	"slices"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
)

// lockPayables locks what the affiliates of several commissions are owed, before the
// first of them is touched: two sales with the same people would else each wait for
// what the other holds. One affiliate alone is waited for by its posting.
func (s *Service) lockPayables(ctx context.Context, tx *store.Tx, all []*ent.Commission) error {
	of := map[money.Currency][]string{}
	for _, c := range all {
		currency := bookCurrency(c)
		if !slices.Contains(of[currency], c.AffiliateID) {
			of[currency] = append(of[currency], c.AffiliateID)
		}
	}
	for _, currency := range slices.Sorted(maps.Keys(of)) {
		if len(of) == 1 && len(of[currency]) == 1 {
			return nil
		}
		if err := s.ledger.LockIn(ctx, tx, currency, of[currency]...); err != nil {
			return err
		}
	}
	return nil
}

// lockDecided is lockPayables of a conversion's commissions that were approved; what
// is pending is in accounts that nobody waits for.
func (s *Service) lockDecided(ctx context.Context, w *work, others ...*ent.Commission) error {
	decided := slices.DeleteFunc(slices.Concat(w.commissions, w.levels, others), held)
	return s.lockPayables(ctx, w.tx, decided)
}
