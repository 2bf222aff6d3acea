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

const (
	// renewBefore is how long before its end a token is renewed.
	renewBefore = 5 * time.Minute
	// goodFor is what a token must still have to be used while it is renewed.
	goodFor = 30 * time.Second
	// renewLease is how long one server has for a renewal; a call takes half of it at most.
	renewLease = 30 * time.Second
	renewLook  = 50 * time.Millisecond
)

// What is told of an account that cannot be called.
const (
	saysWithdrawn   = "the account does not take the credentials: authorize anew or set other keys"
	saysUnreachable = "the account cannot be reached"
)

// Credentials gives what an account can be called with now. A token that is about to
// end is renewed first, by one of all callers on all servers: a renewal token is
// often good only once, and who comes second with it loses the account for all.
// Errors: NOT_FOUND and WRONG_STATE id; UNAVAILABLE when the provider cannot be
// reached; what wraps ErrWithdrawn when it does not take the credentials any more.
func (s *Service) Credentials(ctx context.Context, integrationID string) (Credentials, error) {
	return s.fresh(ctx, integrationID, inactive)
}

// fresh gives the credentials of an integration unless it is refused.
func (s *Service) fresh(ctx context.Context, integrationID string, refuse func(*ent.Integration) error) (Credentials, error) {
	for {
		row, err := s.integration(ctx, integrationID)
		if err != nil {
			return Credentials{}, err
		}
		if err := refuse(row); err != nil {
			return Credentials{}, err
		}
		c, err := s.credentials(row)
		if err != nil {
			return Credentials{}, err
		}
		now := s.store.Now()
		if c.Until.IsZero() || now.Add(renewBefore).Before(c.Until) {
			return c, nil
		}
		good := now.Add(goodFor).Before(c.Until)
		if row.RenewingUntil == nil || !now.Before(*row.RenewingUntil) {
			mine, err := s.store.DoorRenewing(ctx, row.ID, row.CredentialsNumber, now.Add(renewLease))
			if err != nil {
				return Credentials{}, err
			}
			if mine {
				return s.renew(ctx, row, c, good)
			}
		}
		if good { // somebody else renews it
			return c, nil
		}
		if err := pause(ctx, renewLook); err != nil {
			return Credentials{}, err
		}
	}
}

func inactive(row *ent.Integration) error {
	if row.Status == integration.StatusACTIVE {
		return nil
	}
	return problem.At(problem.State, "id", "the integration is not active")
}

func pause(ctx context.Context, d time.Duration) error {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return nil
	}
}

// renew gets new credentials, as the only one who does. Who asked may go away: what
// the provider has given is written down all the same. Where that fails the token in
// hand is used as long as it is good.
func (s *Service) renew(ctx context.Context, row *ent.Integration, c Credentials, good bool) (Credentials, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewLease/2+goodFor/2)
	defer cancel()
	provider, can := s.providers[string(row.Provider)].(Authorizer)
	if !can {
		return c, problem.At(problem.State, "id", "the provider is not authorized any more")
	}
	fresh, err := provider.Renew(ctx, s.call(), row.Account, c, s.store.Now())
	if err != nil {
		return s.notRenewed(ctx, row, c, good, err)
	}
	fresh.App = c.App
	if fresh.Scopes == nil {
		fresh.Scopes = c.Scopes
	}
	sealed, err := s.sealCredentials(row, fresh)
	if err != nil {
		return c, err
	}
	kept, err := s.store.DoorRenewed(ctx, row.ID, row.CredentialsNumber, store.Renewed{Sealed: sealed, Until: fresh.Until, Scopes: fresh.Scopes})
	if err == nil && !kept {
		err = problem.At(problem.State, "id", "the integration was connected anew or disconnected meanwhile")
	}
	return fresh, err
}

// notRenewed says why, and lets the next caller try.
func (s *Service) notRenewed(ctx context.Context, row *ent.Integration, c Credentials, good bool, cause error) (Credentials, error) {
	withdrawn := errors.Is(cause, ErrWithdrawn)
	says := saysUnreachable
	if withdrawn {
		says = saysWithdrawn
	}
	if err := s.store.DoorNotRenewed(ctx, row.ID, row.CredentialsNumber, says); err != nil {
		s.store.Log().WarnContext(ctx, "a renewal that failed was not written down", "integration", row.ID, "error", err)
	}
	switch {
	case good && !withdrawn:
		return c, nil
	case withdrawn:
		return c, problem.At(problem.State, "id", "%s", saysWithdrawn).Because(ErrWithdrawn)
	}
	return c, problem.New(problem.Unavailable, "the provider cannot be reached").Because(cause)
}
