package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// maxOverlap bounds how long two secrets of one token live beside one another.
const maxOverlap = 30 * 24 * time.Hour

// TokenRotateInput asks for a new secret of a token of the viewer's merchant.
type TokenRotateInput struct {
	ID        string
	Overlap   time.Duration // how long the present secret goes on working; zero: not at all
	ExpiresAt *time.Time    // nil: at least 90 days from now, for a token that ends
}

// TokenRotate gives a token a new secret, shown once, and lets the present one
// work until the overlap is over, so that the programs that use it can be told
// one after another. A secret from a rotation before ends at once. Errors:
// Invalid; NotFound; State for a token that has ended; Forbidden for one that
// may do more than the viewer; Conflict when another rotation was faster.
func (s *Service) TokenRotate(ctx context.Context, in TokenRotateInput) (TokenOutcome, error) {
	if err := in.check(s.store.Now()); err != nil {
		return TokenOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "apiTokenRotate", Subject: in.ID}, func(ctx context.Context, tx *store.Tx) (TokenOutcome, error) {
		row, err := theirs(ctx, tx, in.ID)
		if err != nil {
			return TokenOutcome{}, err
		}
		prefix, _, _ := strings.Cut(row.Hint, "…")
		secret := newSecret(prefix)
		changed, err := in.change(tx, row).SetHash(digest(secret)).SetHint(hint(prefix, secret)).Save(ctx)
		if err == nil && changed == 0 {
			err = problem.At(problem.Conflict, "id", "the token was rotated by somebody else at the same moment")
		}
		if err != nil {
			return TokenOutcome{}, err
		}
		tx.Note(row.ID, map[string]string{"overlap": in.Overlap.String()})
		tx.AfterCommit(func() { s.forgetToken(row) })
		return TokenOutcome{TokenID: row.ID, Hint: hint(prefix, secret), Secret: secret}, nil
	})
}

func (in TokenRotateInput) check(now time.Time) (err error) {
	if !id.Is(in.ID, id.Token) {
		return noToken
	}
	if in.Overlap < 0 || in.Overlap > maxOverlap {
		err = problem.At(problem.Invalid, "overlapSeconds", "must be between 0 and %d", int(maxOverlap.Seconds()))
	}
	return errors.Join(err, checkEnd(in.ExpiresAt, now))
}

func checkEnd(at *time.Time, now time.Time) error {
	if at != nil && !at.After(now) {
		return problem.At(problem.Invalid, "expiresAt", "must be in the future")
	}
	return nil
}

// change is all but the new secret. It meets the row only with the secret that
// was read: of two rotations at once one would else hand out a secret that
// never works.
func (in TokenRotateInput) change(tx *store.Tx, row *ent.ApiToken) *ent.ApiTokenUpdate {
	change := tx.Ent().ApiToken.Update().Where(apitoken.ID(row.ID), apitoken.Hash(row.Hash))
	if in.Overlap > 0 {
		change.SetFormerHash(row.Hash).SetFormerExpiresAt(tx.Now().Add(in.Overlap))
	} else {
		change.ClearFormerHash().ClearFormerExpiresAt()
	}
	if in.ExpiresAt != nil {
		return change.SetExpiresAt(*in.ExpiresAt)
	}
	if usual := tx.Now().Add(tokenLife); row.ExpiresAt != nil && row.ExpiresAt.Before(usual) {
		change.SetExpiresAt(usual)
	}
	return change
}
