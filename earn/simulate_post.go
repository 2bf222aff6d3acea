package earn

import (
	"cmp"
	"context"
	"slices"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/simulationdifference"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
)

// causeRecount is why commissions change when a simulation is applied.
const causeRecount = "RECALCULATION"

// applyOne posts the differences of one conversion, once: their rows say so in the same
// transaction. A conversion that is not as it was when it was computed is left alone.
// Its lock keeps a refund or an edit out that would settle what is being replaced.
func (s *Service) applyOne(ctx context.Context, row *ent.Simulation, conversionID string) error {
	return s.holdingOf(ctx, row, conversionID, func(ctx context.Context, tx *store.Tx, set *ent.SimulationUpdateOne) error {
		found, err := tx.Ent().SimulationDifference.Query().Where(simulationdifference.SimulationID(row.ID), simulationdifference.OutcomeIsNil(),
			simulationdifference.ConversionID(conversionID)).Order(simulationdifference.ByID()).All(ctx)
		if err != nil || len(found) == 0 {
			return err
		}
		sale, err := tx.Ent().Conversion.Get(ctx, conversionID)
		if err != nil {
			return err
		}
		w, err := open(ctx, tx, sale)
		if err != nil {
			return err
		}
		done := tx.Ent().SimulationDifference.Update().Where(simulationdifference.SimulationID(row.ID), simulationdifference.ConversionID(conversionID))
		set.AddDone(1)
		if fingerprint(sale, slices.Concat(w.commissions, w.levels)) != found[0].Seen {
			set.AddSkipped(1)
			return done.SetOutcome(simulationdifference.OutcomeSKIPPED).SetReason(simulationdifference.ReasonCHANGED_SINCE).Exec(ctx)
		}
		if err := done.SetOutcome(simulationdifference.OutcomeAPPLIED).Exec(ctx); err != nil {
			return err
		}
		return s.recount(ctx, w, row, found)
	})
}

// holdingOf is holding, after the lock of a conversion: locks are taken in that order.
func (s *Service) holdingOf(ctx context.Context, row *ent.Simulation, conversionID string, fn func(ctx context.Context, tx *store.Tx, set *ent.SimulationUpdateOne) error) error {
	_, err := store.Run(ctx, s.store, store.Command{Name: "simulationWork", Subject: row.ID, Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		if err := tx.Lock(ctx, "conversions", conversionID); err != nil {
			return 0, err
		}
		if err := stillHeld(ctx, tx, row); err != nil {
			return 0, err
		}
		set := tx.Ent().Simulation.UpdateOneID(row.ID).SetBeatAt(tx.Now())
		if err := fn(ctx, tx, set); err != nil {
			return 0, err
		}
		return 0, set.Exec(ctx)
	})
	return err
}

// recount puts what was computed in the place of a conversion's commissions.
func (s *Service) recount(ctx context.Context, w *work, sim *ent.Simulation, found []*ent.SimulationDifference) error {
	terms, err := termsNamed(ctx, w.tx, *sim.PlanVersionID)
	if err != nil {
		return err
	}
	stages, err := w.holdPeriods(ctx, terms, found)
	if err != nil {
		return err
	}
	if err := s.lockDecided(ctx, w, stages...); err != nil {
		return err
	}
	was, before := map[string]*ent.Commission{}, w.credited()
	for _, c := range slices.Concat(w.commissions, w.levels) {
		was[c.ID] = c
		if err := w.supersede(ctx, c); err != nil {
			return err
		}
	}
	w.commissions, w.levels, w.why = nil, nil, ledger.Cause{ID: sim.ID}
	slices.SortStableFunc(found, func(a, b *ent.SimulationDifference) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), boolCompare(a.CommissionID == nil, b.CommissionID == nil), cmp.Compare(deref(a.CommissionID), deref(b.CommissionID)))
	})
	for _, d := range found {
		if d.CommissionKind == simulationdifference.CommissionKindTIER {
			continue // it follows its period
		}
		if err := s.recountOne(ctx, w, sim, d, was[deref(d.CommissionID)], terms); err != nil {
			return err
		}
	}
	if err := s.endStages(ctx, w, sim, stages, terms); err != nil {
		return err
	}
	return s.told(ctx, w, before, found)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// supersede takes a commission out of the layers. Nothing is left of it: what was is
// the new one's.
func (w *work) supersede(ctx context.Context, c *ent.Commission) error {
	return w.tx.Ent().Commission.UpdateOne(c).SetSupersededAt(w.tx.MerchantTime()).SetReversedMinor(c.AmountMinor).SetAbsorbedMinor(0).
		SetStatus(commission.StatusREVERSED).SetReason(causeRecount).Exec(ctx)
}

// recountOne makes the new commission, if anything is earned, and posts by how much it
// differs from the old: of what was accrued, and of what was taken back of that.
func (s *Service) recountOne(ctx context.Context, w *work, sim *ent.Simulation, d *ent.SimulationDifference, was *ent.Commission, terms plan.Version) error {
	c := was
	var now *ent.Commission
	if d.AfterMinor != 0 {
		var err error
		if now, err = w.anew(ctx, d, was, terms); err != nil {
			return err
		}
		w.keep(now)
		if err := w.tx.Ent().SimulationDifference.UpdateOneID(d.ID).SetNewCommissionID(now.ID).Exec(ctx); err != nil {
			return err
		}
		c = now
	}
	if c == nil {
		return nil
	}
	if err := s.postInPlace(ctx, w, sim.ID, was, now); err != nil || d.BeforeMinor == d.AfterMinor && d.BeforeLeftMinor == d.AfterLeftMinor {
		return err
	}
	emitCommission(w.tx, w.program, eventRecount, c, d.AfterLeftMinor-d.BeforeLeftMinor, canon.Facts{
		"from": string(account(c)), "before": minor(d.BeforeLeftMinor), "after": minor(d.AfterLeftMinor), "simulation_id": sim.ID, "cause": causeRecount,
	})
	return nil
}

// anew makes the commission that takes the place of another; one that takes nobody's is
// on hold as if it had been accrued when it happened.
func (w *work) anew(ctx context.Context, d *ent.SimulationDifference, was *ent.Commission, terms plan.Version) (*ent.Commission, error) {
	base, trace, err := computed(d, terms)
	if err != nil {
		return nil, err
	}
	make, err := w.beginning(ctx, d, was, terms)
	if err != nil {
		return nil, err
	}
	status := commission.StatusPENDING
	switch {
	case d.AfterLeftMinor == 0:
		status = commission.StatusREVERSED
	case was != nil:
		status = account(was)
	}
	tier := ""
	if d.CommissionKind == simulationdifference.CommissionKindCONVERSION {
		tier = standingOf(terms)
	}
	return make.SetPlanVersionID(terms.ID).SetKind(commission.Kind(d.CommissionKind)).SetLevel(d.Level).SetSellerID(d.SellerID).SetWaits(d.Waits).
		SetBaseMinor(base).SetReversedMinor(d.AfterMinor - d.AfterLeftMinor).SetAbsorbedMinor(d.AbsorbedMinor).
		SetEarnedAt(w.sale.OccurredAt).SetTier(tier).SetTrace(trace).SetStatus(status).Save(ctx)
}

// beginning begins the commission in the place of another, or of its own.
func (w *work) beginning(ctx context.Context, d *ent.SimulationDifference, was *ent.Commission, terms plan.Version) (*ent.CommissionCreate, error) {
	if was != nil {
		return w.inPlace(was, d.AfterMinor)
	}
	credit, err := w.tx.Ent().Attribution.Query().Where(attribution.ConversionID(w.sale.ID), attribution.AffiliateID(cmp.Or(d.SellerID, *d.AffiliateID))).
		Order(ent.Desc(attribution.FieldRevision)).FirstID(ctx)
	if err != nil {
		return nil, err
	}
	amount := money.Of(d.AfterMinor, d.Currency)
	x, err := w.exchange(ctx, *d.AffiliateID, amount, w.sale.OccurredAt)
	if err != nil {
		return nil, err
	}
	due, agreed := w.heldUntil(terms)
	return x.keep(w.tx.Ent().Commission.Create().SetID(w.tx.ID(id.Commission)).SetConversionID(w.sale.ID).SetProgramID(w.sale.ProgramID).SetAffiliateID(*d.AffiliateID).
		SetCurrency(d.Currency).SetAmountMinor(d.AfterMinor).SetAttributionID(credit).SetNillableDueAt(due).SetNillableAgreedAt(agreed)), nil
}

// computed gives a difference's base and trace, as made by the version that its terms
// have become.
func computed(d *ent.SimulationDifference, terms plan.Version) (base int64, trace []byte, err error) {
	if d.CommissionKind == simulationdifference.CommissionKindOVERRIDE {
		t, err := levels.DecodeTrace(d.Trace)
		for _, l := range t.Sale.Lines {
			base += l.Base
		}
		return base, d.Trace, err
	}
	t, err := plan.DecodeTrace(d.Trace)
	t.VersionID, t.Number = terms.ID, terms.Number
	return baseOf(plan.Result{Lines: t.Lines}), t.Encode(), err
}

// told marks and says whose the conversion is now, when that is somebody else's.
func (s *Service) told(ctx context.Context, w *work, before string, found []*ent.SimulationDifference) error {
	now := w.credited()
	if now == before {
		return nil
	}
	reason := ""
	if now == "" {
		reason = reasonZeroAmount
		if t, err := plan.DecodeTrace(found[0].Trace); err == nil && t.Reason != plan.ReasonNone {
			reason = string(t.Reason)
		}
	}
	if err := s.mark(ctx, w, ratingOf(reason), reason); err != nil {
		return err
	}
	w.tellMoved(before, causeRecount)
	return nil
}
