package webhook

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/webhookendpoint"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// UpdateInput changes an endpoint. What is nil stays.
type UpdateInput struct {
	ID              string
	ExpectedVersion int // the version the caller has seen; 0 for any
	URL, Name       *string
	Types           []string // replaces those before unless nil
	Ordering        *string
	ProgramID       *string // "" for everything
	AffiliateID     *string // "" for everything
	Enabled         *bool
}

// Update changes an endpoint. One that is enabled again begins anew: what it missed
// can be redelivered. Errors: FORBIDDEN, INVALID, TOO_LARGE and NOT_FOUND with their
// field, CONFLICT expectedVersion.
func (s *Service) Update(ctx context.Context, in UpdateInput) (EndpointOutcome, error) {
	if err := mayListen(ctx); err != nil {
		return EndpointOutcome{}, err
	}
	return s.edit(ctx, "webhookEndpointUpdate", in.ID, in.ExpectedVersion, func(ctx context.Context, tx *store.Tx, row *ent.WebhookEndpoint) error {
		up := tx.Ent().WebhookEndpoint.UpdateOneID(row.ID)
		if err := s.change(ctx, tx, up, row, in); err != nil {
			return err
		}
		if len(up.Mutation().Fields())+len(up.Mutation().ClearedFields()) == 0 {
			return nil
		}
		return up.Exec(ctx)
	})
}

func (s *Service) change(ctx context.Context, tx *store.Tx, up *ent.WebhookEndpointUpdateOne, row *ent.WebhookEndpoint, in UpdateInput) error {
	if err := s.changeAddress(up, row, in); err != nil {
		return err
	}
	if in.Types != nil {
		types, err := checkTypes(in.Types)
		if err != nil {
			return err
		}
		up.SetTypes(types)
	}
	if in.Ordering != nil {
		if err := checkOrdering(*in.Ordering); err != nil {
			return err
		}
		up.SetOrdering(webhookendpoint.Ordering(*in.Ordering))
	}
	if in.Enabled != nil && *in.Enabled != (row.Status == webhookendpoint.StatusENABLED) {
		switchTo(up, tx.Now(), *in.Enabled)
	}
	return changeFilters(ctx, tx, up, in)
}

func (s *Service) changeAddress(up *ent.WebhookEndpointUpdateOne, row *ent.WebhookEndpoint, in UpdateInput) error {
	if in.Name != nil {
		if err := checkName(*in.Name); err != nil {
			return err
		}
		up.SetName(*in.Name)
	}
	if in.URL == nil {
		return nil
	}
	host, err := s.checkURL(*in.URL)
	if err != nil {
		return err
	}
	sealed, err := s.seal(row, columnURL, []byte(*in.URL))
	if err == nil {
		up.SetHost(host).SetURLSealed(sealed)
	}
	return err
}

func switchTo(up *ent.WebhookEndpointUpdateOne, now time.Time, enabled bool) {
	if enabled {
		up.SetStatus(webhookendpoint.StatusENABLED).ClearReason().ClearDisabledAt().ClearFailingSince().ClearPausedUntil()
		return
	}
	up.SetStatus(webhookendpoint.StatusDISABLED).SetReason(webhookendpoint.ReasonBY_HAND).SetDisabledAt(now)
}

func changeFilters(ctx context.Context, tx *store.Tx, up *ent.WebhookEndpointUpdateOne, in UpdateInput) error {
	if err := meets(ctx, tx, value(in.ProgramID), value(in.AffiliateID)); err != nil {
		return err
	}
	if in.ProgramID != nil && *in.ProgramID == "" {
		up.ClearProgramID()
	} else if in.ProgramID != nil {
		up.SetProgramID(*in.ProgramID)
	}
	if in.AffiliateID != nil && *in.AffiliateID == "" {
		up.ClearAffiliateID()
	} else if in.AffiliateID != nil {
		up.SetAffiliateID(*in.AffiliateID)
	}
	return nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Delete ends an endpoint: nothing is sent any more, its address and secrets are
// gone. What was delivered can still be seen. Errors: NOT_FOUND id, CONFLICT.
func (s *Service) Delete(ctx context.Context, endpointID string, expected int) (EndpointOutcome, error) {
	return s.end(ctx, "webhookEndpointDelete", endpointID, expected)
}

func (s *Service) end(ctx context.Context, command, endpointID string, expected int) (EndpointOutcome, error) {
	return s.edit(ctx, command, endpointID, expected, func(ctx context.Context, tx *store.Tx, row *ent.WebhookEndpoint) error {
		return tx.Ent().WebhookEndpoint.UpdateOneID(row.ID).SetStatus(webhookendpoint.StatusDELETED).SetDisabledAt(tx.Now()).
			ClearURLSealed().ClearSecretSealed().ClearPriorSecretSealed().ClearPriorUntil().Exec(ctx)
	})
}

// edit runs fn on an endpoint that is not deleted, under its lock: without it, two
// rotations at once would both keep the same secret as the one before.
func (s *Service) edit(ctx context.Context, command, endpointID string, expected int, fn func(context.Context, *store.Tx, *ent.WebhookEndpoint) error) (EndpointOutcome, error) {
	return store.Run(ctx, s.store, store.Command{Name: command, Subject: endpointID}, func(ctx context.Context, tx *store.Tx) (EndpointOutcome, error) {
		if err := tx.Lock(ctx, "webhook_endpoints", endpointID); err != nil {
			return EndpointOutcome{}, err
		}
		row, err := tx.Ent().WebhookEndpoint.Get(ctx, endpointID)
		switch {
		case ent.IsNotFound(err) || err == nil && row.Status == webhookendpoint.StatusDELETED:
			return EndpointOutcome{}, problem.At(problem.NotFound, "id", "the endpoint was not found")
		case err != nil:
			return EndpointOutcome{}, err
		case expected != 0 && expected != row.Version:
			return EndpointOutcome{}, problem.At(problem.Conflict, "expectedVersion", "the endpoint has changed since; its version is %d", row.Version)
		}
		return EndpointOutcome{EndpointID: row.ID}, fn(ctx, tx, row)
	})
}
