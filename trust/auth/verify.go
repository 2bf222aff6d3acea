package auth

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/onetimecode"
	"github.com/tributary/tributary/ent/user"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// EmailVerifyInput is the code of the letter.
type EmailVerifyInput struct{ Code string }

// EmailVerify takes the proof that a person reads the mail of their address. Who
// has not given it releases no payouts and invites nobody. Errors: Invalid at
// code.
func (s *Service) EmailVerify(ctx context.Context, in EmailVerifyInput) error {
	row, err := s.presentedCode(ctx, onetimecode.PurposeVERIFY_EMAIL, in.Code)
	if err != nil {
		return err
	}
	return s.concerning(ctx, "emailVerify", row.UserID, func(ctx context.Context, tx *store.Tx, u *ent.User) error {
		if err := spendCode(ctx, tx, row, "code"); err != nil {
			return err
		}
		return verified(ctx, tx, u)
	})
}

// concerning runs a command about a person: at the merchant where the person is
// signed in, else at the one the person would enter by.
func (s *Service) concerning(ctx context.Context, command, userID string, do func(context.Context, *store.Tx, *ent.User) error) error {
	v, known := trust.From(ctx)
	if !known || v.Kind != trust.KindUser || v.PrincipalID != userID {
		var err error
		if v, err = s.entrance(ctx, userID, ""); err != nil {
			return err
		}
	}
	_, err := store.Run(trust.With(ctx, v), s.store, store.Command{Name: command, Subject: userID}, func(ctx context.Context, tx *store.Tx) (string, error) {
		u, err := tx.LockPerson(ctx, userID)
		if err != nil {
			return "", err
		}
		tx.AfterCommit(func() { s.forgetPerson(userID) })
		return userID, do(ctx, tx, u)
	})
	return err
}

// forgetPerson makes this server look again what the person is.
func (s *Service) forgetPerson(userID string) {
	s.people.forgetWhere(func(v trust.Viewer) bool { return v.PrincipalID == userID })
}

func verified(ctx context.Context, tx *store.Tx, u *ent.User) error {
	if u.EmailVerifiedAt != nil {
		return nil
	}
	return tx.Ent().User.Update().Where(user.ID(u.ID)).SetEmailVerifiedAt(tx.Now()).Exec(ctx)
}

// EmailVerificationSend mails the viewer another code. Errors: State for an
// address that is verified, RateLimited.
func (s *Service) EmailVerificationSend(ctx context.Context) error {
	_, u, err := s.self(ctx)
	if err != nil {
		return err
	}
	if u.EmailVerifiedAt != nil {
		return problem.New(problem.State, "the address is verified already")
	}
	if err := s.allow(ctx, s.bucket("verify", u.ID), askLimit); err != nil {
		return err
	}
	return s.concerning(ctx, "emailVerificationSend", u.ID, s.askToVerify)
}

// askToVerify makes a code and leaves the letter with it.
func (s *Service) askToVerify(ctx context.Context, tx *store.Tx, u *ent.User) error {
	codeID, err := s.makeCode(ctx, tx, u.ID, onetimecode.PurposeVERIFY_EMAIL, verifyLife)
	if err != nil {
		return err
	}
	return s.post(ctx, tx, jobVerify, codeID, "")
}

// Account is what a person knows of their own log-in.
type Account struct {
	Email         string
	EmailVerified bool
	SecondFactor  bool
}

// Account tells the person who asks about their log-in. Errors: Unauthenticated.
func (s *Service) Account(ctx context.Context) (Account, error) {
	_, u, err := s.self(ctx)
	if err != nil {
		return Account{}, err
	}
	return Account{u.Email, u.EmailVerifiedAt != nil, u.SecondFactorAt != nil}, nil
}
