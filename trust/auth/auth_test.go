package auth

import (
	"context"
	"net/netip"
	"testing"

	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/ent/onetimecode"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

const right = "correct horse battery"

// house is the room on a database of its own, with one merchant signed up.
type house struct {
	*Service
	t     *testing.T
	clock *storetest.Clock
	owner Tokens
}

func open(t *testing.T) house {
	t.Helper()
	t.Parallel()
	clock := storetest.NewClock()
	h := house{Service: New(Config{Store: storetest.OpenAt(t, clock)}), t: t, clock: clock}
	h.owner = h.signUp("ada@example.com")
	return h
}

func (h house) signUp(email string) Tokens {
	h.t.Helper()
	out, err := h.SignUp(h.t.Context(), SignUpInput{Email: email, Password: right, Name: "Ada", MerchantName: "Acme", Currency: "USD"})
	must(h.t, err)
	return out
}

// as is the context of whoever holds the access token.
func (h house) as(access string) context.Context {
	h.t.Helper()
	v, err := h.Authenticate(h.t.Context(), access, "")
	must(h.t, err)
	return trust.With(h.t.Context(), v)
}

func (h house) system(merchantID string) context.Context {
	return trust.With(h.t.Context(), trust.System(merchantID))
}

// from is the test's context as of somebody at a network address.
func (h house) from(address string) context.Context {
	return trust.WithAddress(h.t.Context(), netip.MustParseAddr(address))
}

// code is the newest living code of a person: what a letter would hold.
func (h house) code(userID string, p onetimecode.Purpose) string {
	h.t.Helper()
	var codeID string
	h.write(h.owner.MerchantID, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT coalesce(max(id), '') FROM one_time_codes WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL`, userID, string(p)).Scan(&codeID)
	})
	if codeID == "" {
		return ""
	}
	return h.codeOf(codeID)
}

// verify shows that a person reads the mail of their address.
func (h house) verify(userID string) {
	h.t.Helper()
	must(h.t, h.EmailVerify(h.t.Context(), EmailVerifyInput{h.code(userID, onetimecode.PurposeVERIFY_EMAIL)}))
}

// verified reports whether the person's address is proven.
func (h house) verified(userID string) bool {
	h.t.Helper()
	u, err := h.store.DoorUser(h.t.Context(), userID)
	must(h.t, err)
	return u.EmailVerifiedAt != nil
}

func (h house) logIn(email, password string) (Tokens, error) {
	return h.LogIn(h.t.Context(), LogInInput{Email: email, Password: password})
}

// write runs a command by the system, for what no verb of this room does.
func (h house) write(merchantID string, fn func(context.Context, *store.Tx) error) {
	h.t.Helper()
	_, err := store.Run(h.system(merchantID), h.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, fn(ctx, tx)
	})
	must(h.t, err)
}

// twin is the merchant's row in the other mode.
func (h house) twin() string {
	h.t.Helper()
	m, err := h.store.DoorMerchant(h.t.Context(), h.owner.MerchantID)
	must(h.t, err)
	if m.Mode != merchant.ModeLIVE {
		h.t.Fatalf("signed up at a %s merchant", m.Mode)
	}
	return m.TwinID
}

// refuses fails unless the bearer is turned away in the one way.
func (h house) refuses(bearer string) {
	h.t.Helper()
	_, err := h.Authenticate(h.t.Context(), bearer, "")
	refused(h.t, err, problem.Unauthenticated, "")
	if p, _ := problem.As(err); p.Message != "the token is not valid, has expired or was revoked" {
		h.t.Fatalf("the refusal says %q", p.Message)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused fails unless err is a problem of that code at that field.
func refused(t *testing.T, err error, code problem.Code, field string) {
	t.Helper()
	p, ok := problem.As(err)
	if !ok {
		t.Fatalf("got %v, want %s at %q", err, code, field)
	}
	at := ""
	for i, step := range p.Field {
		if i > 0 {
			at += "."
		}
		at += step
	}
	if p.Code != code || at != field {
		t.Fatalf("got %s at %q (%s), want %s at %q", p.Code, at, p.Message, code, field)
	}
}
