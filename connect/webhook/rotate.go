package webhook

import (
	"bytes"
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// How long the secret before a rotation signs as well.
const (
	priorDefault = 24 * time.Hour
	priorMost    = 30 * 24 * time.Hour
)

// RotateInput gives an endpoint a new secret.
type RotateInput struct {
	ID              string
	ExpectedVersion int            // the version the caller has seen; 0 for any
	Secret          string         // the merchant's own; made when empty
	Keep            *time.Duration // how long the present one signs as well, at most 30 days; a day when nil
}

// RotateSecret sets a new secret. Until the present one's time is over messages are
// signed with both, so that whoever verifies can change over at leisure. Errors:
// INVALID secret or keepSeconds, NOT_FOUND id, CONFLICT expectedVersion.
func (s *Service) RotateSecret(ctx context.Context, in RotateInput) (EndpointOutcome, error) {
	keep := priorDefault
	if in.Keep != nil {
		keep = *in.Keep
	}
	if keep < 0 || keep > priorMost {
		return EndpointOutcome{}, problem.At(problem.Invalid, "keepSeconds", "must be at most 30 days")
	}
	key, err := secretOf(in.Secret)
	if err != nil {
		return EndpointOutcome{}, err
	}
	made := ""
	out, err := s.edit(ctx, "webhookEndpointSecretRotate", in.ID, in.ExpectedVersion, func(ctx context.Context, tx *store.Tx, row *ent.WebhookEndpoint) error {
		made = shown(key)
		return s.rotate(ctx, tx, row, key, keep)
	})
	out.Secret = made
	return out, err
}

func (s *Service) rotate(ctx context.Context, tx *store.Tx, row *ent.WebhookEndpoint, key []byte, keep time.Duration) error {
	before, err := s.store.Keys().Open(row.SecretSealed, endpointPlace(row.MerchantID, row.ID, columnSecret))
	if err != nil {
		return err
	}
	if bytes.Equal(before, key) {
		return problem.At(problem.Invalid, "secret", "is the secret in use")
	}
	now, err := s.seal(row, columnSecret, key)
	if err != nil {
		return err
	}
	prior, err := s.seal(row, columnPrior, before)
	if err != nil {
		return err
	}
	return tx.Ent().WebhookEndpoint.UpdateOneID(row.ID).SetSecretSealed(now).SetPriorSecretSealed(prior).SetPriorUntil(tx.Now().Add(keep)).Exec(ctx)
}
