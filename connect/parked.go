package connect

import (
	"context"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

const (
	// parkedFor is how long a refund waits for its order (Q12). An order from before
	// the shop was connected never comes.
	parkedFor = 30 * 24 * time.Hour

	reasonWaits   = "ORDER_UNKNOWN"
	reasonExpired = "ORDER_NEVER_CAME"
	parkedPage    = 100
)

// waitKey names an order that messages of an integration wait for.
func waitKey(row *ent.Integration, orderID string) string { return row.ID + "/" + clean(orderID, 160) }

// release applies what waits for an order, under any of its ids, if it is there by now.
//
// It is called after every receipt, that of a refund too: a refund that is parked
// while its order is being accepted would otherwise be missed by both, the order's
// message looking before the refund's receipt is stored. One of the two commits
// last, and looks after both have. What fails here waits for ApplyParked.
func (s *Service) release(ctx context.Context, row *ent.Integration, orderIDs ...string) {
	keys := []string{}
	for _, one := range orderIDs {
		if one != "" {
			keys = append(keys, waitKey(row, one))
		}
	}
	if len(keys) == 0 {
		return
	}
	waiting, err := s.store.Client().WebhookReceipt.Query().
		Where(webhookreceipt.WaitsForIn(keys...), webhookreceipt.StatusEQ(webhookreceipt.StatusPARKED)).
		Order(ent.Asc(webhookreceipt.FieldID)).Limit(parkedPage).All(ctx)
	for _, r := range waiting {
		if err == nil {
			_, err = s.reapply(ctx, row, r)
		}
	}
	if err != nil {
		s.store.Log().WarnContext(ctx, "a parked webhook stays parked", "integration", row.ID, "error", err)
	}
}

// ApplyParked applies parked messages whose order has come by another way, such as
// an import, and gives up those that have waited for thirty days. It works for all
// merchants and is meant to run every few minutes. It returns how many messages
// have ceased to wait; what fails stays parked.
func (s *Service) ApplyParked(ctx context.Context) (int, error) {
	merchants, err := s.store.DoorMerchants(ctx)
	done := 0
	for _, m := range merchants {
		if err != nil {
			break
		}
		var n int
		n, err = s.applyParkedOf(trust.With(ctx, trust.System(m)))
		done += n
	}
	return done, err
}

func (s *Service) applyParkedOf(ctx context.Context) (done int, err error) {
	for after := ""; ; {
		page, err := s.store.Client().WebhookReceipt.Query().
			Where(webhookreceipt.WaitsForNotNil(), webhookreceipt.StatusEQ(webhookreceipt.StatusPARKED), webhookreceipt.IDGT(after)).
			Order(ent.Asc(webhookreceipt.FieldID)).Limit(parkedPage).WithIntegration().All(ctx)
		if err != nil {
			return done, err
		}
		for _, r := range page {
			after = r.ID
			row := r.Edges.Integration
			moved, err := s.reapply(trust.With(ctx, asShop(row)), row, r)
			if err != nil {
				return done, err
			}
			if moved {
				done++
			}
		}
		if len(page) < parkedPage {
			return done, nil
		}
	}
}

// reapply reads a parked message again and does what it asks for, if it can be done
// now. It reports whether the message has ceased to wait.
func (s *Service) reapply(ctx context.Context, row *ent.Integration, r *ent.WebhookReceipt) (bool, error) {
	v, err := s.again(ctx, row, r)
	if err != nil {
		return false, err
	}
	if v.status == webhookreceipt.StatusPARKED {
		if s.store.Now().Sub(r.CreatedAt) < parkedFor {
			return false, nil
		}
		v = ignored(reasonExpired)
	}
	return true, s.settleReceipt(ctx, r, v)
}

func (s *Service) again(ctx context.Context, row *ent.Integration, r *ent.WebhookReceipt) (verdict, error) {
	provider := s.providers[string(row.Provider)]
	if provider == nil || row.Status != integration.StatusACTIVE {
		return verdict{status: webhookreceipt.StatusPARKED}, nil
	}
	raw, err := s.store.Keys().Open(r.BodySealed, bodyPlace(r.MerchantID, r.ID))
	if err != nil {
		return verdict{}, err
	}
	msg, err := provider.Message(r.Topic, raw)
	if err != nil {
		return refusal(err), nil
	}
	return s.apply(ctx, row, msg)
}

// settleReceipt writes what became of a parked message. A message that two servers
// apply at once has one effect and ends as the same receipt.
func (s *Service) settleReceipt(ctx context.Context, r *ent.WebhookReceipt, v verdict) error {
	_, err := store.Run(ctx, s.store, receiving, func(ctx context.Context, tx *store.Tx) (int, error) {
		return tx.Ent().WebhookReceipt.Update().
			Where(webhookreceipt.ID(r.ID), webhookreceipt.StatusEQ(webhookreceipt.StatusPARKED)).
			SetStatus(v.status).SetReason(clean(strings.TrimSpace(v.reason), maxReason)).ClearWaitsFor().Save(ctx)
	})
	return err
}
