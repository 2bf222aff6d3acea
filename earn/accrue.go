package earn

import (
	"context"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
)

// amended is the distance between the levels of a commission and of what edits
// add to it: the affiliate with credit is at level 1, what a second edit added
// for it at 201. It leaves the levels between to uplines, and keeps the key
// (conversion, level, affiliate, plan version) unique (Q59).
const amended = 100

// accrue makes the first commissions of a conversion, one for each affiliate with
// credit that earns something, the one with the most credit first: the events of
// the conversion are that affiliate's.
func (s *Service) accrue(ctx context.Context, w *work, decided map[string]string, a award) error {
	for _, r := range a.results {
		if r.Amount.IsZero() {
			continue
		}
		if _, err := s.add(ctx, w, r, a.version, decided[r.Trace.Input.AffiliateID], 1); err != nil {
			return err
		}
	}
	return nil
}

// add makes a commission, posts it as pending, and puts it on top of the layers.
// The hold counts from the event (Q63).
func (s *Service) add(ctx context.Context, w *work, r plan.Result, v plan.Version, attributionID string, level int) (*ent.Commission, error) {
	due := v.HoldUntil(w.sale.OccurredAt)
	x, err := w.exchange(ctx, r.Trace.Input.AffiliateID, r.Amount)
	if err != nil {
		return nil, err
	}
	c, err := x.keep(w.tx.Ent().Commission.Create().SetID(w.tx.ID(id.Commission)).
		SetConversionID(w.sale.ID).SetAttributionID(attributionID).SetPlanVersionID(v.ID).
		SetProgramID(w.sale.ProgramID).SetAffiliateID(r.Trace.Input.AffiliateID).
		SetKind(commission.KindCONVERSION).SetLevel(level).SetStatus(commission.StatusPENDING).
		SetCurrency(r.Amount.Currency).SetBaseMinor(baseOf(r)).SetAmountMinor(r.Amount.Minor).
		SetEarnedAt(w.sale.OccurredAt).SetDueAt(due).SetTrace(r.Trace.Encode())).Save(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.book(ctx, w, c); err != nil {
		return nil, err
	}
	w.commissions = append(w.commissions, c)
	emitCommission(w.tx, w.program, eventAccrued, c, c.AmountMinor, canon.Facts{"due_at": stampOf(due)})
	return c, nil
}

func baseOf(r plan.Result) (sum int64) {
	for _, l := range r.Lines {
		sum += l.Base
	}
	return sum
}
