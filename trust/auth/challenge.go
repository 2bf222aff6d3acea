package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/pace"
)

// A challenge says that somebody gave the right password a moment ago. It is
// sealed, opens nothing without the second factor, works once, and ends when the
// password changes.
const (
	challengeLife  = 5 * time.Minute
	challengeBrand = "trb_challenge_"
)

var challengePlace = seal.AAD{Table: "users", Column: "challenge", Row: "log-in"}

type proven struct {
	ID             string // which challenge it is
	User, Merchant string
	Until          time.Time
	Password       []byte // of its hash: which password it was
}

func fingerprint(u *ent.User) []byte {
	sum := sha256.Sum256(u.PasswordHash)
	return sum[:]
}

func (s *Service) challenge(u *ent.User, v trust.Viewer) (Tokens, error) {
	p := proven{rand.Text(), u.ID, v.MerchantID, s.store.Now().Add(challengeLife), fingerprint(u)}
	plain, err := json.Marshal(p) // #nosec G117 -- sealed with the rest, for this house only
	if err != nil {
		return Tokens{}, err
	}
	sealed, err := s.store.Keys().Seal(plain, challengePlace)
	return Tokens{Challenge: challengeBrand + base64.RawURLEncoding.EncodeToString(sealed), AccessExpiresAt: p.Until}, err
}

// challenged reads a challenge. Errors: Unauthenticated.
func (s *Service) challenged(ctx context.Context, text string) (proven, *ent.User, error) {
	var p proven
	sealed, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(text, challengeBrand))
	if err != nil {
		return p, nil, refuse(err)
	}
	plain, err := s.store.Keys().Open(sealed, challengePlace)
	if err != nil {
		return p, nil, refuse(err)
	}
	if err := json.Unmarshal(plain, &p); err != nil || p.ID == "" || !s.store.Now().Before(p.Until) {
		return p, nil, refuse(errors.New("the challenge has expired"))
	}
	u, err := s.store.DoorUser(ctx, p.User)
	if absent(err) || err == nil && string(fingerprint(u)) != string(p.Password) {
		return p, nil, refuse(errors.New("the password has changed"))
	}
	return p, u, err
}

// LogInSecondFactorInput is the challenge, and one of the two codes.
type LogInSecondFactorInput struct {
	Challenge    string
	Code         string // of the authenticator app
	RecoveryCode string
}

// LogInSecondFactor starts a family for a person who has given the password, once
// for each time that it was given. Errors: Unauthenticated for the challenge,
// Invalid at code or recoveryCode, RateLimited.
func (s *Service) LogInSecondFactor(ctx context.Context, in LogInSecondFactorInput) (Tokens, error) {
	p, u, err := s.challenged(ctx, in.Challenge)
	if err != nil {
		return Tokens{}, err
	}
	v, err := s.entrance(ctx, u.ID, p.Merchant)
	if err != nil {
		return Tokens{}, err
	}
	try := s.byFactor(ctx, u.ID, u.Email)
	if err := try.begin(ctx); err != nil {
		return Tokens{}, err
	}
	if err := s.redeem(ctx, p); err != nil {
		return Tokens{}, err
	}
	out, err := s.start(ctx, "logInSecondFactor", v, u, func(ctx context.Context, tx *store.Tx, now *ent.User) error {
		return s.spendFactor(ctx, tx, now, in.Code, in.RecoveryCode)
	})
	switch problem.CodeOf(err) {
	case problem.Invalid:
		s.unredeem(ctx, p)
		s.store.DenyAside(ctx, func(context.Context) (store.Denial, bool) {
			return store.Denial{Viewer: v, Action: "logInSecondFactor", Subject: u.ID, Reason: "code"}, true
		})
	case "":
		try.right(ctx)
	}
	return out, err
}

// onceLimit is the allowance of one challenge: it comes back when the challenge
// has ended, and then the mark is swept with the other allowances.
var onceLimit = pace.Limit{Every: challengeLife, Burst: 1}

// redeem takes the challenge, on all servers. It is taken before the code is
// looked at: of two who come with one challenge and two right codes, each would
// find it unused afterwards. Errors: Unauthenticated.
func (s *Service) redeem(ctx context.Context, p proven) error {
	v, err := s.store.DoorSpend(ctx, s.bucket("challenge", p.ID), onceLimit, 1)
	if err == nil && !v.Granted {
		err = refuse(errors.New("the challenge was used already"))
	}
	return err
}

// unredeem gives it back after a wrong code, which started nothing. One whose end
// is not known stays used: the person signs in again.
func (s *Service) unredeem(ctx context.Context, p proven) {
	if err := s.store.DoorRefill(ctx, s.bucket("challenge", p.ID)); err != nil {
		s.store.Log().Warn("a challenge was not given back", "error", err)
	}
}
