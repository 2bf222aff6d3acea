package auth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/onetimecode"
	"github.com/tributary/tributary/internal/mail"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

const verifies, resets = onetimecode.PurposeVERIFY_EMAIL, onetimecode.PurposeRESET_PASSWORD

func TestS72_TheCodeOfTheLetterLetsTheOwnerReleaseMoney(t *testing.T) {
	h := open(t)
	mint := TokenCreateInput{Name: "t", Scopes: []trust.Scope{trust.PayoutApprove}}
	before := h.as(h.owner.AccessToken)
	if v := trustOf(before); !v.Unverified || v.Can(trust.PayoutApprove) || !v.Can(trust.PayoutWrite) {
		t.Fatalf("%+v", v)
	}
	_, err := h.TokenCreate(before, mint) // no way round by a token
	refused(t, err, problem.Forbidden, "scopes.0")
	for _, wrong := range []string{"", "x", h.owner.RefreshToken} {
		refused(t, h.EmailVerify(t.Context(), EmailVerifyInput{wrong}), problem.Invalid, "code")
	}
	code := h.code(h.owner.UserID, verifies)
	must(t, h.EmailVerify(t.Context(), EmailVerifyInput{" " + strings.ToUpper(code) + "\n"}))
	after := h.as(h.owner.AccessToken) // at once on this server
	if v := trustOf(after); v.Unverified || !v.Can(trust.PayoutApprove) {
		t.Fatalf("%+v", v)
	}
	_, err = h.TokenCreate(after, mint)
	must(t, err)
	refused(t, h.EmailVerify(t.Context(), EmailVerifyInput{code}), problem.Invalid, "code")
	refused(t, h.EmailVerificationSend(after), problem.State, "")
}

func TestVerificationCodesAreReplacedAndRunOut(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	first := h.code(h.owner.UserID, verifies)
	must(t, h.EmailVerificationSend(ctx))
	refused(t, h.EmailVerify(t.Context(), EmailVerifyInput{first}), problem.Invalid, "code")
	second := h.code(h.owner.UserID, verifies)
	refused(t, h.PasswordReset(t.Context(), PasswordResetInput{second, right}), problem.Invalid, "code") // of another purpose
	h.clock.Advance(verifyLife)
	refused(t, h.EmailVerify(t.Context(), EmailVerifyInput{second}), problem.Invalid, "code")
	for range askLimit.Burst {
		must(t, h.EmailVerificationSend(ctx))
	}
	refused(t, h.EmailVerificationSend(ctx), problem.RateLimited, "")
	refused(t, h.EmailVerificationSend(t.Context()), problem.Unauthenticated, "")
}

func TestSignUpCanBeClosed(t *testing.T) {
	h := open(t)
	closed := New(Config{Store: h.store, Closed: true})
	in := SignUpInput{Email: "b@example.com", Password: right, Name: "B", MerchantName: "Bee", Currency: "USD"}
	_, err := closed.SignUp(t.Context(), in)
	refused(t, err, problem.Forbidden, "")
	in.Vouched = true
	out, err := closed.SignUp(t.Context(), in)
	must(t, err)
	u, err := h.store.DoorUser(t.Context(), out.UserID)
	must(t, err)
	if u.EmailVerifiedAt == nil || h.code(out.UserID, verifies) != "" {
		t.Error("the operator's word is not enough")
	}
}

// A letter is written from its code's id alone, holds the code that works, and
// is not sent for one that does not any more.
func TestLettersHoldTheCodeOfTheirJob(t *testing.T) {
	h := open(t)
	dir := t.TempDir()
	h.Service = New(Config{Store: h.store, Mail: mail.Folder{Path: dir, From: "us@example.com"}, Page: "https://app.example/account"})
	var job queue.Job
	code := h.code(h.owner.UserID, verifies)
	row, err := h.store.DoorCode(t.Context(), h.codeHash(verifies, code))
	must(t, err)
	job.Subject = row.ID
	send := func() []string {
		t.Helper()
		must(t, h.Tasks()[0].Do(t.Context(), job))
		all, err := filepath.Glob(filepath.Join(dir, "*.eml"))
		must(t, err)
		return all
	}
	all := send()
	if len(all) != 1 {
		t.Fatal(all)
	}
	text, err := os.ReadFile(all[0])
	must(t, err)
	flat := strings.ReplaceAll(strings.ReplaceAll(string(text), "=\r\n", ""), "=3D", "=")
	if !strings.Contains(flat, "https://app.example/account#verify="+code) || !strings.Contains(flat, "To: <ada@example.com>") || !strings.Contains(flat, "24 hours") {
		t.Errorf("%s", flat)
	}
	must(t, os.Remove(all[0]))
	must(t, h.EmailVerify(t.Context(), EmailVerifyInput{code}))
	if all := send(); len(all) > 0 {
		t.Error("a used code was sent")
	}
}

func TestPasswordResetSignsOutEverywhere(t *testing.T) {
	h := open(t)
	other, err := h.logIn("ada@example.com", right)
	must(t, err)
	must(t, h.writeReset(t.Context(), "ada@example.com"))
	code := h.code(h.owner.UserID, resets)
	refused(t, h.PasswordReset(t.Context(), PasswordResetInput{code, "short"}), problem.Invalid, "password")
	must(t, h.PasswordReset(t.Context(), PasswordResetInput{code, "a new horse battery"}))
	for _, in := range []Tokens{h.owner, other} {
		h.refuses(in.AccessToken)
		_, err := h.Refresh(t.Context(), RefreshInput{in.RefreshToken})
		refused(t, err, problem.Unauthenticated, "")
	}
	_, err = h.logIn("ada@example.com", right)
	refused(t, err, problem.Unauthenticated, "")
	in, err := h.logIn("ada@example.com", "a new horse battery")
	must(t, err)
	if trustOf(h.as(in.AccessToken)).Unverified {
		t.Error("the letter did not prove the address")
	}
	refused(t, h.PasswordReset(t.Context(), PasswordResetInput{code, right}), problem.Invalid, "code")
	must(t, h.writeReset(t.Context(), "ada@example.com"))
	code = h.code(h.owner.UserID, resets)
	h.clock.Advance(resetLife)
	refused(t, h.PasswordReset(t.Context(), PasswordResetInput{code, right}), problem.Invalid, "code")
}

// The request looks nothing up, so it cannot tell who is known; what is done
// about it, and how often, is decided behind.
func TestR2_PasswordResetTellsNobodyWhoIsKnown(t *testing.T) {
	h := open(t)
	for _, email := range []string{"ada@example.com", "nobody@example.com", " Ada@Example.com "} {
		must(t, h.PasswordResetRequest(store.WithRequest(t.Context(), "req"), PasswordResetRequestInput{email}))
	}
	refused(t, h.PasswordResetRequest(t.Context(), PasswordResetRequestInput{"ada"}), problem.Invalid, "email")
	if len(h.asked) != 3 || h.code(h.owner.UserID, resets) != "" {
		t.Fatal("the request did more than it says")
	}
	for len(h.asked) > 0 {
		must(t, h.writeReset(t.Context(), (<-h.asked).email))
	}
	seen := map[string]bool{}
	for range 3 {
		must(t, h.writeReset(t.Context(), "ada@example.com"))
		seen[h.code(h.owner.UserID, resets)] = true
	}
	if len(seen) != 1 { // two letters above, one here, then none
		t.Errorf("%d different codes", len(seen))
	}
	for range askedAtOnce {
		_ = h.PasswordResetRequest(t.Context(), PasswordResetRequestInput{"x@example.com"})
	}
	refused(t, h.PasswordResetRequest(t.Context(), PasswordResetRequestInput{"x@example.com"}), problem.RateLimited, "")
	h.clock.Advance(time.Hour)
}

func TestPasswordChangeKeepsThePresentSession(t *testing.T) {
	h := open(t)
	other, err := h.logIn("ada@example.com", right)
	must(t, err)
	ctx := h.as(h.owner.AccessToken)
	refused(t, h.PasswordChange(ctx, PasswordChangeInput{"wrong horse battery", "a new horse battery"}), problem.Invalid, "current")
	refused(t, h.PasswordChange(ctx, PasswordChangeInput{right, "short"}), problem.Invalid, "password")
	must(t, h.PasswordChange(ctx, PasswordChangeInput{right, "a new horse battery"}))
	h.as(h.owner.AccessToken)
	h.refuses(other.AccessToken)
	_, err = h.logIn("ada@example.com", "a new horse battery")
	must(t, err)
	refused(t, h.PasswordChange(t.Context(), PasswordChangeInput{right, right}), problem.Unauthenticated, "")
}
