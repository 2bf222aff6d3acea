package earn

import (
	"context"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/store"
)

// A hold is counted from the event, or from approval (Q63). From approval, a
// commission that is approved stays pending, with when it was approved and when its
// hold ends, and the schedule makes it payable then: what a payout may take stays the
// payable balance alone.

// heldUntil gives when the hold of what is accrued now ends, nil when it has not
// begun, and when it was approved, where terms approve at once.
func (w *work) heldUntil(v plan.Version) (due, agreed *time.Time) {
	if v.HoldFrom != plan.FromApproval {
		end := v.HoldUntil(w.sale.OccurredAt)
		return &end, nil
	}
	if !v.AutoApprove {
		return nil, nil
	}
	now := w.tx.MerchantTime()
	end := v.HoldUntil(now)
	return &end, &now
}

// agree begins the hold of a commission that is approved and whose hold is counted
// from that, and reports whether it has to wait.
func (s *Service) agree(ctx context.Context, tx *store.Tx, p *ent.Program, c *ent.Commission) (later bool, err error) {
	if c.DueAt != nil || c.PlanVersionID == nil {
		return false, nil
	}
	row, err := tx.Ent().PlanVersion.Get(ctx, *c.PlanVersionID)
	if err != nil || row.HoldDays == 0 {
		return false, err
	}
	now := tx.MerchantTime()
	after, err := tx.Ent().Commission.UpdateOne(c).SetAgreedAt(now).SetDueAt(plan.Version{HoldDays: row.HoldDays}.HoldUntil(now)).Save(ctx)
	if err != nil {
		return false, err
	}
	emitCommission(tx, p, eventAgreed, after, after.AmountMinor-after.ReversedMinor, dueOf(after))
	return true, nil
}

// dueOf says when the hold ends, where it has begun.
func dueOf(c *ent.Commission) canon.Facts {
	facts := canon.Facts{}
	if c.DueAt != nil {
		facts["due_at"] = stampOf(*c.DueAt)
	}
	if c.Kind != commission.KindCONVERSION {
		facts["kind"] = string(c.Kind)
	}
	return facts
}
