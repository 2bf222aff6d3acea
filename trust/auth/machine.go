package auth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/trust"
)

// machine resolves an API token.
func (s *Service) machine(ctx context.Context, text, origin string, afresh bool) (trust.Viewer, error) {
	row, err := s.presentedToken(ctx, text, afresh)
	if err != nil {
		return trust.Viewer{}, err
	}
	v := bearerOf(row)
	if err := mayBeUsedFrom(v, origin); err != nil {
		s.store.Deny(ctx, denied(v, "origin"))
		return trust.Viewer{}, err
	}
	if err := s.atItsAddress(ctx, row); err != nil {
		return trust.Viewer{}, err
	}
	s.use.note(row, s.store.Now())
	return v, nil
}

// presentedToken finds the working token of a secret.
func (s *Service) presentedToken(ctx context.Context, text string, afresh bool) (*ent.ApiToken, error) {
	if !wellFormed(text) {
		return nil, refuse(errors.New("the checksum is wrong"))
	}
	hash := digest(text)
	row, err := s.token(string(hash), afresh, func() (*ent.ApiToken, error) { return s.store.DoorToken(ctx, hash) })
	if err != nil {
		return nil, err
	}
	return row, s.stillOpens(ctx, row, func(known []byte) bool { return bytes.Equal(known, hash) })
}

// deputy resolves an access token that a program got for its API token: it may
// do what it was made for and the token may still do, for as long as the secret
// that it was made with works.
func (s *Service) deputy(ctx context.Context, c claims, afresh bool) (trust.Viewer, error) {
	row, err := s.token(c.Client, afresh, func() (*ent.ApiToken, error) { return s.store.DoorTokenByID(ctx, c.Client) })
	switch {
	case err != nil:
		return trust.Viewer{}, err
	case row.MerchantID != c.Merchant:
		return trust.Viewer{}, refuse(errors.New("the token belongs elsewhere"))
	}
	if err := s.stillOpens(ctx, row, func(known []byte) bool { return mark(known) == c.Secret }); err != nil {
		return trust.Viewer{}, err
	}
	if err := s.atItsAddress(ctx, row); err != nil {
		return trust.Viewer{}, err
	}
	s.use.note(row, s.store.Now())
	v, asked := bearerOf(row), strings.Fields(c.Scope)
	v.Scopes = slices.DeleteFunc(v.Scopes, func(held trust.Scope) bool { return !slices.Contains(asked, string(held)) })
	return v, nil
}

// token gives the remembered row, or asks; there is no such token is a refusal.
func (s *Service) token(key string, afresh bool, ask func() (*ent.ApiToken, error)) (*ent.ApiToken, error) {
	if afresh {
		s.tokens.forget(key)
	}
	row, err := s.tokens.get(key, absent, ask)
	if absent(err) {
		return nil, refuse(err)
	}
	return row, err
}

// stillOpens refuses a token that has ended, and a secret that has.
func (s *Service) stillOpens(ctx context.Context, row *ent.ApiToken, is func(hash []byte) bool) error {
	if now := s.store.Now(); working(row, now) && opens(row, now, is) {
		return nil
	}
	s.store.Deny(ctx, denied(bearerOf(row), "expired or revoked"))
	return refuse(errors.New("expired or revoked"))
}

// atItsAddress refuses a token at an address that it does not list.
func (s *Service) atItsAddress(ctx context.Context, row *ent.ApiToken) error {
	err := mayComeFrom(ctx, row)
	if err != nil {
		s.store.Deny(ctx, denied(bearerOf(row), "address"))
	}
	return err
}

// working reports whether the token has neither ended nor been ended.
func working(row *ent.ApiToken, now time.Time) bool {
	return row.RevokedAt == nil && (row.ExpiresAt == nil || now.Before(*row.ExpiresAt))
}

// opens reports whether one of the token's live secrets is the one meant: the
// present one, or the former one until its time is over.
func opens(row *ent.ApiToken, now time.Time, is func(hash []byte) bool) bool {
	former := row.FormerHash != nil && row.FormerExpiresAt != nil && now.Before(*row.FormerExpiresAt)
	return is(row.Hash) || former && is(row.FormerHash)
}

// mark names a secret without telling it: a hash of its hash.
func mark(hash []byte) string {
	sum := sha256.Sum256(hash)
	return hex.EncodeToString(sum[:8])
}

func bearerOf(row *ent.ApiToken) trust.Viewer {
	v := trust.Viewer{MerchantID: row.MerchantID, PrincipalID: row.ID, Kind: trust.KindToken, Origins: row.Origins, RegisteredOnly: row.RegisteredOnly}
	if row.Kind == apitoken.KindPUBLISHABLE {
		v.Kind = trust.KindPublishable
	}
	if row.AffiliateID != nil {
		v.AffiliateID = *row.AffiliateID
	}
	v.Scopes = make([]trust.Scope, len(row.Scopes))
	for i, s := range row.Scopes {
		v.Scopes[i] = trust.Scope(s)
	}
	return v
}
