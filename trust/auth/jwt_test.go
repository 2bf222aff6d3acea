package auth

import (
	"crypto/ed25519"
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tributary/tributary/internal/hostile"
	"github.com/tributary/tributary/internal/store/storetest"
)

func (h house) good() hostile.Forge {
	now := h.clock.Now()
	return hostile.Forge{
		Header: map[string]any{"typ": "at+jwt", "kid": "1", "alg": "EdDSA"},
		Claims: map[string]any{
			"iss": "tributary", "aud": "tributary-api", "sub": h.owner.UserID, "mid": h.owner.MerchantID, "rol": "OWNER",
			"sid": h.owner.SessionID, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(15 * time.Minute).Unix(),
		},
		Method: jwt.SigningMethodEdDSA, Key: h.store.Keys().SigningKey("jwt"),
	}
}

func signed(t *testing.T, f hostile.Forge) string {
	t.Helper()
	text, err := f.Text()
	must(t, err)
	return text
}

func TestForgedAccessTokensAreRefused(t *testing.T) {
	h := open(t)
	_, err := h.Authenticate(t.Context(), signed(t, h.good()), "")
	must(t, err) // the forge itself works
	other := h.signUp("bea@example.com")
	for name, f := range hostile.Forgeries(h.good(), hostile.Others{
		Public: h.store.Keys().PublicKeys("jwt")[1], Foreign: storetest.Keys(t).SigningKey("jwt"), Purpose: h.store.Keys().SigningKey("other"),
		User: other.UserID, Merchant: other.MerchantID, Session: other.SessionID, Now: h.clock.Now(), Leeway: leeway,
	}) {
		t.Run(name, func(t *testing.T) {
			h.t = t
			h.refuses(signed(t, f))
		})
	}
}

func TestDamagedAccessTokensAreRefused(t *testing.T) {
	h := open(t)
	good := signed(t, h.good())
	parts := strings.Split(good, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	must(t, err)
	swapped := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), "OWNER", "owner", 1)))
	for _, text := range []string{
		"x", "a.b", "a.b.c", "....", good + "x", good + "=", good[1:], parts[0] + "." + parts[1] + ".", " " + good,
		parts[0] + "." + swapped + "." + parts[2], parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(make([]byte, ed25519.SignatureSize)),
	} {
		h.refuses(text)
	}
	if _, err := h.Authenticate(t.Context(), "", ""); err == nil {
		t.Fatal("nobody was let in")
	}
}

func TestExpiryHasAMinuteOfLeewayAtMost(t *testing.T) {
	h := open(t)
	h.clock.Advance(accessLife + leeway - time.Second)
	_, err := h.Authenticate(t.Context(), h.owner.AccessToken, "")
	must(t, err)
	h.clock.Advance(2 * time.Second)
	h.refuses(h.owner.AccessToken)
	if leeway > time.Minute || accessLife != 15*time.Minute || refreshLife != 30*24*time.Hour {
		t.Fatal("lives changed")
	}
}

func TestMintedTokenHoldsExactlyTheAgreedClaims(t *testing.T) {
	h := open(t)
	token, _, err := jwt.NewParser().ParseUnverified(h.owner.AccessToken, jwt.MapClaims{})
	must(t, err)
	want := h.good()
	if !maps.Equal(token.Header, want.Header) {
		t.Errorf("header %v", token.Header)
	}
	got := token.Claims.(jwt.MapClaims)
	for k := range want.Claims {
		if got[k] == nil {
			t.Errorf("no %s", k)
		}
	}
	if len(got) != len(want.Claims) {
		t.Errorf("claims %v", got)
	}
}
