package auth

import (
	"context"
	"log/slog"
	"net/netip"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/onetimecode"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// Where strangers sign up, an address that has signed up must not be told from one
// that has not. So nobody is signed in by signing up there: the password is hashed,
// the rest waits, and the answer is the same and as quick. Then either the merchant
// is made and a letter asks for a proof of the address, or the one who has the
// address already is told by a letter. Until the proof a log-in answers like a
// wrong password: who could log in after signing up would know that the address
// was free.

// arrival is a sign-up that waits for Welcome.
type arrival struct {
	household
	request string
	from    netip.Addr
}

// arrivalsAtOnce is how many may wait. One that is lost with the server is made
// again by who waits for the letter.
const arrivalsAtOnce = 64

func (s *Service) expect(ctx context.Context, h household) error {
	select {
	case s.arrivals <- arrival{h, store.RequestID(ctx), trust.Address(ctx)}:
		return nil
	default:
		return problem.New(problem.RateLimited, "too many people are signing up; try again in a moment")
	}
}

// Welcome makes what strangers signed up for until ctx ends. Each server runs it
// once.
func (s *Service) Welcome(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case a := <-s.arrivals:
			if err := s.welcome(trust.WithAddress(store.WithRequest(ctx, a.request), a.from), a.household); err != nil && ctx.Err() == nil {
				s.store.Log().Warn("a sign-up was not carried out", slog.String("requestId", a.request), slog.Any("error", err))
			}
		}
	}
}

func (s *Service) welcome(ctx context.Context, h household) error {
	_, err := store.Run(as(ctx, h.live), s.store, store.Command{Name: "signUp", Subject: h.live}, h.settle)
	if problem.CodeOf(err) == problem.Taken {
		return s.tellOwner(ctx, h.in.Email)
	}
	return err
}

// tellOwner writes to whose address somebody has signed up with; they may well be
// the same, and have forgotten.
func (s *Service) tellOwner(ctx context.Context, email string) error {
	return s.writeTo(ctx, email, "signUpRepeated", jobKnown)
}

// unproven reports whether a person may not sign in yet.
func (s *Service) unproven(u *ent.User) bool { return s.strangers && u.EmailVerifiedAt == nil }

// writeTo mails a code for a new password. It does nothing for an address that is
// unknown, disabled, a member nowhere, or has had its letters.
func (s *Service) writeTo(ctx context.Context, email, command, job string) error {
	u, err := s.store.DoorUserByEmail(ctx, email)
	if err != nil || !active(u) {
		return ignoreAbsent(err)
	}
	if err := s.allow(ctx, s.bucket("letters", u.ID), askLimit); err != nil {
		return ignoreLimit(err)
	}
	err = s.concerning(ctx, command, u.ID, func(ctx context.Context, tx *store.Tx, u *ent.User) error {
		codeID, err := s.makeCode(ctx, tx, u.ID, onetimecode.PurposeRESET_PASSWORD, resetLife)
		if err != nil {
			return err
		}
		return s.post(ctx, tx, job, codeID, "")
	})
	if problem.CodeOf(err) == problem.Forbidden {
		return nil
	}
	return err
}
