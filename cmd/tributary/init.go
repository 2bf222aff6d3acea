package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/server"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/auth"
)

// initCmd makes the first merchant.
type initCmd struct {
	server.Place `embed:""`

	Merchant string `required:"" placeholder:"NAME" help:"Name of the merchant."`
	Email    string `required:"" placeholder:"E" help:"E-mail address of its owner."`
	Currency string `default:"USD" help:"Currency of new programs."`
	TimeZone string `default:"UTC" help:"Time zone of the merchant's days."`
	JSON     bool   `name:"json" help:"Print one JSON object and nothing else."`
}

// made is what init prints: the password and the token are shown this once.
type made struct {
	MerchantID string `json:"merchantId"`
	Email      string `json:"email"`
	Password   string `json:"password"`
	Token      string `json:"token"`
}

// Run makes merchant, owner and token, in a fresh database as well.
func (c *initCmd) Run(a *app) (err error) {
	in := c.signUp()
	if err := in.Check(); err != nil {
		return err // before anything is made
	}
	s, err := c.OpenMigrated(a.ctx, quiet())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	out, err := c.make(a.ctx, s, in)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(out) // #nosec G117 -- shown once, to who asked for it
	}
	fmt.Fprintf(a.stdout, "merchant  %s\nowner     %s\npassword  %s\ntoken     %s\n\nThe password and the token are not shown again.\n",
		out.MerchantID, out.Email, out.Password, out.Token)
	return nil
}

func (c *initCmd) signUp() auth.SignUpInput {
	return auth.SignUpInput{
		Email: c.Email, Password: strings.ToLower(rand.Text()), Name: c.Email, MerchantName: c.Merchant, Currency: c.Currency, TimeZone: c.TimeZone, Vouched: true,
	}
}

func (c *initCmd) make(ctx context.Context, s *store.Store, in auth.SignUpInput) (made, error) {
	people := auth.New(auth.Config{Store: s})
	who, err := people.SignUp(ctx, in)
	if err != nil {
		return made{}, err
	}
	owner := trust.Viewer{MerchantID: who.MerchantID, PrincipalID: who.UserID, Kind: trust.KindUser, Role: trust.Owner}
	token, err := people.TokenCreate(trust.With(ctx, owner), auth.TokenCreateInput{Name: "made by init", Scopes: grantable(owner)})
	return made{who.MerchantID, c.Email, in.Password, token.Secret}, err
}

// grantable are the maker's own scopes that a secret token can hold.
func grantable(maker trust.Viewer) (out []trust.Scope) {
	for _, s := range trust.AllScopes() {
		held := trust.Viewer{MerchantID: maker.MerchantID, Kind: trust.KindToken, Scopes: []trust.Scope{s}}
		if maker.Can(s) && held.Can(s) {
			out = append(out, s)
		}
	}
	return out
}
