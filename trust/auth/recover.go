package auth

import (
	"context"

	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// RecoveryCodesReissue gives a person who has lost app and codes new recovery codes
// in place of all that were left. It asks for no proof: only whoever may run
// commands on the server comes here, and the audit names the system, not the
// person. The password is still asked for at log-in. Errors: NotFound at email,
// State for a person without a second factor.
func (s *Service) RecoveryCodesReissue(ctx context.Context, email string) (codes []string, err error) {
	u, err := s.store.DoorUserByEmail(ctx, form.TidyEmail(email))
	if absent(err) {
		return nil, problem.At(problem.NotFound, "email", "nobody has this address")
	}
	if err != nil {
		return nil, err
	}
	at, err := s.entrance(ctx, u.ID, "")
	if err != nil {
		return nil, err
	}
	return store.Run(trust.With(ctx, trust.System(at.MerchantID)), s.store, store.Command{Name: "recoveryCodesReissue", Subject: u.ID},
		func(ctx context.Context, tx *store.Tx) ([]string, error) {
			now, err := tx.LockPerson(ctx, u.ID)
			if err != nil {
				return nil, err
			}
			if now.SecondFactorAt == nil {
				return nil, problem.New(problem.State, "this person has no second factor")
			}
			return s.recoveryCodes(ctx, tx, u.ID)
		})
}
