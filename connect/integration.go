package connect

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

const (
	maxName   = 120
	maxSecret = 512
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

// Create connects a shop. Errors: INVALID and TOO_LARGE with their field,
// NOT_FOUND programId, WRONG_STATE for an archived program.
func (s *Service) Create(ctx context.Context, in CreateInput) (IntegrationOutcome, error) {
	in.Name = strings.TrimSpace(in.Name)
	if err := s.checkCreate(in); err != nil {
		return IntegrationOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "integrationCreate"}, func(ctx context.Context, tx *store.Tx) (IntegrationOutcome, error) {
		p, err := tx.Ent().Program.Get(ctx, in.ProgramID)
		switch {
		case ent.IsNotFound(err):
			return IntegrationOutcome{}, problem.At(problem.NotFound, "programId", "the program was not found")
		case err != nil:
			return IntegrationOutcome{}, err
		case p.Status == program.StatusARCHIVED:
			return IntegrationOutcome{}, problem.At(problem.State, "programId", "the program is archived")
		}
		row := &ent.Integration{ID: tx.ID(id.Integration), MerchantID: tx.MerchantID()}
		sealed, err := s.store.Keys().Seal([]byte(in.Secret), secretPlace(row, columnSecret))
		if err != nil {
			return IntegrationOutcome{}, err
		}
		tx.Note(row.ID, nil)
		return IntegrationOutcome{row.ID}, tx.Ent().Integration.Create().SetID(row.ID).SetProgramID(p.ID).
			SetProvider(integration.Provider(in.Provider)).SetName(in.Name).SetOrderScope(in.OrderScope).
			SetSecretSealed(sealed).Exec(ctx)
	})
}

func (s *Service) checkCreate(in CreateInput) error {
	n := utf8.RuneCountInString(in.Name)
	switch {
	case s.providers[in.Provider] == nil:
		return problem.At(problem.Invalid, "provider", "cannot be connected")
	case n < 1 || n > maxName || !form.Plain(in.Name):
		return problem.At(problem.Invalid, "name", "must have 1 to %d characters, all of which are seen", maxName)
	case len(in.OrderScope) > order.MaxScope:
		return problem.At(problem.TooLarge, "orderScope", "must have at most %d bytes", order.MaxScope)
	case strings.TrimSpace(in.OrderScope) != in.OrderScope || !form.Plain(in.OrderScope):
		return problem.At(problem.Invalid, "orderScope", "must not contain control characters or begin or end with a space")
	}
	return checkSecret(in.Secret)
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
		if row.Status == integration.StatusDISABLED {
			return problem.At(problem.State, "id", "the integration is disabled")
		}
		keys := s.store.Keys()
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
