package webhook

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/webhookdelivery"
	"github.com/tributary/tributary/ent/webhookendpoint"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// againAtOnce is how many deliveries one command leaves to be sent anew.
const againAtOnce = 5000

// AgainInput names a delivery, or those of an endpoint that were made in a time.
type AgainInput struct {
	DeliveryID string
	EndpointID string
	From, To   time.Time // from From until before To
	Delivered  bool      // those as well that arrived
}

// AgainOutcome is what is sent anew.
type AgainOutcome struct {
	EndpointID string
	Count      int
	More       bool // there may be more of that time: ask again
}

// Redeliver sends deliveries anew, under the ids they have, with all their tries.
// Errors: NOT_FOUND deliveryId or endpointId, INVALID for a time that is none,
// WRONG_STATE for an endpoint that is not enabled.
func (s *Service) Redeliver(ctx context.Context, in AgainInput) (AgainOutcome, error) {
	if err := in.check(); err != nil {
		return AgainOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "webhookRedeliver"}, func(ctx context.Context, tx *store.Tx) (AgainOutcome, error) {
		field := "endpointId"
		if in.DeliveryID != "" {
			field = "deliveryId"
			row, err := tx.Ent().WebhookDelivery.Query().Where(webhookdelivery.ID(in.DeliveryID)).Only(ctx)
			if ent.IsNotFound(err) {
				return AgainOutcome{}, problem.At(problem.NotFound, field, "the delivery was not found")
			}
			if err != nil {
				return AgainOutcome{}, err
			}
			in.EndpointID = row.EndpointID
		}
		if err := enabled(ctx, tx, in.EndpointID, field); err != nil {
			return AgainOutcome{}, err
		}
		tx.Note(in.EndpointID, in.note())
		n, err := tx.DoorDeliverAgain(ctx, store.Again{
			EndpointID: in.EndpointID, DeliveryID: in.DeliveryID, From: in.From, To: in.To, Delivered: in.Delivered, Limit: againAtOnce,
		})
		tx.AfterCommit(s.nudge)
		return AgainOutcome{EndpointID: in.EndpointID, Count: n, More: n == againAtOnce}, err
	})
}

func (in AgainInput) check() error {
	switch {
	case in.DeliveryID != "" && (in.EndpointID != "" || !in.From.IsZero() || !in.To.IsZero()):
		return problem.At(problem.Invalid, "deliveryId", "stands alone: name a delivery, or an endpoint with from and to")
	case in.DeliveryID != "":
		return nil
	case in.EndpointID == "":
		return problem.At(problem.Invalid, "endpointId", "name an endpoint, or a delivery")
	case in.From.IsZero() || !in.From.Before(in.To):
		return problem.At(problem.Invalid, "to", "must be after from, and both be there")
	}
	return nil
}

func (in AgainInput) note() map[string]string {
	if in.DeliveryID != "" {
		return map[string]string{"delivery": in.DeliveryID}
	}
	return map[string]string{"from": in.From.UTC().Format(time.RFC3339Nano), "to": in.To.UTC().Format(time.RFC3339Nano)}
}

// enabled locks an endpoint to which something is to be sent: without the lock, what
// is left for one that is deleted meanwhile would be marked as on its way.
func enabled(ctx context.Context, tx *store.Tx, endpointID, field string) error {
	if err := tx.Lock(ctx, "webhook_endpoints", endpointID); err != nil {
		return err
	}
	row, err := tx.Ent().WebhookEndpoint.Get(ctx, endpointID)
	switch {
	case ent.IsNotFound(err) || err == nil && row.Status == webhookendpoint.StatusDELETED:
		return problem.At(problem.NotFound, field, "the endpoint was not found")
	case err == nil && row.Status != webhookendpoint.StatusENABLED:
		return problem.At(problem.State, field, "the endpoint is not enabled")
	}
	return err
}

// TestOutcome is the delivery of a test.
type TestOutcome struct{ DeliveryID string }

// Test sends a message that says nothing to an endpoint, by the way that all go.
// Errors: NOT_FOUND id, WRONG_STATE for an endpoint that is not enabled.
func (s *Service) Test(ctx context.Context, endpointID string) (TestOutcome, error) {
	return store.Run(ctx, s.store, store.Command{Name: "webhookEndpointTest", Subject: endpointID}, func(ctx context.Context, tx *store.Tx) (TestOutcome, error) {
		if err := enabled(ctx, tx, endpointID, "id"); err != nil {
			return TestOutcome{}, err
		}
		d := store.NewDelivery{ID: tx.ID(id.Delivery), Type: typeTest, Subject: endpointID}
		tx.AfterCommit(s.nudge)
		return TestOutcome{d.ID}, tx.DoorDeliver(ctx, endpointID, false, []store.NewDelivery{d})
	})
}
