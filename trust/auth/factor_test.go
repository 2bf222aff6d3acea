package auth

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// factored turns ada's second factor on.
func (h house) factored() (secret string, recovery []string) {
	h.t.Helper()
	if !h.verified(h.owner.UserID) {
		h.verify(h.owner.UserID)
	}
	ctx := h.as(h.owner.AccessToken)
	begun, err := h.SecondFactorBegin(ctx, right)
	must(h.t, err)
	recovery, err = h.SecondFactorConfirm(ctx, h.now(begun.Secret, 0))
	must(h.t, err)
	h.clock.Advance(2 * factorStep * time.Second)
	return begun.Secret, recovery
}

// now is the app's code, some steps away.
func (h house) now(secret string, steps int64) string {
	h.t.Helper()
	code, err := hotp.GenerateCode(secret, uint64(h.clock.Now().Unix()/factorStep+steps))
	must(h.t, err)
	return code
}

// The vectors of RFC 6238, appendix B (SHA-1), cut to six digits.
func TestK02_CodesAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		for off, want := range map[int64]bool{-60: false, -30: true, 0: true, 30: true, 60: false} {
			if at+off < 0 {
				continue
			}
			step, err := stepOf(secret, code, time.Unix(at+off, 0))
			must(t, err)
			if (step == at/factorStep) != want {
				t.Errorf("%s at %d%+d: step %d", code, at, off, step)
			}
		}
	}
}

func TestK02_LogInAsksForTheSecondFactor(t *testing.T) {
	h := open(t)
	secret, recovery := h.factored()
	in, err := h.logIn("ada@example.com", right)
	must(t, err)
	if in.Challenge == "" || in.AccessToken != "" || in.RefreshToken != "" {
		t.Fatalf("%+v", in)
	}
	with := func(code, spare string) (Tokens, error) {
		return h.LogInSecondFactor(t.Context(), LogInSecondFactorInput{in.Challenge, code, spare})
	}
	_, err = with("000000", "")
	refused(t, err, problem.Invalid, "code")
	_, err = with("", "")
	refused(t, err, problem.Invalid, "code")
	code := h.now(secret, 0)
	out, err := with(code[:3]+" "+code[3:], "")
	must(t, err)
	h.as(out.AccessToken)
	again := func() {
		in, err = h.logIn("ada@example.com", right)
		must(t, err)
	}
	again()
	_, err = with(code, "") // a step once, and none before it
	refused(t, err, problem.Invalid, "code")
	_, err = with(h.now(secret, -1), "")
	refused(t, err, problem.Invalid, "code")
	_, err = with("", strings.ToUpper(recovery[3]))
	must(t, err)
	again()
	_, err = with("", recovery[3])
	refused(t, err, problem.Invalid, "recoveryCode")
	if len(recovery) != recoveryAmount {
		t.Errorf("%d recovery codes", len(recovery))
	}
}

func TestK02_AChallengeEndsWithTimeAndPassword(t *testing.T) {
	h := open(t)
	secret, _ := h.factored()
	in, err := h.logIn("ada@example.com", right)
	must(t, err)
	for _, forged := range []string{"", "trb_challenge_", in.Challenge[:len(in.Challenge)-2], h.owner.RefreshToken} {
		_, err := h.LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: forged, Code: h.now(secret, 0)})
		refused(t, err, problem.Unauthenticated, "")
	}
	must(t, h.PasswordChange(h.as(h.owner.AccessToken), PasswordChangeInput{right, "a new horse battery"}))
	_, err = h.LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: in.Challenge, Code: h.now(secret, 0)})
	refused(t, err, problem.Unauthenticated, "")
	in, err = h.logIn("ada@example.com", "a new horse battery")
	must(t, err)
	h.clock.Advance(challengeLife)
	_, err = h.LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: in.Challenge, Code: h.now(secret, 0)})
	refused(t, err, problem.Unauthenticated, "")
}

// Six digits are few: guesses are counted, over challenges and servers alike.
func TestK02_GuessingCodesIsSlowedDown(t *testing.T) {
	h := open(t)
	secret, _ := h.factored()
	for range factorLimit.Burst {
		in, err := h.logIn("ada@example.com", right)
		must(t, err)
		_, err = h.LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: in.Challenge, Code: "000000"})
		refused(t, err, problem.Invalid, "code")
	}
	in, err := h.logIn("ada@example.com", right)
	must(t, err)
	_, err = New(Config{Store: h.store}).LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: in.Challenge, Code: h.now(secret, 0)})
	refused(t, err, problem.RateLimited, "")
}

func TestK02_TheSecondFactorIsTurnedOnAndOffByProof(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	_, err := h.SecondFactorBegin(ctx, "wrong horse battery")
	refused(t, err, problem.Invalid, "password")
	_, err = h.SecondFactorBegin(ctx, right) // nobody has shown whose mailbox it is
	refused(t, err, problem.State, "")
	h.verify(h.owner.UserID)
	_, err = h.SecondFactorConfirm(ctx, "123456")
	refused(t, err, problem.State, "")
	begun, err := h.SecondFactorBegin(ctx, right)
	must(t, err)
	if !strings.HasPrefix(begun.URI, "otpauth://totp/Tributary:ada@example.com?") {
		t.Errorf("uri %s", begun.URI)
	}
	if in, err := h.logIn("ada@example.com", right); err != nil || in.AccessToken == "" {
		t.Fatalf("an unconfirmed factor is asked for: %v", err)
	}
	secret, recovery := h.factored()
	_, err = h.SecondFactorBegin(ctx, right)
	refused(t, err, problem.State, "")
	off := func(password, code, spare string) error {
		return h.SecondFactorRemove(ctx, SecondFactorRemoveInput{password, code, spare})
	}
	refused(t, off(right, "000000", ""), problem.Invalid, "code")
	refused(t, off("wrong horse battery", h.now(secret, 0), ""), problem.Invalid, "password")
	must(t, off(right, "", recovery[0]))
	refused(t, off(right, "", recovery[1]), problem.State, "")
	if in, err := h.logIn("ada@example.com", right); err != nil || in.AccessToken == "" {
		t.Fatalf("the factor is still asked for: %v", err)
	}
}

// One password that was given opens one session, however many codes there are,
// at once and on two servers. Without redeem each code opens one.
func TestK02_AChallengeWorksOnce(t *testing.T) {
	h := open(t)
	_, recovery := h.factored()
	in, err := h.logIn("ada@example.com", right)
	must(t, err)
	_, err = h.LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: in.Challenge, Code: "000000"})
	refused(t, err, problem.Invalid, "code") // a wrong code does not use it up
	var opened atomic.Int64
	var group sync.WaitGroup
	for _, server := range []*Service{h.Service, New(Config{Store: h.store})} {
		for _, spare := range recovery[:2] {
			group.Go(func() {
				_, err := server.LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: in.Challenge, RecoveryCode: spare})
				if err == nil {
					opened.Add(1)
				} else if code := problem.CodeOf(err); code != problem.Unauthenticated {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	if opened.Load() != 1 {
		t.Errorf("one challenge opened %d sessions", opened.Load())
	}
	_, err = h.LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: in.Challenge, RecoveryCode: recovery[4]})
	refused(t, err, problem.Unauthenticated, "")
	h.clock.Advance(challengeLife - time.Second) // as long as it would live
	_, err = h.store.ForgetAllowances(t.Context(), 1000)
	must(t, err)
	_, err = h.LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: in.Challenge, RecoveryCode: recovery[4]})
	refused(t, err, problem.Unauthenticated, "")
}

// Mallory signed up with bea's address and has a factor from the time before
// addresses had to be proven for it. Bea's letter takes everything back. Without
// factorless in takeOver bea is asked for mallory's code for ever.
func TestK02_AStrangersSecondFactorDoesNotOutliveTheProofOfTheMailbox(t *testing.T) {
	h := open(t)
	mallory := h.signUp("bea@example.com")
	h.verify(mallory.UserID)
	ctx := h.as(mallory.AccessToken)
	begun, err := h.SecondFactorBegin(ctx, right)
	must(t, err)
	spare, err := h.SecondFactorConfirm(ctx, h.now(begun.Secret, 0))
	must(t, err)
	prove := func(proven bool) {
		h.write(mallory.MerchantID, func(ctx context.Context, tx *store.Tx) error {
			edit := tx.Ent().User.UpdateOneID(mallory.UserID)
			if proven {
				return edit.SetEmailVerifiedAt(tx.Now()).Exec(ctx)
			}
			return edit.ClearEmailVerifiedAt().Exec(ctx)
		})
	}
	const hers = "mine from now on"
	for _, proven := range []bool{true, false} {
		prove(proven)
		h.clock.Advance(time.Hour)
		must(t, h.writeReset(t.Context(), "bea@example.com"))
		must(t, h.PasswordReset(t.Context(), PasswordResetInput{h.code(mallory.UserID, resets), hers}))
		h.refuses(mallory.AccessToken)
		in, err := h.logIn("bea@example.com", hers)
		must(t, err)
		if (in.Challenge != "") != proven {
			t.Fatalf("proven before: %t, asked for a code: %t", proven, in.Challenge != "")
		}
		if !proven {
			ctx = h.as(in.AccessToken)
		}
	}
	begun, err = h.SecondFactorBegin(ctx, hers)
	must(t, err)
	_, err = h.SecondFactorConfirm(ctx, h.now(begun.Secret, 1))
	must(t, err)
	in, err := h.logIn("bea@example.com", hers)
	must(t, err)
	_, err = h.LogInSecondFactor(t.Context(), LogInSecondFactorInput{Challenge: in.Challenge, RecoveryCode: spare[0]})
	refused(t, err, problem.Invalid, "recoveryCode") // mallory's
}

// Nobody whose log-in somebody else made sets a second factor up before the
// letter came back: neither a stranger who signed up, nor who was given a first
// password, nor who claimed an affiliate.
func TestK02_NobodySetsASecondFactorUpUnderAnUnprovenAddress(t *testing.T) {
	h := open(t)
	stranger := h.signUp("bea@example.com")
	_, err := h.MemberAdd(h.as(h.owner.AccessToken), MemberAddInput{Email: "cid@example.com", Name: "Cid", Role: "ANALYST", Password: right})
	must(t, err)
	hired, err := h.logIn("cid@example.com", right)
	must(t, err)
	h.affiliate(h.owner.MerchantID, "dan@example.com")
	claimed, err := h.Claim(t.Context(), ClaimInput{"claim dan@example.com", right})
	must(t, err)
	for _, in := range []Tokens{stranger, hired, claimed} {
		_, err := h.SecondFactorBegin(h.as(in.AccessToken), right)
		refused(t, err, problem.State, "")
		h.verify(in.UserID)
		_, err = h.SecondFactorBegin(h.as(in.AccessToken), right)
		must(t, err)
	}
}
