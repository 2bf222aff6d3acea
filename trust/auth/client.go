package auth

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// ClientInput is what a program presents for an access token: OAuth 2's client
// credentials.
type ClientInput struct {
	ClientID string        // the API token's id
	Secret   string        // the API token
	Scopes   []trust.Scope // fewer than the token's; all of them when empty
}

// ClientTokens is the answer: an access token that ends soon.
type ClientTokens struct {
	AccessToken string `json:"-"`
	ExpiresAt   time.Time
	Scopes      []trust.Scope
}

// ClientToken gives a program an access token that stands for its API token: for
// at most fifteen minutes, with the scopes asked for, and only for as long as
// the secret it was made with works. Errors: Unauthenticated for a pair that is
// wrong in whatever way; Forbidden for a publishable key and at an address that
// the token does not list; Invalid at scope for one that the token lacks.
func (s *Service) ClientToken(ctx context.Context, in ClientInput) (ClientTokens, error) {
	row, err := s.presentedToken(ctx, in.Secret, false)
	if err != nil {
		return ClientTokens{}, err
	}
	if row.ID != in.ClientID {
		return ClientTokens{}, refuse(nil)
	}
	if row.Kind == apitoken.KindPUBLISHABLE {
		return ClientTokens{}, problem.New(problem.Forbidden, "a publishable key gets no access token")
	}
	if err := s.atItsAddress(ctx, row); err != nil {
		return ClientTokens{}, err
	}
	v := bearerOf(row)
	if v.Scopes, err = in.fewer(v.Scopes); err != nil {
		return ClientTokens{}, err
	}
	return store.Run(trust.With(ctx, v), s.store, store.Command{Name: "tokenGrant", Subject: row.ID}, func(_ context.Context, tx *store.Tx) (ClientTokens, error) {
		return s.mintFor(row, v.Scopes, digest(in.Secret), tx.Now())
	})
}

// fewer are the scopes asked for, each of which the token must hold.
func (in ClientInput) fewer(held []trust.Scope) ([]trust.Scope, error) {
	if len(in.Scopes) == 0 {
		return held, nil
	}
	for _, one := range in.Scopes {
		if !slices.Contains(held, one) {
			return nil, problem.At(problem.Invalid, "scope", "the token does not hold %q", string(one))
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(in.Scopes))), nil
}

// mintFor signs an access token that ends no later than the secret it is for.
func (s *Service) mintFor(row *ent.ApiToken, scopes []trust.Scope, hash []byte, now time.Time) (ClientTokens, error) {
	expires := now.Add(accessLife)
	ends := []*time.Time{row.ExpiresAt}
	if !slices.Equal(row.Hash, hash) {
		ends = append(ends, row.FormerExpiresAt)
	}
	for _, end := range ends {
		if end != nil && end.Before(expires) {
			expires = *end
		}
	}
	expires = expires.Truncate(time.Second)
	c := claims{RegisteredClaims: s.registered(row.ID, now, expires), Merchant: row.MerchantID, Client: row.ID, Scope: strings.Join(sorted(scopes), " "), Secret: mark(hash)}
	c.ID = rand.Text()
	text, err := s.sign(c)
	return ClientTokens{AccessToken: text, ExpiresAt: expires, Scopes: scopes}, err
}
