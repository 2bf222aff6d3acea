package auth

import (
	"context"
	"errors"
	"strings"

	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// SignUpInput is a new merchant and its owner.
type SignUpInput struct {
	Email        string
	Password     string
	Name         string
	MerchantName string
	Currency     string // ISO 4217; default of new programs
	TimeZone     string // IANA; UTC when empty
}

func (in *SignUpInput) check() error {
	in.Email, in.Name, in.MerchantName = form.TidyEmail(in.Email), strings.TrimSpace(in.Name), strings.TrimSpace(in.MerchantName)
	if in.TimeZone == "" {
		in.TimeZone = "UTC"
	}
	return errors.Join(
		form.Email("email", in.Email),
		checkPassword("password", in.Password),
		form.Line("name", in.Name, form.MaxName),
		form.Line("merchantName", in.MerchantName, form.MaxName),
		form.Currency("currency", in.Currency),
		form.Zone("timeZone", in.TimeZone),
	)
}

// SignUp makes the person, the live merchant, its test twin, the ownership of
// both and a session at the live one, all or none. Errors: Invalid,
// CurrencyUnknown, RateLimited; Taken for an address that has signed up, which
// a form that makes people choose an address cannot hide.
func (s *Service) SignUp(ctx context.Context, in SignUpInput) (Tokens, error) {
	if err := in.check(); err != nil {
		return Tokens{}, err
	}
	// Hashed before the command: it takes long, and a command holds a writer.
	hash, err := s.passwords.hash(ctx, in.Password)
	if err != nil {
		return Tokens{}, err
	}
	now := s.store.Now()
	h := household{in: in, hash: hash, user: id.New(id.User, now), live: id.New(id.Merchant, now), twin: id.New(id.Merchant, now), token: newRefreshToken()}
	family, err := store.Run(as(ctx, h.live), s.store, store.Command{Name: "signUp", Subject: h.live}, h.settle)
	if err != nil {
		return Tokens{}, err
	}
	v := h.owner()
	v.SessionID = family
	return s.issue(v, h.token)
}

// household is everything a sign-up makes.
type household struct {
	in               SignUpInput
	hash             []byte
	user, live, twin string
	token            refreshToken
}

func (h household) owner() trust.Viewer {
	return trust.Viewer{MerchantID: h.live, PrincipalID: h.user, Kind: trust.KindUser, Role: trust.Owner}
}

func (h household) settle(ctx context.Context, tx *store.Tx) (family string, err error) {
	if err := newUser(ctx, tx, h.user, h.in.Email, h.in.Name, h.hash); err != nil {
		return "", err
	}
	if err := h.found(ctx, tx, h.live, h.twin, merchant.ModeLIVE); err != nil {
		return "", err
	}
	// The twin is another merchant, and the wall stamps each row with the one in
	// the context: its rows are written as its own.
	if err := h.found(as(ctx, h.twin), tx, h.twin, h.live, merchant.ModeTEST); err != nil {
		return "", err
	}
	return begin(ctx, tx, h.owner(), h.token)
}

// found makes one merchant with its owner.
func (h household) found(ctx context.Context, tx *store.Tx, merchantID, twinID string, mode merchant.Mode) error {
	err := tx.Ent().Merchant.Create().SetID(merchantID).SetTwinID(twinID).SetMode(mode).SetName(h.in.MerchantName).
		SetCurrency(money.Currency(h.in.Currency)).SetTimeZone(h.in.TimeZone).Exec(ctx)
	if err != nil {
		return err
	}
	return tx.Ent().Membership.Create().SetUserID(h.user).SetRole(membership.RoleOWNER).Exec(ctx)
}

func newUser(ctx context.Context, tx *store.Tx, userID, email, name string, hash []byte) error {
	err := tx.Ent().User.Create().SetID(userID).SetEmail(email).SetName(name).SetPasswordHash(hash).Exec(ctx)
	if store.IsUnique(err) {
		return problem.At(problem.Taken, "email", "this address has signed up already").Because(err)
	}
	return err
}
