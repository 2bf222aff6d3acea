package earn

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/trust"
)

// reasonArchived is why a commission that waited is rejected: there is nobody left to
// wait for.
const reasonArchived = "AFFILIATE_ARCHIVED"

// resumeWaiting lets commissions go on that terms held for one of an upline who was
// not active in the program and is now: from here on they are approved like any
// other. Those of affiliates who were archived are rejected. Of every merchant, at
// most limit of them.
func (s *Service) resumeWaiting(ctx context.Context, limit int) error {
	found, err := s.store.DoorWaitingCommissions(ctx, limit)
	if err != nil {
		return err
	}
	for _, batch := range batches(found) {
		ids := make([]string, len(batch))
		for i, d := range batch {
			ids[i] = d.CommissionID
		}
		// The system is the viewer: the schedule acts for nobody.
		ctx := trust.With(ctx, trust.System(batch[0].MerchantID))
		_, err := store.Run(ctx, s.store, store.Command{Name: "commissionResume"}, func(ctx context.Context, tx *store.Tx) (int, error) {
			rows, err := lockCommissions(ctx, tx, ids)
			for _, id := range ids {
				if c := rows[id]; err == nil && c != nil && c.Waits && c.Status == commission.StatusPENDING {
					err = s.resume(ctx, tx, c)
				}
			}
			return len(rows), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// resume looks again, under the lock, how the affiliate stands.
func (s *Service) resume(ctx context.Context, tx *store.Tx, c *ent.Commission) error {
	who, err := tx.Ent().Affiliate.Get(ctx, c.AffiliateID)
	if err != nil {
		return err
	}
	survivor, err := roster.Survivor(ctx, tx.Ent(), c.AffiliateID)
	if err != nil {
		return err
	}
	if survivor != c.AffiliateID {
		if who, err = tx.Ent().Affiliate.Get(ctx, survivor); err != nil {
			return err
		}
	}
	if who.Status == affiliate.StatusARCHIVED {
		return s.reject(ctx, tx, c, reasonArchived)
	}
	in, err := tx.Ent().Enrollment.Query().Where(enrollment.ProgramID(c.ProgramID), enrollment.AffiliateID(survivor), enrollment.StatusEQ(enrollment.StatusACTIVE)).Exist(ctx)
	if err != nil || !in || who.Status != affiliate.StatusACTIVE {
		return err
	}
	tx.Note(c.ID, map[string]string{"waits": "true → false"})
	return tx.Ent().Commission.UpdateOne(c).SetWaits(false).Exec(ctx)
}
