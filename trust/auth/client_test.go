package auth

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tributary/tributary/internal/hostile"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

func (h house) grant(out TokenOutcome, scopes ...trust.Scope) ClientTokens {
	h.t.Helper()
	got, err := h.ClientToken(h.t.Context(), ClientInput{ClientID: out.TokenID, Secret: out.Secret, Scopes: scopes})
	must(h.t, err)
	return got
}

func TestS97_AProgramTradesItsTokenForAnAccessToken(t *testing.T) {
	h := open(t)
	aff := h.affiliate(h.owner.MerchantID, "a@example.com")
	out := h.token(TokenCreateInput{Scopes: reads, AffiliateID: aff})
	all, one := h.grant(out), h.grant(out, trust.LinkRead)
	if v := h.accepts(all.AccessToken); v.Kind != trust.KindToken || v.PrincipalID != out.TokenID || v.MerchantID != h.owner.MerchantID || v.AffiliateID != aff || len(v.Scopes) != 2 {
		t.Errorf("%+v", v)
	}
	if v := h.accepts(one.AccessToken); !slices.Equal(v.Scopes, []trust.Scope{trust.LinkRead}) || v.Can(trust.AffiliateRead) {
		t.Errorf("%+v", v)
	}
	if !all.ExpiresAt.Equal(h.clock.Now().Add(15 * time.Minute).Truncate(time.Second)) {
		t.Errorf("ends %v", all.ExpiresAt)
	}
	h.clock.Advance(accessLife + leeway)
	h.refuses(all.AccessToken)
}

func TestClientsThatAreNotRightGetNothing(t *testing.T) {
	h := open(t)
	out, other := h.token(TokenCreateInput{Scopes: reads}), h.token(TokenCreateInput{Scopes: reads})
	page := h.token(TokenCreateInput{Kind: "PUBLISHABLE", Origins: []string{"https://a.example"}, Scopes: []trust.Scope{trust.TouchWrite}})
	bound := h.token(TokenCreateInput{Scopes: reads, Addresses: []string{"192.0.2.1"}})
	for _, row := range []struct {
		in   ClientInput
		code problem.Code
	}{
		{ClientInput{ClientID: out.TokenID, Secret: other.Secret}, problem.Unauthenticated},
		{ClientInput{ClientID: out.TokenID, Secret: "trb_live_x"}, problem.Unauthenticated},
		{ClientInput{ClientID: "", Secret: out.Secret}, problem.Unauthenticated},
		{ClientInput{ClientID: out.TokenID}, problem.Unauthenticated},
		{ClientInput{ClientID: out.TokenID, Secret: h.grant(out).AccessToken}, problem.Unauthenticated},
		{ClientInput{ClientID: page.TokenID, Secret: page.Secret}, problem.Forbidden},
		{ClientInput{ClientID: bound.TokenID, Secret: bound.Secret}, problem.Forbidden},
		{ClientInput{ClientID: out.TokenID, Secret: out.Secret, Scopes: []trust.Scope{trust.LinkRead, trust.LinkWrite}}, problem.Invalid},
	} {
		if _, err := h.ClientToken(t.Context(), row.in); problem.CodeOf(err) != row.code {
			t.Errorf("%+v: %v", row.in, err)
		}
	}
}

// An access token ends with the API token behind it, and with the secret that it
// was made with: within a second on every server. Without `sec` a stolen secret's
// access tokens would outlive its rotation.
func TestS97_R2_AnAccessTokenEndsWithItsSecret(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	elsewhere := New(Config{Store: h.store})
	out := h.token(TokenCreateInput{Scopes: reads})
	old := h.grant(out).AccessToken
	_, err := elsewhere.Authenticate(t.Context(), old, "")
	must(t, err)
	next, err := h.TokenRotate(ctx, TokenRotateInput{ID: out.TokenID, Overlap: time.Minute})
	must(t, err)
	h.accepts(old)
	if late := h.grant(out); !late.ExpiresAt.Equal(h.clock.Now().Add(time.Minute).Truncate(time.Second)) {
		t.Errorf("made with the former secret, ends %v", late.ExpiresAt)
	}
	fresh := h.grant(next).AccessToken
	h.clock.Advance(time.Minute)
	h.refuses(old)
	_, err = elsewhere.Authenticate(t.Context(), old, "")
	refused(t, err, problem.Unauthenticated, "")
	h.accepts(fresh)
	_, err = h.TokenRevoke(ctx, TokenRevokeInput{out.TokenID})
	must(t, err)
	h.refuses(fresh)
	h.clock.Advance(time.Second)
	_, err = elsewhere.Authenticate(t.Context(), fresh, "")
	refused(t, err, problem.Unauthenticated, "")
}

func TestForgedProgramsTokensAreRefused(t *testing.T) {
	h := open(t)
	out := h.token(TokenCreateInput{Scopes: reads})
	other := h.signUp("bea@example.com")
	good := func() hostile.Forge {
		f, now := h.good(), h.clock.Now()
		f.Claims = map[string]any{
			"iss": "tributary", "aud": "tributary-api", "sub": out.TokenID, "mid": h.owner.MerchantID, "client_id": out.TokenID,
			"scope": "link:read", "sec": mark(digest(out.Secret)), "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(15 * time.Minute).Unix(),
		}
		return f
	}
	h.accepts(signed(t, good())) // the forge itself works
	claim := func(k string, v any) func(*hostile.Forge) { return func(f *hostile.Forge) { f.Claims[k] = v } }
	for name, change := range map[string]func(*hostile.Forge){
		"no algorithm": func(f *hostile.Forge) {
			f.Method, f.Key, f.Header["alg"] = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "none"
		},
		"a person's session too":  claim("sid", h.owner.SessionID),
		"a role too":              claim("rol", "OWNER"),
		"another subject":         claim("sub", h.owner.UserID),
		"another client":          claim("client_id", h.token(TokenCreateInput{Scopes: reads}).TokenID),
		"a client that never was": func(f *hostile.Forge) { f.Claims["sub"], f.Claims["client_id"] = "tok_x", "tok_x" },
		"another merchant":        claim("mid", other.MerchantID),
		"another secret":          claim("sec", strings.Repeat("0", 16)),
		"no secret":               func(f *hostile.Forge) { delete(f.Claims, "sec") },
		"no scope":                func(f *hostile.Forge) { delete(f.Claims, "scope") },
		"expired":                 claim("exp", h.clock.Now().Add(-leeway-time.Second).Unix()),
	} {
		f := good()
		change(&f)
		if _, err := h.Authenticate(t.Context(), signed(t, f), ""); problem.CodeOf(err) != problem.Unauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
	wide := good()
	wide.Claims["scope"] = "link:read payout:approve"
	if v := h.accepts(signed(t, wide)); len(v.Scopes) != 1 {
		t.Errorf("more than the token holds: %v", v.Scopes)
	}
}

// What a token is bound to binds the access tokens made for it, also later on.
func TestAnAccessTokenIsBoundLikeItsToken(t *testing.T) {
	h := open(t)
	out := h.token(TokenCreateInput{Scopes: reads})
	access := h.grant(out).AccessToken
	for _, bound := range []bool{true, false} {
		_, err := h.TokenUpdate(h.as(h.owner.AccessToken), TokenUpdateInput{ID: out.TokenID, RegisteredOnly: &bound})
		must(t, err)
		for _, bearer := range []string{out.Secret, access} {
			if v := h.accepts(bearer); v.RegisteredOnly != bound {
				t.Errorf("bound %v, want %v", v.RegisteredOnly, bound)
			}
		}
	}
}
