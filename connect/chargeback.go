package connect

import (
	"context"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/track"
)

// chargeBack opens a chargeback and ends it if it has ended: whoever tells of the end
// first has told of the beginning too. Both are known by their id.
func (s *Service) chargeBack(ctx context.Context, row *ent.Integration, orderID string, c Chargeback) error {
	sale, err := s.sale(ctx, row, orderID)
	if err != nil {
		return err
	}
	r := c.Refund
	r.Source, r.ProgramID, r.SourceScope, r.OrderExternalID = sourceOf(row), row.ProgramID, row.OrderScope, orderID
	if sale == nil || !refunded(sale, r.ExternalID) {
		if _, err := s.earn.ChargebackOpen(ctx, earn.ChargebackInput{Refund: r}); err != nil {
			return err
		}
	}
	if c.EndedAt.IsZero() {
		return nil
	}
	_, err = s.earn.ChargebackEnd(ctx, track.Ending{
		SourceScope: row.OrderScope, ProgramID: row.ProgramID, OrderExternalID: orderID,
		ExternalID: r.ExternalID, OccurredAt: c.EndedAt, Won: c.Won,
	})
	return err
}
