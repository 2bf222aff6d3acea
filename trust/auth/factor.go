package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/onetimecode"
	"github.com/tributary/tributary/ent/user"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
)

// The second factor is a code by RFC 6238: HMAC-SHA-1, six digits, a step of
// thirty seconds. The step before and the one after count too, for clocks that
// differ; a step that was accepted is never accepted again, nor one before it.
const (
	factorStep     = 30 // seconds
	recoveryAmount = 10
	issuer         = "Tributary"
)

// SecondFactorSecret is shown once, for the authenticator app.
type SecondFactorSecret struct {
	Secret string `json:"-"` // base32
	URI    string `json:"-"` // otpauth://…, for a QR code
}

func factorPlace(userID string) seal.AAD {
	return seal.AAD{Table: user.Table, Column: user.FieldSecondFactor, Row: userID}
}

// SecondFactorBegin gives the viewer a secret for an authenticator app. It is
// asked for at log-in only once SecondFactorConfirm has seen that the app works.
// The password keeps a borrowed session from locking its owner out, and the
// proof of the address a stranger from locking out the owner of the mailbox.
// Errors: Invalid at password; State when there is a second factor, or the
// address is not verified; RateLimited.
func (s *Service) SecondFactorBegin(ctx context.Context, password string) (SecondFactorSecret, error) {
	_, u, err := s.self(ctx)
	if err != nil {
		return SecondFactorSecret{}, err
	}
	if err := s.prove(ctx, u, "password", password); err != nil {
		return SecondFactorSecret{}, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: u.Email})
	if err != nil {
		return SecondFactorSecret{}, err
	}
	sealed, err := s.store.Keys().Seal([]byte(key.Secret()), factorPlace(u.ID))
	if err != nil {
		return SecondFactorSecret{}, err
	}
	err = s.concerning(ctx, "secondFactorBegin", u.ID, func(ctx context.Context, tx *store.Tx, u *ent.User) error {
		switch {
		case u.EmailVerifiedAt == nil:
			return problem.New(problem.State, "verify your e-mail address first")
		case u.SecondFactorAt != nil:
			return problem.New(problem.State, "there is a second factor; remove it first")
		}
		return tx.Ent().User.Update().Where(user.ID(u.ID)).SetSecondFactor(sealed).Exec(ctx)
	})
	if err != nil {
		return SecondFactorSecret{}, err
	}
	return SecondFactorSecret{key.Secret(), key.URL()}, nil
}

// SecondFactorConfirm turns the second factor on with a code of the app, and
// gives recovery codes, each good once in place of a code. They are shown this
// once. Errors: Invalid at code, State, RateLimited.
func (s *Service) SecondFactorConfirm(ctx context.Context, code string) (recovery []string, err error) {
	_, u, err := s.self(ctx)
	if err != nil {
		return nil, err
	}
	try := s.byFactor(ctx, u.ID, u.Email)
	if err := try.begin(ctx); err != nil {
		return nil, err
	}
	err = s.concerning(ctx, "secondFactorConfirm", u.ID, func(ctx context.Context, tx *store.Tx, u *ent.User) error {
		if u.SecondFactorAt != nil || len(u.SecondFactor) == 0 {
			return problem.New(problem.State, "begin with secondFactorBegin")
		}
		if err := s.spendApp(ctx, tx, u, code); err != nil {
			return err
		}
		if err := tx.Ent().User.Update().Where(user.ID(u.ID)).SetSecondFactorAt(tx.Now()).Exec(ctx); err != nil {
			return err
		}
		recovery, err = s.recoveryCodes(ctx, tx, u.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	try.right(ctx)
	return recovery, nil
}

// SecondFactorRemoveInput proves the person twice: by the password, and by a
// code of either kind.
type SecondFactorRemoveInput struct{ Password, Code, RecoveryCode string }

// SecondFactorRemove turns the second factor off. Errors: Invalid, State,
// RateLimited.
func (s *Service) SecondFactorRemove(ctx context.Context, in SecondFactorRemoveInput) error {
	_, u, err := s.self(ctx)
	if err != nil {
		return err
	}
	if u.SecondFactorAt == nil {
		return problem.New(problem.State, "there is no second factor")
	}
	if err := s.prove(ctx, u, "password", in.Password); err != nil {
		return err
	}
	try := s.byFactor(ctx, u.ID, u.Email)
	if err := try.begin(ctx); err != nil {
		return err
	}
	err = s.concerning(ctx, "secondFactorRemove", u.ID, func(ctx context.Context, tx *store.Tx, now *ent.User) error {
		if err := s.spendFactor(ctx, tx, now, in.Code, in.RecoveryCode); err != nil {
			return err
		}
		return factorless(ctx, tx, u.ID)
	})
	if err == nil {
		try.right(ctx)
	}
	return err
}

// factorless takes the second factor and its recovery codes away, one that was
// only begun too.
func factorless(ctx context.Context, tx *store.Tx, userID string) error {
	if err := retire(ctx, tx, userID, onetimecode.PurposeRECOVERY); err != nil {
		return err
	}
	return tx.Ent().User.Update().Where(user.ID(userID)).ClearSecondFactor().ClearSecondFactorAt().Exec(ctx)
}

// spendFactor uses up one code of either kind. The caller holds the person's
// lock.
func (s *Service) spendFactor(ctx context.Context, tx *store.Tx, u *ent.User, code, recovery string) error {
	switch {
	case u.SecondFactorAt == nil:
		return problem.New(problem.State, "there is no second factor")
	case (code == "") == (recovery == ""):
		return problem.At(problem.Invalid, "code", "give either a code of the app or a recovery code")
	case code != "":
		return s.spendApp(ctx, tx, u, code)
	}
	row, err := s.store.DoorCode(ctx, s.codeHash(onetimecode.PurposeRECOVERY, u.ID+" "+tidyRecovery(recovery)))
	if absent(err) {
		return noCode("recoveryCode")
	}
	if err != nil {
		return err
	}
	return spendCode(ctx, tx, row, "recoveryCode")
}

// spendApp takes a code of the app once.
func (s *Service) spendApp(ctx context.Context, tx *store.Tx, u *ent.User, code string) error {
	secret, err := s.store.Keys().Open(u.SecondFactor, factorPlace(u.ID))
	if err != nil {
		return err
	}
	step, err := stepOf(string(secret), strings.ReplaceAll(strings.TrimSpace(code), " ", ""), tx.Now())
	if err != nil {
		return err
	}
	if step <= u.SecondFactorStep {
		return noCode("code")
	}
	return tx.Ent().User.Update().Where(user.ID(u.ID)).SetSecondFactorStep(step).Exec(ctx)
}

// stepOf finds the step whose code it is, of the three that count now; 0 for
// none.
func stepOf(secret, code string, now time.Time) (int64, error) {
	at, found := now.Unix()/factorStep, int64(0)
	for step := at - 1; step <= at+1; step++ {
		want, err := hotp.GenerateCode(secret, uint64(step))
		if err != nil {
			return 0, errors.New("a stored second factor is malformed")
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = step
		}
	}
	return found, nil
}

// recoveryCodes gives the person new ones in place of the old. Each is fifty
// random bits, and guessing is slowed down like that of the app's codes.
func (s *Service) recoveryCodes(ctx context.Context, tx *store.Tx, userID string) (codes []string, err error) {
	if err := retire(ctx, tx, userID, onetimecode.PurposeRECOVERY); err != nil {
		return nil, err
	}
	for range recoveryAmount {
		text := strings.ToLower(rand.Text()[:10])
		err := tx.Ent().OneTimeCode.Create().SetUserID(userID).SetPurpose(onetimecode.PurposeRECOVERY).
			SetHash(s.codeHash(onetimecode.PurposeRECOVERY, userID+" "+text)).Exec(ctx)
		if err != nil {
			return nil, err
		}
		codes = append(codes, text[:5]+"-"+text[5:])
	}
	return codes, nil
}

func tidyRecovery(s string) string { return strings.ReplaceAll(tidyCode(s), "-", "") }
