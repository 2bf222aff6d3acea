package connect

import (
	"context"
	"errors"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// DisconnectInput ends a connection.
type DisconnectInput struct {
	ID              string
	ExpectedVersion int  // the version the caller has seen; 0 for any
	Force           bool // forget the credentials also where they cannot be revoked
}

// Disconnect revokes the credentials at the provider and then forgets them, the
// signing secret as well: nothing is received and nothing is called any more. What
// was received stays. Disconnecting twice is no error. Errors: NOT_FOUND id, CONFLICT
// expectedVersion, WRONG_STATE id when the provider cannot be reached and Force is
// not given.
func (s *Service) Disconnect(ctx context.Context, in DisconnectInput) (IntegrationOutcome, error) {
	row, err := s.integration(ctx, in.ID)
	if err != nil {
		return IntegrationOutcome{}, err
	}
	if in.ExpectedVersion != 0 && in.ExpectedVersion != row.Version {
		return IntegrationOutcome{}, problem.At(problem.Conflict, "expectedVersion", "the integration has changed since; its version is %d", row.Version)
	}
	number, err := s.revoke(ctx, row)
	if err != nil && !in.Force {
		return IntegrationOutcome{}, problem.At(problem.State, "id", "the credentials cannot be revoked now; with force they are forgotten all the same").Because(err)
	}
	return s.edit(ctx, "integrationDisconnect", in.ID, 0, func(ctx context.Context, tx *store.Tx, now *ent.Integration) error {
		switch {
		case now.Status == integration.StatusDISCONNECTED:
			return nil
		case now.CredentialsNumber != number && !in.Force:
			return problem.At(problem.Conflict, "id", "the credentials have changed meanwhile; disconnect again")
		}
		return tx.Ent().Integration.UpdateOneID(row.ID).SetStatus(integration.StatusDISCONNECTED).SetAccess(integration.AccessNONE).SetProblem("").
			SetCredentialsNumber(now.CredentialsNumber + 1).ClearCredentialsSealed().ClearCredentialsUntil().ClearRenewingUntil().ClearScopes().
			ClearGrantState().ClearGrantSealed().ClearGrantUntil().ClearSecretSealed().ClearPriorSecretSealed().ClearPriorUntil().Exec(ctx)
	})
}

// revokeTime is how long a provider may take to take credentials back.
const revokeTime = 10 * time.Second

// revoke gives the credentials back, where there are any, and says which. A token
// that has ended is renewed for it: what can be renewed is not given back yet.
func (s *Service) revoke(ctx context.Context, row *ent.Integration) (number int, err error) {
	account, called := s.providers[string(row.Provider)].(Account)
	if !called || row.Account == "" || len(row.CredentialsSealed) == 0 {
		return row.CredentialsNumber, nil
	}
	ctx, cancel := context.WithTimeout(ctx, revokeTime)
	defer cancel()
	c, err := s.fresh(ctx, row.ID, func(*ent.Integration) error { return nil })
	if err == nil {
		err = account.Revoke(ctx, s.call(), row.Account, c)
	}
	if err != nil && !errors.Is(err, ErrWithdrawn) {
		return row.CredentialsNumber, err
	}
	now, err := s.integration(ctx, row.ID) // a renewal has counted
	if err != nil {
		return row.CredentialsNumber, err
	}
	return now.CredentialsNumber, nil
}
