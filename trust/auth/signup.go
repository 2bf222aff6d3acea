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
	Name         string // the address when empty
	MerchantName string
	Currency     string // ISO 4217; default of new programs
	TimeZone     string // IANA; UTC when empty
	Vouched      bool   // by whoever runs the server: the address needs no proof, and sign-up may be closed
}

// Check tidies the input and finds what is wrong with it, without a database.
func (in *SignUpInput) Check() error {
	in.Email, in.Name, in.MerchantName = form.TidyEmail(in.Email), strings.TrimSpace(in.Name), strings.TrimSpace(in.MerchantName)
	if in.TimeZone == "" {
		in.TimeZone = "UTC"
	}
	return errors.Join(
		checkPerson(in.Email, &in.Name),
		checkPassword("password", in.Password),
		form.Line("merchantName", in.MerchantName, form.MaxName),
		form.Currency("currency", in.Currency),
		form.Zone("timeZone", in.TimeZone),
	)
}

// checkPerson checks an address and the name that goes with it. Who has given none
// goes by the address: what is wrong with that is told once, of the address.
func checkPerson(email string, name *string) error {
	if *name == "" {
		*name = email
		return form.Email("email", email)
	}
	return errors.Join(form.Email("email", email), form.Line("name", *name, form.MaxName))
}

// SignUp makes the person, the live merchant, its test twin, the ownership of
// both and a session at the live one, all or none. Errors: Invalid,
// CurrencyUnknown, RateLimited; Forbidden where sign-up is closed. An address that
// has signed up is Taken where only the operator can sign up; where strangers can,
// all are answered alike, without a session: see Welcome.
func (s *Service) SignUp(ctx context.Context, in SignUpInput) (Tokens, error) {
	if err := in.Check(); err != nil {
		return Tokens{}, err
	}
	if err := s.admits(ctx, in); err != nil {
		return Tokens{}, err
	}
	// Hashed before the command: it takes long, and a command holds a writer.
	hash, err := s.passwords.hash(ctx, in.Password)
	if err != nil {
		return Tokens{}, err
	}
	now := s.store.Now()
	h := household{s: s, in: in, hash: hash, user: id.New(id.User, now), live: id.New(id.Merchant, now), twin: id.New(id.Merchant, now)}
	if s.strangers && !in.Vouched {
		return Tokens{}, s.expect(ctx, h)
	}
	h.token = newRefreshToken()
	family, err := store.Run(as(ctx, h.live), s.store, store.Command{Name: "signUp", Subject: h.live}, h.settle)
	if err != nil {
		return Tokens{}, err
	}
	s.feelAtHome(ctx, in.Email)
	v := h.owner()
	v.SessionID = family
	return s.issue(v, h.token)
}

// admits refuses strangers where sign-up is closed, and too many of them.
func (s *Service) admits(ctx context.Context, in SignUpInput) error {
	switch {
	case in.Vouched:
		return nil
	case s.closed:
		return problem.New(problem.Forbidden, "sign-up is closed here; ask whoever runs this server")
	}
	return s.allowAddress(ctx, "sign-up", signUpLimit)
}

// household is everything a sign-up makes.
type household struct {
	s                *Service
	in               SignUpInput
	hash             []byte
	user, live, twin string
	token            refreshToken
}

func (h household) owner() trust.Viewer {
	return trust.Viewer{MerchantID: h.live, PrincipalID: h.user, Kind: trust.KindUser, Role: trust.Owner}
}

func (h household) settle(ctx context.Context, tx *store.Tx) (family string, err error) {
	if err := h.s.newUser(ctx, tx, newcomer{h.user, h.in.Email, h.in.Name, h.hash, h.in.Vouched}); err != nil {
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
	if h.token == "" {
		return "", nil // nobody is signed in before the address is proven
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

// newcomer is a person whom nobody knows yet.
type newcomer struct {
	userID, email, name string
	hash                []byte
	vouched             bool
}

// newUser writes the person and, unless somebody vouches for the address, asks
// for its proof.
func (s *Service) newUser(ctx context.Context, tx *store.Tx, n newcomer) error {
	create := tx.Ent().User.Create().SetID(n.userID).SetEmail(n.email).SetName(n.name).SetPasswordHash(n.hash)
	if n.vouched {
		create.SetEmailVerifiedAt(tx.Now())
	}
	u, err := create.Save(ctx)
	if store.IsUnique(err) {
		return problem.At(problem.Taken, "email", "this address has signed up already").Because(err)
	}
	if err != nil || n.vouched || isNobodys(n.hash) {
		return err
	}
	return s.askToVerify(ctx, tx, u)
}
