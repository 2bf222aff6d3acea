package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/server"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/auth"
)

// tokenCmd looks after API tokens.
type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token and print it once."`
	List   tokenListCmd   `cmd:"" help:"List a merchant's tokens."`
	Rotate tokenRotateCmd `cmd:"" help:"Give a token a new secret and print it once."`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token."`
}

// house is a database and the merchant in it that a command is about.
type house struct {
	server.Place `embed:""`
	Merchant     string `placeholder:"ID" help:"Merchant; may be left out where there is one live merchant."`
}

// open gives the store and a context in which the program works for the merchant.
func (h house) open(ctx context.Context) (context.Context, *store.Store, error) {
	s, err := h.OpenExisting(ctx, quiet())
	if err != nil {
		return nil, nil, err
	}
	var id string
	if err = server.Migrated(ctx, s); err == nil {
		id, err = h.pick(ctx, s)
	}
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return trust.With(ctx, trust.System(id)), s, nil
}

func (h house) pick(ctx context.Context, s *store.Store) (string, error) {
	if h.Merchant != "" {
		if _, err := s.DoorMerchant(ctx, h.Merchant); err != nil {
			return "", fmt.Errorf("--merchant %s: no merchant has this id: %w", h.Merchant, err)
		}
		return h.Merchant, nil
	}
	ids, err := s.DoorMerchants(ctx)
	if err != nil {
		return "", err
	}
	var live []string
	for _, id := range ids {
		row, err := s.DoorMerchant(ctx, id)
		if err != nil {
			return "", err
		}
		if row.Mode == merchant.ModeLIVE {
			live = append(live, id)
		}
	}
	if len(live) != 1 {
		return "", fmt.Errorf("there are %d live merchants: name one with --merchant (%s)", len(live), strings.Join(live, ", "))
	}
	return live[0], nil
}

type tokenCreateCmd struct {
	house `embed:""`

	Name        string        `required:"" help:"What the token is for."`
	Scope       []string      `required:"" placeholder:"SCOPE" help:"What it may do, such as conversion:write; all gives everything."`
	Publishable bool          `help:"Make a key for web pages; needs --origin."`
	Origin      []string      `placeholder:"ORIGIN" help:"Where a publishable key may be used."`
	Affiliate   string        `placeholder:"ID" help:"Bind the token to one affiliate's own rows."`
	Address     []string      `placeholder:"CIDR" help:"Networks the token may be used from; anywhere when left out."`
	Expires     time.Duration `placeholder:"DURATION" help:"When it ends, such as 720h; 90 days for a secret token when left out."`
}

// Run prints the token's id and, once, the token.
func (c *tokenCreateCmd) Run(a *app) (err error) {
	ctx, s, err := c.open(a.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	viewer, _ := trust.From(ctx)
	in := auth.TokenCreateInput{Name: c.Name, Scopes: c.scopes(viewer), Origins: c.Origin, AffiliateID: c.Affiliate, Addresses: c.Address}
	if c.Publishable {
		in.Kind = string(apitoken.KindPUBLISHABLE)
	}
	if c.Expires != 0 {
		in.ExpiresAt = new(s.Now().Add(c.Expires))
	}
	out, err := auth.New(auth.Config{Store: s}).TokenCreate(ctx, in)
	if err == nil {
		fmt.Fprintf(a.stdout, "%s\n%s\n", out.TokenID, out.Secret)
	}
	return err
}

func (c *tokenCreateCmd) scopes(viewer trust.Viewer) (out []trust.Scope) {
	if len(c.Scope) == 1 && c.Scope[0] == "all" {
		return grantable(viewer)
	}
	for _, text := range c.Scope {
		out = append(out, trust.Scope(text))
	}
	return out
}

type tokenListCmd struct {
	house `embed:""`
}

// Run prints a table.
func (c *tokenListCmd) Run(a *app) (err error) {
	ctx, s, err := c.open(a.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rows, err := s.Client().ApiToken.Query().Order(ent.Asc(apitoken.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "ID\tHINT\tNAME\tKIND\tSTATE\tLAST USED\tSCOPES")
	for _, t := range rows {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Hint, t.Name, t.Kind, stateOf(t, s.Now()), day(t.LastUsedAt, "never"), strings.Join(t.Scopes, ","))
	}
	return out.Flush()
}

func stateOf(t *ent.ApiToken, now time.Time) string {
	switch {
	case t.RevokedAt != nil:
		return "revoked " + day(t.RevokedAt, "")
	case t.ExpiresAt != nil && !now.Before(*t.ExpiresAt):
		return "expired " + day(t.ExpiresAt, "")
	case t.ExpiresAt != nil:
		return "until " + day(t.ExpiresAt, "")
	}
	return "no end"
}

func day(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return t.UTC().Format(time.DateOnly)
}

type tokenRotateCmd struct {
	house   `embed:""`
	ID      string        `arg:"" help:"Id of the token."`
	Overlap time.Duration `default:"24h" help:"How long the present secret goes on working."`
}

// Run prints the new secret; the present one works until the overlap is over.
func (c *tokenRotateCmd) Run(a *app) (err error) {
	ctx, s, err := c.open(a.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	out, err := auth.New(auth.Config{Store: s}).TokenRotate(ctx, auth.TokenRotateInput{ID: c.ID, Overlap: c.Overlap})
	if err == nil {
		fmt.Fprintf(a.stdout, "%s\n%s\n", out.TokenID, out.Secret)
	}
	return err
}

type tokenRevokeCmd struct {
	house `embed:""`
	ID    string `arg:"" help:"Id of the token."`
}

// Run ends the token; a running server notices within a second.
func (c *tokenRevokeCmd) Run(a *app) (err error) {
	ctx, s, err := c.open(a.ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	out, err := auth.New(auth.Config{Store: s}).TokenRevoke(ctx, auth.TokenRevokeInput{ID: c.ID})
	if err == nil {
		fmt.Fprintf(a.stdout, "%s is revoked\n", out.TokenID)
	}
	return err
}
