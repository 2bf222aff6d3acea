package webhook

import (
	"context"
	"slices"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/webhookendpoint"
	"github.com/tributary/tributary/internal/store"
)

// missedFor is how long what an endpoint misses is written down for it after it was
// disabled, so that it can be sent once it is mended.
const missedFor = 30 * 24 * time.Hour

// Follower makes the deliveries of events.
func (s *Service) Follower() store.Follower { return store.Follower{Name: "webhooks", Apply: s.fanOut} }

func (s *Service) fanOut(ctx context.Context, tx *store.Tx, events []store.Event) error {
	endpoints, err := tx.Ent().WebhookEndpoint.Query().Where(webhookendpoint.StatusNEQ(webhookendpoint.StatusDELETED)).
		Order(ent.Asc(webhookendpoint.FieldID)).All(ctx)
	if err != nil || len(endpoints) == 0 {
		return err
	}
	for _, e := range endpoints {
		var meant []store.NewDelivery
		for i := range events {
			if wants(e, &events[i]) {
				meant = append(meant, store.NewDelivery{ID: deliveryID(events[i].ID, e.ID), EventID: events[i].ID, Type: events[i].Type, Subject: events[i].Subject})
			}
		}
		if len(meant) == 0 {
			continue
		}
		if err := tx.DoorDeliver(ctx, e.ID, e.Status != webhookendpoint.StatusENABLED, meant); err != nil {
			return err
		}
	}
	tx.AfterCommit(s.nudge)
	return nil
}

// wants reports whether an endpoint is told of an event: not of what was before it,
// which a follower that lags comes to later.
func wants(e *ent.WebhookEndpoint, of *store.Event) bool {
	switch {
	case of.At.Before(e.CreatedAt):
		return false
	case e.DisabledAt != nil && of.At.After(e.DisabledAt.Add(missedFor)):
		return false
	case e.ProgramID != nil && *e.ProgramID != of.ProgramID, e.AffiliateID != nil && *e.AffiliateID != of.AffiliateID:
		return false
	}
	return len(e.Types) == 0 || slices.Contains(e.Types, of.Type)
}
