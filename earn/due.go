package earn

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// ApproveDue approves pending commissions whose hold has ended, under plan
// versions that approve by themselves and of affiliates who are active, of every
// merchant, at most limit of them, the longest due first. It gives how many it
// approved. The commissions of an affiliate who is not active wait for a person, those
// that terms hold for an upline until it is back (see resumeWaiting).
func (s *Service) ApproveDue(ctx context.Context, limit int) (int, error) {
	if err := s.resumeWaiting(ctx, limit); err != nil {
		return 0, err
	}
	due, err := s.store.DoorDueCommissions(ctx, s.store.Now(), limit)
	if err != nil {
		return 0, err
	}
	approved, err := s.approveAll(ctx, due)
	for _, sandbox := range s.store.MerchantsAhead() {
		if err != nil || approved >= limit {
			break
		}
		var more int
		more, err = s.ApproveDueOf(ctx, sandbox, limit-approved)
		approved += more
	}
	return approved, err
}

// ApproveDueOf is ApproveDue of one merchant, by its own clock.
func (s *Service) ApproveDueOf(ctx context.Context, merchantID string, limit int) (int, error) {
	due, err := s.store.DoorDueCommissionsOf(ctx, merchantID, s.store.MerchantTimeOf(merchantID), limit)
	if err != nil {
		return 0, err
	}
	return s.approveAll(ctx, due)
}

func (s *Service) approveAll(ctx context.Context, due []store.DueCommission) (approved int, err error) {
	for _, batch := range batches(due) {
		n, err := s.approveBatch(ctx, batch)
		if err != nil {
			return approved, err
		}
		approved += n
	}
	return approved, nil
}

// batches groups by merchant, MaxApprovals at most in each.
func batches(due []store.DueCommission) [][]store.DueCommission {
	var all [][]store.DueCommission
	open := map[string]int{}
	for _, d := range due {
		i, ok := open[d.MerchantID]
		if !ok || len(all[i]) == MaxApprovals {
			i = len(all)
			all = append(all, nil)
			open[d.MerchantID] = i
		}
		all[i] = append(all[i], d)
	}
	return all
}

// approveBatch approves what is still pending under the locks. The system is the
// viewer: the schedule acts for nobody.
func (s *Service) approveBatch(ctx context.Context, batch []store.DueCommission) (int, error) {
	ids := make([]string, len(batch))
	for i, d := range batch {
		ids[i] = d.CommissionID
	}
	ctx = trust.With(ctx, trust.System(batch[0].MerchantID))
	return store.Run(ctx, s.store, store.Command{Name: "commissionApproveDue"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		rows, err := lockCommissions(ctx, tx, ids)
		if err != nil {
			return 0, err
		}
		pending := map[string]*ent.Commission{}
		for id, c := range rows {
			if c.Status == commission.StatusPENDING && !c.RateMissing {
				pending[id] = c
			}
		}
		return len(pending), s.approveIn(ctx, tx, pending)
	})
}
