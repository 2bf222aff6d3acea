package auth

import (
	"context"
	"encoding/base32"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/onetimecode"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// A code that is mailed is 160 bits, made from its row's id under the master
// key: the job that writes the letter knows the id and makes the code again, so
// that neither the row nor the job holds it. The row holds a keyed hash of it.
const (
	verifyLife = 24 * time.Hour
	resetLife  = time.Hour
	inviteLife = 7 * 24 * time.Hour
)

var codeText = base32.StdEncoding.WithPadding(base32.NoPadding)

// codeOf gives the secret of a mailed code.
func (s *Service) codeOf(codeID string) string {
	return strings.ToLower(codeText.EncodeToString(s.store.Keys().Hash("", "one-time code", codeID)[:20]))
}

// codeHash is what is stored of a code.
func (s *Service) codeHash(p onetimecode.Purpose, secret string) []byte {
	return s.store.Keys().Hash("", "one-time code of "+string(p), secret)
}

// tidyCode forgives what a person does to a code on the way.
func tidyCode(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// makeCode gives a person a code in place of those of its purpose before.
func (s *Service) makeCode(ctx context.Context, tx *store.Tx, userID string, p onetimecode.Purpose, life time.Duration) (string, error) {
	if err := retire(ctx, tx, userID, p); err != nil {
		return "", err
	}
	codeID := tx.ID(id.Code)
	return codeID, tx.Ent().OneTimeCode.Create().SetID(codeID).SetUserID(userID).SetPurpose(p).
		SetHash(s.codeHash(p, s.codeOf(codeID))).SetExpiresAt(tx.Now().Add(life)).Exec(ctx)
}

// retire makes the person's codes of a purpose worthless.
func retire(ctx context.Context, tx *store.Tx, userID string, p onetimecode.Purpose) error {
	return tx.Ent().OneTimeCode.Update().
		Where(onetimecode.UserID(userID), onetimecode.PurposeEQ(p), onetimecode.UsedAtIsNil()).
		SetUsedAt(tx.Now()).Exec(ctx)
}

// noCode answers a code that opens nothing, whatever the reason.
func noCode(field string) error {
	return problem.At(problem.Invalid, field, "the code is not right, was used already or has expired")
}

// presentedCode finds a mailed code that still works.
func (s *Service) presentedCode(ctx context.Context, p onetimecode.Purpose, secret string) (*ent.OneTimeCode, error) {
	row, err := s.store.DoorCode(ctx, s.codeHash(p, tidyCode(secret)))
	if absent(err) || err == nil && !works(row, s.store.Now()) {
		return nil, noCode("code")
	}
	return row, err
}

func works(row *ent.OneTimeCode, now time.Time) bool {
	return row.UsedAt == nil && (row.ExpiresAt == nil || now.Before(*row.ExpiresAt))
}

// spendCode uses a code up. Of two who come with it at once the second finds it
// used.
func spendCode(ctx context.Context, tx *store.Tx, row *ent.OneTimeCode, field string) error {
	n, err := tx.Ent().OneTimeCode.Update().Where(onetimecode.ID(row.ID), onetimecode.UsedAtIsNil()).SetUsedAt(tx.Now()).Save(ctx)
	if err == nil && n == 0 {
		err = noCode(field)
	}
	return err
}
