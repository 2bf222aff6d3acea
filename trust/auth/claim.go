package auth

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// ClaimInput is what an applicant received, and a password of their choice.
type ClaimInput struct {
	ClaimToken string
	Password   string
}

// Claim turns an application into a log-in: the applicant becomes a member who
// sees their own affiliate's rows. It works once, also while the application is
// pending. Someone who has signed up before must give the password they have:
// the claim alone does not prove whose address was typed into the form, and
// must not open another person's account.
//
// Errors: Invalid for the password, Unauthenticated for a claim that opens
// nothing or an existing account's wrong password, State for an affiliate that
// is rejected or archived, Taken for a person who is a member here already.
func (s *Service) Claim(ctx context.Context, in ClaimInput) (Tokens, error) {
	if err := checkPassword("password", in.Password); err != nil {
		return Tokens{}, err
	}
	row, err := s.store.DoorClaim(ctx, digest(in.ClaimToken))
	if absent(err) {
		return Tokens{}, refuse(err)
	}
	if err != nil {
		return Tokens{}, err
	}
	if row.Status == affiliate.StatusREJECTED || row.Status == affiliate.StatusARCHIVED {
		return Tokens{}, problem.At(problem.State, "claimToken", "the affiliate is %s", row.Status)
	}
	p, known, err := s.claimant(ctx, row, in.Password)
	if err != nil {
		return Tokens{}, err
	}
	return s.claim(ctx, row, p, known)
}

// claimant is the person with the affiliate's address: known by the password,
// or new with it.
func (s *Service) claimant(ctx context.Context, row *ent.Affiliate, password string) (person, *ent.User, error) {
	_, err := s.store.DoorUserByEmail(ctx, row.Email)
	switch {
	case absent(err):
		hash, err := s.passwords.hash(ctx, password)
		return person{fresh: id.New(id.User, s.store.Now()), email: row.Email, name: row.Name, hash: hash}, nil, err
	case err != nil:
		return person{}, nil, err
	}
	known, err := s.identify(ctx, row.Email, password)
	if err != nil {
		return person{}, nil, err
	}
	return person{known: known.ID, fresh: known.ID}, known, nil
}

// claim joins the person. One with a second factor has become a member and is
// asked for it before there is a session.
func (s *Service) claim(ctx context.Context, row *ent.Affiliate, p person, known *ent.User) (Tokens, error) {
	v := trust.Viewer{MerchantID: row.MerchantID, PrincipalID: p.fresh, Kind: trust.KindUser, Role: trust.Affiliate, AffiliateID: row.ID}
	token, factor := newRefreshToken(), known != nil && known.SecondFactorAt != nil
	family, err := store.Run(trust.With(ctx, v), s.store, store.Command{Name: "affiliateClaim"}, func(ctx context.Context, tx *store.Tx) (string, error) {
		if err := s.enter(ctx, tx, row, p, known); err != nil || factor {
			return "", err
		}
		return begin(ctx, tx, v, token)
	})
	switch {
	case err != nil:
		return Tokens{}, err
	case factor:
		return s.challenge(known, v)
	}
	s.feelAtHome(ctx, row.Email)
	v.SessionID = family
	return s.issue(v, token)
}

// enter uses the claim up and makes the person a member.
func (s *Service) enter(ctx context.Context, tx *store.Tx, row *ent.Affiliate, p person, known *ent.User) error {
	if known != nil {
		if _, err := unchanged(ctx, tx, known); err != nil {
			return err
		}
	}
	if err := spend(ctx, tx, row); err != nil {
		return err
	}
	_, err := s.join(ctx, tx, p, membership.RoleAFFILIATE, row.ID)
	return err
}

// spend takes the claim off the affiliate's row. Of two who claim at once the
// second finds it gone.
func spend(ctx context.Context, tx *store.Tx, row *ent.Affiliate) error {
	n, err := tx.Ent().Affiliate.Update().Where(affiliate.ID(row.ID), affiliate.ClaimHash(*row.ClaimHash)).ClearClaimHash().Save(ctx)
	if err == nil && n == 0 {
		err = refuse(nil)
	}
	return err
}
