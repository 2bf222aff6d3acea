package connect

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/internal/egress"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

func (s *Service) sealCredentials(row *ent.Integration, c Credentials) ([]byte, error) {
	return s.sealJSON(row, columnCredentials, c)
}

func (s *Service) sealJSON(row *ent.Integration, column string, v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return s.store.Keys().Seal(raw, secretPlace(row, column))
}

func (s *Service) openJSON(row *ent.Integration, column string, sealed []byte, into any) error {
	raw, err := s.store.Keys().Open(sealed, secretPlace(row, column))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("connect: %s of %s cannot be read", column, row.ID) // the cause may quote a secret
	}
	return nil
}

// credentials opens what an account is called with. Errors: WRONG_STATE id when
// there are none.
func (s *Service) credentials(row *ent.Integration) (c Credentials, err error) {
	if len(row.CredentialsSealed) == 0 {
		return c, problem.At(problem.State, "id", "the integration has no account that could be called")
	}
	return c, s.openJSON(row, columnCredentials, row.CredentialsSealed, &c)
}

// account gives the provider of an integration as one that can be called.
func (s *Service) account(row *ent.Integration) (Account, error) {
	a, called := s.providers[string(row.Provider)].(Account)
	if !called || row.Account == "" {
		return nil, problem.At(problem.State, "id", "the integration has no account that could be called")
	}
	return a, nil
}

// integration reads one of the viewer's. Errors: NOT_FOUND id.
func (s *Service) integration(ctx context.Context, rowID string) (*ent.Integration, error) {
	row, err := s.store.Client().Integration.Get(ctx, rowID)
	if ent.IsNotFound(err) {
		return nil, problem.At(problem.NotFound, "id", "the integration was not found")
	}
	return row, err
}

// call sends requests for an account through the guard.
func (s *Service) call() Call {
	client := s.client
	return client.Do
}

var _ Call = (*egress.Client)(nil).Do

// KeysInput gives an integration other keys.
type KeysInput struct {
	ID              string
	Keys            map[string]string
	Secret          string // the signing secret, where it has none; "" to leave it
	ExpectedVersion int    // the version the caller has seen; 0 for any
}

// SetKeys puts keys in the place of what the account was called with. A pending or
// disconnected integration becomes active. Errors: INVALID keys or secret, NOT_FOUND
// id, CONFLICT expectedVersion, WRONG_STATE for a disabled integration or one
// without an account, or secret where there is one already.
func (s *Service) SetKeys(ctx context.Context, in KeysInput) (IntegrationOutcome, error) {
	if in.Secret != "" {
		if err := checkSecret(in.Secret); err != nil {
			return IntegrationOutcome{}, err
		}
	}
	return s.edit(ctx, "integrationSetKeys", in.ID, in.ExpectedVersion, func(ctx context.Context, tx *store.Tx, row *ent.Integration) error {
		account, err := s.account(row)
		if err != nil {
			return err
		}
		switch {
		case row.Status == integration.StatusDISABLED:
			return problem.At(problem.State, "id", "the integration is disabled")
		case in.Secret != "" && len(row.SecretSealed) > 0:
			return problem.At(problem.State, "secret", "there is one already; rotate it")
		}
		if err := checkKeys(account.Ways(), in.Keys); err != nil {
			return err
		}
		up := tx.Ent().Integration.UpdateOneID(row.ID).SetStatus(integration.StatusACTIVE).SetConnectedAt(tx.Now()).
			ClearScopes().ClearCredentialsUntil().ClearRenewingUntil().ClearCheckedAt().SetProblem("")
		if err := s.sealInto(up.Mutation(), row, in.Secret, in.Keys); err != nil {
			return err
		}
		return up.Exec(ctx)
	})
}
