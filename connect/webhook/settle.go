package webhook

import (
	"context"
	"errors"
	"net/http"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/webhookendpoint"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// settle writes what came of tries, and disables endpoints that are gone or have
// failed for too long. If the server is lost between the two, the next failure
// disables them.
func (s *Service) settle(ctx context.Context, group []store.SettledDelivery) error {
	ctx = context.WithoutCancel(ctx)
	if err := s.store.DoorSettleWebhooks(ctx, group); err != nil {
		return err
	}
	var failed error
	for e, reason := range s.condemned(group) {
		failed = errors.Join(failed, s.disable(ctx, e, reason))
	}
	if failed != nil { // of what is written; the next failure says it again
		s.store.Log().Warn("a webhook endpoint could not be disabled", "error", failed)
	}
	return nil
}

// condemned are the endpoints to disable, and why.
func (s *Service) condemned(group []store.SettledDelivery) map[*store.ClaimedEndpoint]webhookendpoint.Reason {
	all, now := map[*store.ClaimedEndpoint]webhookendpoint.Reason{}, s.store.Now()
	for _, d := range group {
		switch e := d.Endpoint; {
		case d.HTTP == http.StatusGone:
			all[e] = webhookendpoint.ReasonGONE
		case d.Error != "" && !d.Undone && e.FailingSince != nil && now.Sub(*e.FailingSince) >= failing && all[e] == "":
			all[e] = webhookendpoint.ReasonFAILING
		}
	}
	return all
}

// disable stops an endpoint and tells of it, by an event and by letters to the
// merchant's owners. A tool that subscribed by itself has unsubscribed by saying
// that its address is gone.
func (s *Service) disable(ctx context.Context, e *store.ClaimedEndpoint, reason webhookendpoint.Reason) error {
	ctx = trust.With(ctx, trust.System(e.MerchantID))
	_, err := store.Run(ctx, s.store, store.Command{Name: "webhookEndpointDisable", Subject: e.ID}, func(ctx context.Context, tx *store.Tx) (EndpointOutcome, error) {
		if err := tx.Lock(ctx, "webhook_endpoints", e.ID); err != nil {
			return EndpointOutcome{}, err
		}
		row, err := tx.Ent().WebhookEndpoint.Get(ctx, e.ID)
		if err != nil || row.Status != webhookendpoint.StatusENABLED || reason == webhookendpoint.ReasonFAILING && row.FailingSince == nil {
			return EndpointOutcome{}, err // somebody was quicker, or it works again
		}
		up := tx.Ent().WebhookEndpoint.UpdateOneID(e.ID).SetReason(reason).SetDisabledAt(tx.Now())
		if reason == webhookendpoint.ReasonGONE && row.Origin == webhookendpoint.OriginREST_HOOK {
			return EndpointOutcome{}, up.SetStatus(webhookendpoint.StatusDELETED).ClearURLSealed().ClearSecretSealed().ClearPriorSecretSealed().Exec(ctx)
		}
		tx.Emit(store.Event{Type: typeDisabled, Subject: e.ID, ProgramID: value(row.ProgramID), Facts: canon.Facts{"reason": string(reason), "host": row.Host}})
		return EndpointOutcome{}, errors.Join(up.SetStatus(webhookendpoint.StatusDISABLED).Exec(ctx), s.leaveLetter(ctx, tx, row))
	})
	return err
}

// jobDisabled writes to the owners of the merchant; its subject is the endpoint.
const jobDisabled = "webhook_disabled"

func (s *Service) leaveLetter(ctx context.Context, tx *store.Tx, row *ent.WebhookEndpoint) error {
	return s.desk.Leave(ctx, tx, queue.Job{Kind: jobDisabled, Merchant: row.MerchantID, Subject: row.ID})
}
