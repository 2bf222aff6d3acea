package auth

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/onetimecode"
	"github.com/tributary/tributary/ent/user"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// PasswordResetRequestInput names whose password is forgotten.
type PasswordResetRequestInput struct{ Email string }

// asked is a request that waits for WriteResets.
type asked struct{ email, request string }

// askedAtOnce is how many requests may wait.
const askedAtOnce = 256

// PasswordResetRequest has a code mailed to a person who is known. It looks
// nothing up: what it answers and how long it takes cannot tell who is known. A
// request that is lost with the server is made again by who waits for the
// letter. Errors: Invalid, RateLimited.
func (s *Service) PasswordResetRequest(ctx context.Context, in PasswordResetRequestInput) error {
	email := form.TidyEmail(in.Email)
	if err := form.Email("email", email); err != nil {
		return err
	}
	if err := s.allowAddress(ctx, "reset", signUpLimit); err != nil {
		return err
	}
	select {
	case s.asked <- asked{email, store.RequestID(ctx)}:
		return nil
	default:
		return problem.New(problem.RateLimited, "too many people have forgotten their passwords; try again in a moment")
	}
}

// WriteResets makes the codes that were asked for until ctx ends. Each server
// runs it once.
func (s *Service) WriteResets(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case one := <-s.asked:
			if err := s.writeReset(store.WithRequest(ctx, one.request), one.email); err != nil && ctx.Err() == nil {
				s.store.Log().Warn("a password reset was not written", "requestId", one.request, "error", err)
			}
		}
	}
}

func (s *Service) writeReset(ctx context.Context, email string) error {
	return s.writeTo(ctx, email, "passwordResetRequest", jobReset)
}

func active(u *ent.User) bool { return u.Status == user.StatusACTIVE }

func ignoreLimit(err error) error {
	if problem.CodeOf(err) == problem.RateLimited {
		return nil
	}
	return err
}

// PasswordResetInput is the code of the letter, of a reset or an invitation, and
// the password to be.
type PasswordResetInput struct{ Code, Password string }

// PasswordReset sets a new password and signs the person out everywhere. The
// letter proves the address too, and what was set up before that by whoever
// typed the address in goes. It signs nobody in: a second factor that the person
// set up is still asked for. Errors: Invalid, RateLimited.
func (s *Service) PasswordReset(ctx context.Context, in PasswordResetInput) error {
	if err := checkPassword("password", in.Password); err != nil {
		return err
	}
	row, err := s.presentedCode(ctx, onetimecode.PurposeRESET_PASSWORD, in.Code)
	if err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, in.Password)
	if err != nil {
		return err
	}
	var email string
	err = s.concerning(ctx, "passwordReset", row.UserID, func(ctx context.Context, tx *store.Tx, u *ent.User) error {
		email = u.Email
		if err := spendCode(ctx, tx, row, "code"); err != nil {
			return err
		}
		if err := takeOver(ctx, tx, u); err != nil {
			return err
		}
		return s.setPassword(ctx, tx, u, hash, passwordSet, "")
	})
	if err != nil {
		return err
	}
	// Who reads the person's mail here is the person: a log-in that strangers have
	// used up the attempts of is open from here.
	s.feelAtHome(ctx, email)
	s.byPassword(ctx, email).forgive(ctx)
	return nil
}

// takeOver verifies the address of a person whose letter came back. One whose
// address nobody had proven until now may be a stranger's making: with the
// stranger's second factor in place the owner of the mailbox could never sign in.
func takeOver(ctx context.Context, tx *store.Tx, u *ent.User) error {
	if u.EmailVerifiedAt != nil {
		return nil
	}
	if err := factorless(ctx, tx, u.ID); err != nil {
		return err
	}
	return verified(ctx, tx, u)
}

// setPassword writes it and ends the person's families but one.
func (s *Service) setPassword(ctx context.Context, tx *store.Tx, u *ent.User, hash []byte, reason, but string) error {
	if err := tx.Ent().User.Update().Where(user.ID(u.ID)).SetPasswordHash(hash).Exec(ctx); err != nil {
		return err
	}
	_, err := s.endAll(ctx, tx, u.ID, reason, but)
	return err
}

// PasswordChangeInput is the password that is and the one to be.
type PasswordChangeInput struct{ Current, Password string }

// PasswordChange sets the viewer's password and ends their other sessions.
// Errors: Invalid at current or password, RateLimited.
func (s *Service) PasswordChange(ctx context.Context, in PasswordChangeInput) error {
	if err := checkPassword("password", in.Password); err != nil {
		return err
	}
	v, u, err := s.self(ctx)
	if err != nil {
		return err
	}
	if err := s.prove(ctx, u, "current", in.Current); err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, in.Password)
	if err != nil {
		return err
	}
	return s.concerning(ctx, "passwordChange", u.ID, func(ctx context.Context, tx *store.Tx, _ *ent.User) error {
		if _, err := unchanged(ctx, tx, u); err != nil {
			return err
		}
		return s.setPassword(ctx, tx, u, hash, passwordSet, v.SessionID)
	})
}
