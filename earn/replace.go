package earn

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/canon"
)

// lastDecision reads a row of the decision in force, with its policy.
func (w *work) lastDecision(ctx context.Context) (*ent.Attribution, error) {
	return w.tx.Ent().Attribution.Query().Where(attribution.ConversionID(w.sale.ID)).
		Order(ent.Desc(attribution.FieldRevision)).WithPolicy().First(ctx)
}

// replace puts an award in the place of the decision in force: what that earned is
// taken back and set aside, what this earns is accrued and settled. The decision is
// a further revision; the earlier ones stay.
func (s *Service) replace(ctx context.Context, w *work, a award, cause string) error {
	before, had := w.credited(), w.commissions
	if err := s.setAside(ctx, w, cause); err != nil {
		return err
	}
	if err := s.climb(ctx, w, &a); err != nil {
		return err
	}
	decided, err := w.saveDecision(ctx, a)
	if err != nil {
		return err
	}
	if a.reason == "" {
		if err := s.accrue(ctx, w, decided, a); err != nil {
			return err
		}
	}
	if err := s.mark(ctx, w, ratingOf(a.reason), a.reason); err != nil {
		return err
	}
	w.tellMoved(before, cause)
	if err := s.settleIn(ctx, w, cause); err != nil {
		return err
	}
	return s.restateFor(ctx, w.tx, had, false, causeTier)
}

// setAside takes back what is left of every commission, from where it is, and takes
// them out of the layers. Those that were rejected have nothing left to take back.
func (s *Service) setAside(ctx context.Context, w *work, cause string) error {
	if err := w.holdTiers(ctx); err != nil {
		return err
	}
	all, err := w.withTiers(ctx)
	if err != nil {
		return err
	}
	all = append(all, w.levels...)
	if err := s.lockDecided(ctx, w); err != nil {
		return err
	}
	for _, c := range all {
		rest := c.AmountMinor - c.ReversedMinor
		set := w.tx.Ent().Commission.UpdateOne(c).SetSupersededAt(w.tx.MerchantTime())
		if rest > 0 && c.Status != commission.StatusREJECTED {
			if err := s.post(ctx, w, c, rest); err != nil {
				return err
			}
			set.SetReversedMinor(c.AmountMinor).SetAbsorbedMinor(0).SetStatus(commission.StatusREVERSED).SetReason(cause)
			emitCommission(w.tx, w.program, eventReversed, c, rest, canon.Facts{"from": string(account(c)), "cause": cause})
		}
		if err := set.Exec(ctx); err != nil {
			return err
		}
	}
	w.commissions, w.levels = nil, nil
	return nil
}

// tellMoved says whose the conversion is no more, and whose it is now. It says so in
// two events: neither affiliate is told who the other is.
func (w *work) tellMoved(before, cause string) {
	if before != "" {
		w.emitOf(eventUncredited, before, canon.Facts{"cause": cause})
	}
	if now := w.credited(); now != "" {
		w.emitOf(eventCredited, now, canon.Facts{"cause": cause})
	}
}
