package auth

import (
	"context"
	"slices"
	"testing"

	"github.com/tributary/tributary/ent/auditrecord"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// denials are the refusals on record at a merchant: action, actor and reason.
func (h house) denials(merchantID string) (all []string) {
	h.t.Helper()
	for _, r := range h.store.Client().AuditRecord.Query().Where(auditrecord.OutcomeEQ(auditrecord.OutcomeDENIED)).AllX(h.system(merchantID)) {
		all = append(all, r.Action+" "+r.ActorID+": "+r.Changes["reason"])
	}
	return all
}

// found does what is done beside the requests.
func (h house) found() {
	h.t.Helper()
	ended, end := context.WithCancel(h.t.Context())
	end()
	must(h.t, h.store.WriteDenials(ended))
}

// A wrong password of somebody known is one row at the merchant that would have
// been entered; of nobody, none anywhere.
func TestR2_ARefusedLogInIsOnRecordWhereItWouldHaveEntered(t *testing.T) {
	h := open(t)
	other := h.signUp("bob@example.com")
	for _, in := range []LogInInput{
		{Email: "ada@example.com", Password: "wrong password"},
		{Email: " ADA@example.com", Password: "wrong password", MerchantID: h.twin()},
		{Email: "ada@example.com", Password: "wrong password", MerchantID: other.MerchantID},
		{Email: "nobody@example.com", Password: "wrong password"},
	} {
		_, err := h.LogIn(t.Context(), in)
		refused(t, err, problem.Unauthenticated, "")
	}
	h.found()
	row := "logIn " + h.owner.UserID + ": password"
	for merchant, want := range map[string][]string{h.owner.MerchantID: {row, row}, h.twin(): {row}, other.MerchantID: nil} {
		if got := h.denials(merchant); !slices.Equal(got, want) {
			t.Errorf("on record are %q, want %q", got, want)
		}
	}
}

// A credential of somebody known that opens nothing is one row each time.
func TestR2_ARefusedCredentialIsOnRecord(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	gone, err := h.TokenCreate(ctx, TokenCreateInput{Name: "gone", Scopes: []trust.Scope{trust.LinkRead}})
	must(t, err)
	page, err := h.TokenCreate(ctx, TokenCreateInput{Name: "page", Kind: "PUBLISHABLE", Scopes: []trust.Scope{trust.TouchWrite}, Origins: []string{"https://shop.example"}})
	must(t, err)
	_, err = h.TokenRevoke(ctx, TokenRevokeInput{ID: gone.TokenID})
	must(t, err)
	h.refuses(gone.Secret)
	_, err = h.Authenticate(t.Context(), page.Secret, "https://evil.example")
	refused(t, err, problem.Forbidden, "")
	_, err = h.Authenticate(t.Context(), page.Secret, "https://shop.example")
	must(t, err)
	h.refuses("trb_live_" + "made-up")
	must(t, h.LogOut(ctx))
	h.refuses(h.owner.AccessToken)
	want := []string{
		"authenticate " + gone.TokenID + ": expired or revoked", "authenticate " + page.TokenID + ": origin",
		"authenticate " + h.owner.UserID + ": the session has ended",
	}
	if got := h.denials(h.owner.MerchantID); !slices.Equal(got, want) {
		t.Errorf("on record are %q, want %q", got, want)
	}
}

// An owner at the live merchant makes a sandbox token without going there; it sees
// the sandbox alone. Someone without the right there does not.
func TestN21_AnOwnerMakesSandboxTokensFromTheLiveMerchant(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	in := TokenCreateInput{Name: "play", Mode: "TEST", Scopes: []trust.Scope{trust.LinkRead}}
	out, err := h.TokenCreate(ctx, in)
	must(t, err)
	v, err := h.Authenticate(t.Context(), out.Secret, "")
	must(t, err)
	if v.MerchantID != h.twin() || out.MerchantID != h.twin() || out.Secret[:9] != "trb_test_" {
		t.Errorf("a token %.9s of %s", out.Secret, v.MerchantID)
	}
	in.Mode = "LIVE"
	if out, err = h.TokenCreate(ctx, in); err != nil || out.MerchantID != h.owner.MerchantID || out.Secret[:9] != "trb_live_" {
		t.Errorf("a live token %.9s, %v", out.Secret, err)
	}
	in.Mode = "TEST"
	machine := trust.With(t.Context(), trust.Viewer{MerchantID: h.owner.MerchantID, PrincipalID: "tok_1", Kind: trust.KindToken, Scopes: trust.AllScopes()})
	_, err = h.TokenCreate(machine, in)
	refused(t, err, problem.Invalid, "mode")
	_, err = h.MemberAdd(ctx, MemberAddInput{Email: "eve@example.com", Name: "Eve", Role: "OWNER", Password: right})
	must(t, err)
	eve, err := h.LogIn(t.Context(), LogInInput{Email: "eve@example.com", Password: right})
	must(t, err)
	_, err = h.TokenCreate(h.as(eve.AccessToken), in)
	refused(t, err, problem.NotFound, "mode")
}
