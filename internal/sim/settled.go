package sim

import (
	"context"
	"time"
)

// Settled waits until the server has worked off what the shop has sent.
func (w *World) Settled(ctx context.Context) error {
	for {
		var out struct {
			WebhookReceipts struct{ Edges []struct{} }
		}
		if err := w.Client.Do(ctx, `{ webhookReceipts(status: RECEIVED, first: 1) { edges { node { id } } } }`, nil, &out); err != nil {
			return err
		}
		if len(out.WebhookReceipts.Edges) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
