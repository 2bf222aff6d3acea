package connect

import (
	"context"
	"errors"
	"net/http"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// ProbeOutcome is what a test of the connection found.
type ProbeOutcome struct {
	IntegrationID string
	Label         string // what the account calls itself; "" when it could not be asked
	Problem       string // why it could not; "" when it could
}

// Probe tests the connection: it calls the account and asks who it is and what it
// has granted. That it cannot be called is no error but what was found. Errors:
// NOT_FOUND id, WRONG_STATE id where nothing can be called.
func (s *Service) Probe(ctx context.Context, integrationID string) (ProbeOutcome, error) {
	row, err := s.integration(ctx, integrationID)
	if err != nil {
		return ProbeOutcome{}, err
	}
	account, err := s.account(row)
	if err != nil {
		return ProbeOutcome{}, err
	}
	found, err := s.ask(ctx, account, row)
	if p, is := problem.As(err); is && p.Code.User() && !errors.Is(err, ErrWithdrawn) {
		return ProbeOutcome{}, err
	}
	out := ProbeOutcome{IntegrationID: integrationID, Label: clean(found.Label, maxName), Problem: says(err)}
	_, err = s.edit(ctx, "integrationTest", integrationID, 0, func(ctx context.Context, tx *store.Tx, now *ent.Integration) error {
		if now.CredentialsNumber < row.CredentialsNumber || now.Status == integration.StatusDISCONNECTED {
			return nil // what was asked with is gone
		}
		up := tx.Ent().Integration.UpdateOneID(row.ID).SetCheckedAt(tx.Now()).SetProblem(out.Problem)
		if found.Scopes != nil {
			up.SetScopes(found.Scopes)
		}
		return up.Exec(ctx)
	})
	return out, err
}

func (s *Service) ask(ctx context.Context, account Account, row *ent.Integration) (Probed, error) {
	c, err := s.Credentials(ctx, row.ID)
	if err != nil {
		return Probed{}, err
	}
	return account.Probe(ctx, s.call(), row.Account, c)
}

// says tells why an account could not be called, in words that hold nothing secret.
func says(err error) string {
	if err == nil {
		return ""
	}
	if errors.Is(err, ErrWithdrawn) {
		return saysWithdrawn
	}
	if answered, is := errors.AsType[Answered](err); is && http.StatusText(int(answered)) != "" {
		return answered.Error()
	}
	if unprepared, is := errors.AsType[Unprepared](err); is {
		return unprepared.Error()
	}
	return saysUnreachable
}

// Lacks names what is wanted of an account and was not granted. It is empty for one
// that has not said yet what it grants.
func (s *Service) Lacks(row *ent.Integration) []string {
	account, called := s.providers[string(row.Provider)].(Account)
	if !called || row.Scopes == nil {
		return []string{}
	}
	return account.Lacks(row.Scopes)
}
