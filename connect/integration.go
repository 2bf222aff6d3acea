package connect

import (
	"context"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
)

const (
	maxName   = 120
	maxSecret = 512
	maxKey    = 4096
	// priorLife is how long the secret before a rotation is accepted. Shopify signs
	// with it for up to an hour; a day leaves room for deliveries that are retried.
	priorLife = 24 * time.Hour
)

// CreateInput names a shop to connect.
type CreateInput struct {
	ProgramID string
	Provider  string // a name in Config.Providers
	Name      string // 1 to 120 characters
	Secret    string // the shop's signing secret, used as it stands
	// OrderScope sets the shop's order ids apart from another's of the same program
	// (Q48); "" when no other shop's ids may equal them.
	OrderScope string
}

// IntegrationOutcome is the integration.
type IntegrationOutcome struct{ IntegrationID string }

// Create connects a shop that only sends messages, as Connect does without an
// account. Errors: INVALID and TOO_LARGE with their field,
// NOT_FOUND programId, WRONG_STATE for an archived program.
func (s *Service) Create(ctx context.Context, in CreateInput) (IntegrationOutcome, error) {
	if err := checkSecret(in.Secret); err != nil {
		return IntegrationOutcome{}, err
	}
	return s.connect(ctx, "integrationCreate", ConnectInput{ProgramID: in.ProgramID, Provider: in.Provider, Name: in.Name, OrderScope: in.OrderScope, Secret: in.Secret})
}

func checkSecret(secret string) error {
	if secret == "" || len(secret) > maxSecret || strings.TrimSpace(secret) != secret {
		return problem.At(problem.Invalid, "secret", "must have 1 to %d bytes and not begin or end with a space", maxSecret)
	}
	return nil
}

// RotateInput gives an integration a new signing secret.
type RotateInput struct {
	ID              string
	Secret          string
	ExpectedVersion int // the version the caller has seen; 0 for any
}

// RotateSecret sets a new signing secret. The one before is accepted for 24 hours
// more; the one before that no longer. Errors: INVALID secret, NOT_FOUND id,
// CONFLICT expectedVersion, WRONG_STATE for a disabled integration.
func (s *Service) RotateSecret(ctx context.Context, in RotateInput) (IntegrationOutcome, error) {
	if err := checkSecret(in.Secret); err != nil {
		return IntegrationOutcome{}, err
	}
	return s.edit(ctx, "integrationRotateSecret", in.ID, in.ExpectedVersion, func(ctx context.Context, tx *store.Tx, row *ent.Integration) error {
		if row.Status == integration.StatusDISABLED || row.Status == integration.StatusDISCONNECTED {
			return problem.At(problem.State, "id", "the integration is %s", strings.ToLower(string(row.Status)))
		}
		keys := s.store.Keys()
		if len(row.SecretSealed) == 0 {
			return s.firstSecret(ctx, tx, row, in.Secret)
		}
		before, err := keys.Open(row.SecretSealed, secretPlace(row, columnSecret))
		if err != nil {
			return err
		}
		if string(before) == in.Secret {
			return problem.At(problem.Invalid, "secret", "is the secret in use")
		}
		now, prior, err := resealed(keys, row, []byte(in.Secret), before)
		if err != nil {
			return err
		}
		return tx.Ent().Integration.UpdateOneID(row.ID).SetSecretSealed(now).
			SetPriorSecretSealed(prior).SetPriorUntil(tx.Now().Add(priorLife)).Exec(ctx)
	})
}

// firstSecret gives a secret to an integration that had none.
func (s *Service) firstSecret(ctx context.Context, tx *store.Tx, row *ent.Integration, secret string) error {
	up := tx.Ent().Integration.UpdateOneID(row.ID)
	if row.Status == integration.StatusPENDING { // it can receive now
		up.SetStatus(integration.StatusACTIVE)
	}
	if err := s.sealInto(up.Mutation(), row, secret, nil); err != nil {
		return err
	}
	return up.Exec(ctx)
}

// resealed seals each secret for the place it takes.
func resealed(keys *seal.Keyring, row *ent.Integration, secret, before []byte) (now, prior []byte, err error) {
	if now, err = keys.Seal(secret, secretPlace(row, columnSecret)); err != nil {
		return nil, nil, err
	}
	prior, err = keys.Seal(before, secretPlace(row, columnPrior))
	return now, prior, err
}

// DisableInput names an integration to stop.
type DisableInput struct {
	ID              string
	ExpectedVersion int // the version the caller has seen; 0 for any
}

// Disable stops accepting messages: the address answers as if it were not there.
// Parked messages are left alone and are applied when their order comes another
// way. Disabling twice is no error. Errors: NOT_FOUND id, CONFLICT expectedVersion.
func (s *Service) Disable(ctx context.Context, in DisableInput) (IntegrationOutcome, error) {
	return s.edit(ctx, "integrationDisable", in.ID, in.ExpectedVersion, func(ctx context.Context, tx *store.Tx, row *ent.Integration) error {
		if row.Status == integration.StatusDISABLED {
			return nil
		}
		return tx.Ent().Integration.UpdateOneID(row.ID).SetStatus(integration.StatusDISABLED).Exec(ctx)
	})
}

// edit runs fn on the integration under its lock: without it, two rotations at once
// would both keep the same secret as the one before, and one new secret would never
// have been accepted.
func (s *Service) edit(ctx context.Context, command, rowID string, expected int, fn func(context.Context, *store.Tx, *ent.Integration) error) (IntegrationOutcome, error) {
	return store.Run(ctx, s.store, store.Command{Name: command, Subject: rowID}, func(ctx context.Context, tx *store.Tx) (IntegrationOutcome, error) {
		if err := tx.Lock(ctx, "integrations", rowID); err != nil {
			return IntegrationOutcome{}, err
		}
		row, err := tx.Ent().Integration.Get(ctx, rowID)
		switch {
		case ent.IsNotFound(err):
			return IntegrationOutcome{}, problem.At(problem.NotFound, "id", "the integration was not found")
		case err != nil:
			return IntegrationOutcome{}, err
		case expected != 0 && expected != row.Version:
			return IntegrationOutcome{}, problem.At(problem.Conflict, "expectedVersion", "the integration has changed since; its version is %d", row.Version)
		}
		return IntegrationOutcome{row.ID}, fn(ctx, tx, row)
	})
}
