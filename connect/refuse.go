package connect

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/store"
)

// Reasons of messages that are not proven: anyone may have sent them. Their
// receipts are pruned by themselves, so that a flood of them does not push out
// what the shop really said and was refused for.
const (
	reasonSignature = "WRONG_SIGNATURE"
	reasonTooLarge  = "TOO_LARGE"
)

// refuse keeps the beginning of a refused message and prunes older ones.
//
// One at a time: anyone who knows the address can make us write, and must not take
// the database's connections from those who are proven. It also keeps two refusals
// from pruning past each other; another server may leave a few too many until the
// next refusal.
func (s *Service) refuse(ctx context.Context, d delivery, v verdict) (string, error) {
	select {
	case s.keeping <- struct{}{}:
		defer func() { <-s.keeping }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return store.Run(ctx, s.store, receiving, func(ctx context.Context, tx *store.Tx) (string, error) {
		receiptID, err := s.keepIn(ctx, tx, d, "", v)
		if err != nil {
			return "", err
		}
		return receiptID, prune(ctx, tx, d.row, v.reason)
	})
}

// prune deletes refused receipts beyond the newest hundred of their kind. Those that
// were read and then refused are not among them: only the shop can send them.
func prune(ctx context.Context, tx *store.Tx, row *ent.Integration, reason string) error {
	kind := webhookreceipt.ReasonNotIn(reasonSignature, reasonTooLarge)
	if reason == reasonSignature || reason == reasonTooLarge {
		kind = webhookreceipt.ReasonIn(reasonSignature, reasonTooLarge)
	}
	old, err := tx.Ent().WebhookReceipt.Query().
		Where(webhookreceipt.IntegrationID(row.ID), webhookreceipt.StatusEQ(webhookreceipt.StatusREFUSED), webhookreceipt.BusinessKey(""), kind).
		Order(ent.Desc(webhookreceipt.FieldCreatedAt, webhookreceipt.FieldID)).
		Offset(maxRefused).Limit(maxRefused).IDs(ctx)
	if err != nil || len(old) == 0 {
		return err
	}
	_, err = tx.Ent().WebhookReceipt.Delete().Where(webhookreceipt.IDIn(old...)).Exec(ctx)
	return err
}
