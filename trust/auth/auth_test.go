package auth

import (
	"context"
	"testing"

	"github.com/tributary/tributary/ent/merchant"
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
