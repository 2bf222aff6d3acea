package auth

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// TokenCreateInput describes a machine's credential at the viewer's merchant.
type TokenCreateInput struct {
	Name           string
	Kind           string // SECRET (when empty) or PUBLISHABLE
	Mode           string // LIVE or TEST: of the merchant or its twin; where the viewer is when empty
	Scopes         []trust.Scope
	Origins        []string   // of a publishable key: where it may be used, at least one
	AffiliateID    string     // binds a secret token to one affiliate's rows
	Addresses      []string   // networks a secret token may be used from; anywhere when empty
	RegisteredOnly bool       // it runs registered operations and nothing else
	ExpiresAt      *time.Time // nil: 90 days for a secret token, never for a publishable key
}

// TokenOutcome names a token. Secret is given once and is empty when a keyed
// command is repeated.
type TokenOutcome struct {
	TokenID    string
	MerchantID string // the viewer's, or its twin
	Hint       string
	Secret     string `json:"-"` // never in a stored outcome
}

const (
	maxOrigins   = 20
	maxTokenName = 120 // bytes, as the column holds them
)

func (in *TokenCreateInput) check(now time.Time) error {
	in.Name = strings.TrimSpace(in.Name)
	if in.Kind == "" {
		in.Kind = string(apitoken.KindSECRET)
	}
	err := errors.Join(form.Line("name", in.Name, maxTokenName), in.checkKind(), in.checkOrigins(), in.checkAddresses())
	if in.ExpiresAt != nil && !in.ExpiresAt.After(now) {
		err = errors.Join(err, problem.At(problem.Invalid, "expiresAt", "must be in the future"))
	}
	if in.ExpiresAt == nil && in.Kind == string(apitoken.KindSECRET) {
		in.ExpiresAt = new(now.Add(tokenLife))
	}
	return err
}

func (in *TokenCreateInput) checkKind() error {
	if apitoken.KindValidator(apitoken.Kind(in.Kind)) != nil {
		return problem.At(problem.Invalid, "kind", "must be SECRET or PUBLISHABLE")
	}
	if in.publishable() && in.AffiliateID != "" {
		return problem.At(problem.Invalid, "affiliateId", "a publishable key is not bound to an affiliate")
	}
	return nil
}

func (in *TokenCreateInput) checkAddresses() (err error) {
	if in.publishable() && len(in.Addresses) > 0 {
		return problem.At(problem.Invalid, "addresses", "a publishable key is used by everybody's browser")
	}
	in.Addresses, err = canonicalNetworks(in.Addresses)
	return err
}

func (in *TokenCreateInput) publishable() bool { return in.Kind == string(apitoken.KindPUBLISHABLE) }

// checkOrigins brings the origins into canonical form.
func (in *TokenCreateInput) checkOrigins() error {
	if in.publishable() != (len(in.Origins) > 0) || len(in.Origins) > maxOrigins {
		return problem.At(problem.Invalid, "origins", "a publishable key names 1 to %d origins, a secret token none", maxOrigins)
	}
	in.Origins = slices.Clone(in.Origins)
	for i, text := range in.Origins {
		origin, ok := canonicalOrigin(text)
		if !ok {
			return problem.At(problem.Invalid, element("origins", i), "must be an exact origin such as https://shop.example")
		}
		in.Origins[i] = origin
	}
	slices.Sort(in.Origins)
	in.Origins = slices.Compact(in.Origins)
	return nil
}

// TokenCreate makes a token of the viewer's merchant: trb_live_ at a live
// merchant, trb_test_ at a test twin, trb_pub_ for a publishable key. Errors:
// Invalid, Forbidden for scopes the viewer does not hold and networks it may not
// be used from, NotFound for the affiliate.
func (s *Service) TokenCreate(ctx context.Context, in TokenCreateInput) (TokenOutcome, error) {
	if err := in.check(s.store.Now()); err != nil {
		return TokenOutcome{}, err
	}
	ctx, err := s.inMode(ctx, in.Mode)
	if err != nil {
		return TokenOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "apiTokenCreate"}, in.run)
}

func (in TokenCreateInput) run(ctx context.Context, tx *store.Tx) (TokenOutcome, error) {
	if err := in.grantable(tx.Viewer()); err != nil {
		return TokenOutcome{}, err
	}
	if err := in.bound(ctx, tx); err != nil {
		return TokenOutcome{}, err
	}
	by, err := maker(ctx, tx)
	if err == nil {
		err = in.narrow(by)
	}
	if err != nil {
		return TokenOutcome{}, err
	}
	prefix, err := in.prefix(ctx, tx)
	if err != nil {
		return TokenOutcome{}, err
	}
	secret := newSecret(prefix)
	row, err := in.row(tx, secret).SetHint(hint(prefix, secret)).Save(ctx)
	if err != nil {
		return TokenOutcome{}, err
	}
	tx.Note(row.ID, map[string]string{"kind": in.Kind, "scopes": strings.Join(row.Scopes, " ")})
	return TokenOutcome{TokenID: row.ID, MerchantID: row.MerchantID, Hint: row.Hint, Secret: secret}, nil
}

func (in TokenCreateInput) prefix(ctx context.Context, tx *store.Tx) (string, error) {
	if in.publishable() {
		return pubPrefix, nil
	}
	m, err := tx.Ent().Merchant.Get(ctx, tx.MerchantID())
	if err != nil {
		return "", err
	}
	return prefixOf(m.Mode), nil
}

func (in TokenCreateInput) row(tx *store.Tx, secret string) *ent.ApiTokenCreate {
	create := tx.Ent().ApiToken.Create().SetName(in.Name).SetKind(apitoken.Kind(in.Kind)).SetHash(digest(secret)).
		SetScopes(sorted(in.Scopes)).SetOrigins(in.Origins).SetAddresses(in.Addresses).SetRegisteredOnly(in.RegisteredOnly).
		SetCreatedBy(tx.Viewer().PrincipalID).SetNillableExpiresAt(in.ExpiresAt)
	if in.AffiliateID != "" {
		create.SetAffiliateID(in.AffiliateID)
	}
	return create
}

func sorted(scopes []trust.Scope) []string {
	var out []string
	for _, s := range slices.Compact(slices.Sorted(slices.Values(scopes))) {
		out = append(out, string(s))
	}
	return out
}

// element is the path of one element of a list field.
func element(field string, i int) string { return field + "." + strconv.Itoa(i) }
