package earn

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
)

// Recovery says who bears what is given back of commission that was paid out (Q02).
// What was not paid out is always taken back.
type Recovery struct {
	Mode planversion.Recovery // empty: RECOVER, the affiliate, out of what it earns next
	Days int                  // for RECOVER_WITHIN, 1 to 400: from the event until the merchant bears it
}

const maxRecoveryDays = 400

func (r Recovery) faults() []*problem.Error {
	within := r.Mode == planversion.RecoveryRECOVER_WITHIN
	switch {
	case r.Mode != "" && planversion.RecoveryValidator(r.Mode) != nil:
		return []*problem.Error{problem.At(problem.Invalid, "recovery.kind", "must be RECOVER, ABSORB or RECOVER_WITHIN")}
	case within && (r.Days < 1 || r.Days > maxRecoveryDays), !within && r.Days != 0:
		return []*problem.Error{problem.At(problem.Invalid, "recovery.days", "must be from 1 to %d, and belongs to RECOVER_WITHIN", maxRecoveryDays)}
	}
	return nil
}

// absorbs reports whether the merchant bears what is to be taken back of a commission
// now: by its terms, and because a payout took it.
func (s *Service) absorbs(ctx context.Context, w *work, c *ent.Commission) (bool, error) {
	if held(c) || c.PlanVersionID == nil {
		return false, nil
	}
	v, err := w.tx.Ent().PlanVersion.Get(ctx, *c.PlanVersionID)
	if err != nil {
		return false, err
	}
	end := c.EarnedAt.Add(time.Duration(v.RecoveryDays) * 24 * time.Hour)
	switch {
	case v.Recovery == planversion.RecoveryRECOVER, v.Recovery == planversion.RecoveryRECOVER_WITHIN && w.tx.MerchantTime().Before(end):
		return false, nil
	}
	return s.ledger.PaidOut(ctx, w.tx, booked(c), c.AffiliateID, bookCurrency(c))
}

// bear lets the merchant bear what is due of a commission, and lets it off first when
// something is given again. It gives what is left to be posted.
func (s *Service) bear(ctx context.Context, w *work, row **ent.Commission, due int64, cause string) (rest int64, err error) {
	c := *row
	var more int64
	if due < 0 {
		more = -min(-due, c.AbsorbedMinor)
	} else if absorbs, err := s.absorbs(ctx, w, c); err != nil {
		return 0, err
	} else if absorbs {
		more = due
	}
	if more == 0 {
		return due, nil
	}
	*row, err = w.tx.Ent().Commission.UpdateOne(c).SetAbsorbedMinor(c.AbsorbedMinor + more).Save(ctx)
	if err != nil {
		return 0, err
	}
	emitCommission(w.tx, w.program, eventAbsorbed, c, more, canon.Facts{"cause": cause})
	return due - more, nil
}
