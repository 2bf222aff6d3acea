package auth

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// TokenRevokeInput names a token of the viewer's merchant.
type TokenRevokeInput struct {
	ID string
}

// TokenRevoke ends a token: at once on this server, within a second on every
// other. Revoking twice is the same as once. Errors: NotFound.
func (s *Service) TokenRevoke(ctx context.Context, in TokenRevokeInput) (TokenOutcome, error) {
	if !id.Is(in.ID, id.Token) {
		return TokenOutcome{}, noToken
	}
	return store.Run(ctx, s.store, store.Command{Name: "apiTokenRevoke", Subject: in.ID}, func(ctx context.Context, tx *store.Tx) (TokenOutcome, error) {
		_, err := tx.Ent().ApiToken.Update().Where(apitoken.ID(in.ID), apitoken.RevokedAtIsNil()).SetRevokedAt(tx.Now()).Save(ctx)
		if err != nil {
			return TokenOutcome{}, err
		}
		row, err := tx.Ent().ApiToken.Get(ctx, in.ID)
		if ent.IsNotFound(err) {
			return TokenOutcome{}, noToken
		}
		if err != nil {
			return TokenOutcome{}, err
		}
		tx.AfterCommit(func() { s.forgetToken(row) })
		return TokenOutcome{TokenID: row.ID, Hint: row.Hint}, nil
	})
}

// forgetToken makes this server ask again at once, whichever of its secrets, or
// of the access tokens made for it, is presented next.
func (s *Service) forgetToken(row *ent.ApiToken) {
	for _, key := range []string{row.ID, string(row.Hash), string(row.FormerHash)} {
		s.tokens.forget(key)
	}
}

var noToken = problem.At(problem.NotFound, "id", "the token was not found")
