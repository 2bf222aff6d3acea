package auth

import (
	"bytes"
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/user"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// LogInInput is what a person types.
type LogInInput struct {
	Email      string
	Password   string
	MerchantID string // where to; the first membership when empty
}

// LogIn starts a family, or answers with a challenge when the person has a
// second factor. Errors: Unauthenticated for any wrong pair, in the same text
// and time; NotFound at merchantId for a person who is not a member there;
// RateLimited when too many sign in at once, and after too many wrong pairs.
func (s *Service) LogIn(ctx context.Context, in LogInInput) (Tokens, error) {
	u, err := s.identify(ctx, in.Email, in.Password)
	if err != nil {
		s.refusedLogIn(ctx, in, err)
		return Tokens{}, err
	}
	v, err := s.entrance(ctx, u.ID, in.MerchantID)
	if err != nil {
		return Tokens{}, err
	}
	if u.SecondFactorAt != nil {
		return s.challenge(u, v)
	}
	return s.start(ctx, "logIn", v, u, nil)
}

// identify finds the person by address and password. Where there is none, a
// decoy is verified, so that the time does not tell.
func (s *Service) identify(ctx context.Context, email, password string) (*ent.User, error) {
	if err := s.passwords.room(); err != nil {
		return nil, err
	}
	email = form.TidyEmail(email)
	try := s.byPassword(ctx, email)
	if err := try.begin(ctx); err != nil {
		return nil, err
	}
	u, err := s.store.DoorUserByEmail(ctx, email)
	if err != nil && !absent(err) {
		return nil, err
	}
	var hash []byte
	if u != nil {
		hash = u.PasswordHash
	}
	right, err := s.passwords.verify(ctx, hash, password)
	if err != nil {
		return nil, err
	}
	if !right || u == nil || !active(u) || s.unproven(u) {
		return nil, s.wrongPair()
	}
	try.right(ctx)
	return u, nil
}

// wrongPair answers all alike who may not sign in.
func (s *Service) wrongPair() error {
	if s.strangers {
		return errWrongOrUnproven
	}
	return errWrongPair
}

var errWrongOrUnproven = problem.New(problem.Unauthenticated, "the e-mail address or the password is not right, or the address has not been proven with the code of the letter")

var errWrongPair = problem.New(problem.Unauthenticated, "the e-mail address or the password is not right")

// entrance chooses the membership to enter by: the one asked for, or the oldest.
func (s *Service) entrance(ctx context.Context, userID, merchantID string) (trust.Viewer, error) {
	all, err := s.store.DoorMemberships(ctx, userID)
	if err != nil {
		return trust.Viewer{}, err
	}
	for _, m := range all {
		if merchantID == "" || m.MerchantID == merchantID {
			return viewerOf(m), nil
		}
	}
	if merchantID == "" {
		return trust.Viewer{}, problem.New(problem.Forbidden, "this person is not a member anywhere")
	}
	return trust.Viewer{}, problem.At(problem.NotFound, "merchantId", "the merchant was not found")
}

// start begins a family in a command of its own, for a person who proved to be
// u. More is proven within the command, when there is more.
func (s *Service) start(ctx context.Context, command string, v trust.Viewer, u *ent.User, more func(context.Context, *store.Tx, *ent.User) error) (Tokens, error) {
	token := newRefreshToken()
	family, err := store.Run(trust.With(ctx, v), s.store, store.Command{Name: command, Subject: v.PrincipalID}, func(ctx context.Context, tx *store.Tx) (string, error) {
		now, err := unchanged(ctx, tx, u)
		if err == nil && more != nil {
			err = more(ctx, tx, now)
		}
		if err != nil {
			return "", err
		}
		return begin(ctx, tx, v, token)
	})
	if err != nil {
		return Tokens{}, err
	}
	s.feelAtHome(ctx, u.Email)
	v.SessionID = family
	return s.issue(v, token)
}

// unchanged reads the person again, under the lock: a password or a second
// factor that was changed since it was looked at lets nobody in.
func unchanged(ctx context.Context, tx *store.Tx, u *ent.User) (*ent.User, error) {
	now, err := tx.LockPerson(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	if now.Status != user.StatusACTIVE || !bytes.Equal(now.PasswordHash, u.PasswordHash) || (now.SecondFactorAt == nil) != (u.SecondFactorAt == nil) {
		return nil, errWrongPair
	}
	return now, nil
}

// LogOut ends the viewer's family: no refresh from now on, and within a second
// no access either, at any merchant. Logging out twice is the same as once.
// Errors: Unauthenticated for a viewer without a session.
func (s *Service) LogOut(ctx context.Context) error {
	v, root, err := s.family(ctx)
	if err != nil {
		return err
	}
	_, err = store.Run(ctx, s.store, store.Command{Name: "logOut", Subject: v.PrincipalID}, func(ctx context.Context, tx *store.Tx) (string, error) {
		tx.AfterCommit(func() { s.people.forget(v.SessionID + v.MerchantID) })
		return v.SessionID, end(ctx, tx, root, loggedOut)
	})
	return err
}

// family finds the root of the viewer's family.
func (s *Service) family(ctx context.Context) (trust.Viewer, *ent.Session, error) {
	v, known := trust.From(ctx)
	if !known || v.Kind != trust.KindUser || v.SessionID == "" {
		return v, nil, problem.New(problem.Unauthenticated, "sign in first").Because(trust.ErrUnauthenticated)
	}
	root, err := s.store.DoorFamily(ctx, v.SessionID)
	if absent(err) {
		err = refuse(err)
	}
	return v, root, err
}

// self finds the person of the viewer's session.
func (s *Service) self(ctx context.Context) (trust.Viewer, *ent.User, error) {
	v, _, err := s.family(ctx)
	if err != nil {
		return v, nil, err
	}
	u, err := s.store.DoorUser(ctx, v.PrincipalID)
	return v, u, err
}

// prove checks the password of a person who is signed in. Errors: Invalid at the
// field, RateLimited.
func (s *Service) prove(ctx context.Context, u *ent.User, field, password string) error {
	_, err := s.identify(ctx, u.Email, password)
	if problem.CodeOf(err) == problem.Unauthenticated {
		return problem.At(problem.Invalid, field, "the password is not right")
	}
	return err
}
