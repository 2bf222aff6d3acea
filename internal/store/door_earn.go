package store

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/planversion"
)

// DueCommission names a commission whose hold has ended.
type DueCommission struct{ MerchantID, CommissionID string }

// DoorDueCommissions finds pending commissions due by an instant, under plan
// versions that approve by themselves and of active affiliates, the longest due
// first: for the schedule, which serves all merchants at once and learns from
// here whose turn it is.
func (s *Store) DoorDueCommissions(ctx context.Context, by time.Time, limit int) ([]DueCommission, error) {
	rows, err := s.door.Commission.Query().
		Where(
			commission.StatusEQ(commission.StatusPENDING), commission.DueAtLTE(by),
			commission.HasPlanVersionWith(planversion.AutoApprove(true)),
			commission.HasAffiliateWith(affiliate.StatusEQ(affiliate.StatusACTIVE)),
		).
		Order(ent.Asc(commission.FieldDueAt, commission.FieldID)).Limit(limit).
		Select(commission.FieldID, commission.FieldMerchantID).All(ctx)
	due := make([]DueCommission, len(rows))
	for i, c := range rows {
		due[i] = DueCommission{MerchantID: c.MerchantID, CommissionID: c.ID}
	}
	return due, present(err)
}
