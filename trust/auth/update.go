package auth

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/apitoken"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// TokenUpdateInput changes what is not nil.
type TokenUpdateInput struct {
	ID             string
	Name           *string
	Addresses      []string // empty and not nil: from anywhere
	RegisteredOnly *bool
	ExpiresAt      *time.Time
}

// TokenUpdate renames a token, changes where it may be used from, whether it
// runs registered operations only, or when it ends: at once here, within a second
// on every other server. Errors: Invalid; NotFound; State; Forbidden as for
// TokenRotate.
func (s *Service) TokenUpdate(ctx context.Context, in TokenUpdateInput) (TokenOutcome, error) {
	if err := in.check(s.store.Now()); err != nil {
		return TokenOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "apiTokenUpdate", Subject: in.ID}, func(ctx context.Context, tx *store.Tx) (TokenOutcome, error) {
		row, err := theirs(ctx, tx, in.ID)
		if err == nil && row.Kind == apitoken.KindPUBLISHABLE && len(in.Addresses) > 0 {
			err = problem.At(problem.Invalid, "addresses", "a publishable key is used by everybody's browser")
		}
		if err != nil {
			return TokenOutcome{}, err
		}
		by, err := maker(ctx, tx)
		if err == nil {
			err = in.narrow(by)
		}
		if err != nil {
			return TokenOutcome{}, err
		}
		if err := in.change(tx.Ent().ApiToken.UpdateOneID(row.ID)).Exec(ctx); err != nil {
			return TokenOutcome{}, err
		}
		tx.Note(row.ID, in.changes(row))
		tx.AfterCommit(func() { s.forgetToken(row) })
		return TokenOutcome{TokenID: row.ID, Hint: row.Hint}, nil
	})
}

func (in *TokenUpdateInput) check(now time.Time) (err error) {
	if !id.Is(in.ID, id.Token) {
		return noToken
	}
	if in.Name != nil {
		*in.Name = strings.TrimSpace(*in.Name)
		err = form.Line("name", *in.Name, maxTokenName)
	}
	networks, wrong := canonicalNetworks(in.Addresses)
	if in.Addresses != nil {
		in.Addresses = append([]string{}, networks...)
	}
	return errors.Join(err, wrong, checkEnd(in.ExpiresAt, now))
}

func (in TokenUpdateInput) change(row *ent.ApiTokenUpdateOne) *ent.ApiTokenUpdateOne {
	row.SetNillableName(in.Name).SetNillableRegisteredOnly(in.RegisteredOnly).SetNillableExpiresAt(in.ExpiresAt)
	if in.Addresses != nil {
		row.SetAddresses(in.Addresses)
	}
	return row
}

// changes is what the audit row tells: before and after.
func (in TokenUpdateInput) changes(row *ent.ApiToken) map[string]string {
	out := map[string]string{}
	if in.Name != nil {
		out["name"] = row.Name + " → " + *in.Name
	}
	if in.Addresses != nil {
		out["addresses"] = strings.Join(row.Addresses, " ") + " → " + strings.Join(in.Addresses, " ")
	}
	if in.RegisteredOnly != nil {
		out["registeredOnly"] = strconv.FormatBool(row.RegisteredOnly) + " → " + strconv.FormatBool(*in.RegisteredOnly)
	}
	if in.ExpiresAt != nil {
		out["expiresAt"] = in.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return out
}
