package auth

import (
	"crypto/ed25519"
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tributary/tributary/internal/store/storetest"
)

// forge signs a token by hand: the header and claims of a good one, changed.
type forge struct {
	header, claims map[string]any
	method         jwt.SigningMethod
	key            any
}

func (h house) good() forge {
	now := h.clock.Now()
	return forge{
		header: map[string]any{"typ": "at+jwt", "kid": "1", "alg": "EdDSA"},
		claims: map[string]any{
			"iss": "tributary", "aud": "tributary-api", "sub": h.owner.UserID, "mid": h.owner.MerchantID, "rol": "OWNER",
			"sid": h.owner.SessionID, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(15 * time.Minute).Unix(),
		},
		method: jwt.SigningMethodEdDSA, key: h.store.Keys().SigningKey("jwt"),
	}
}

func (f forge) text(t *testing.T) string {
	t.Helper()
	token := jwt.NewWithClaims(f.method, jwt.MapClaims(f.claims))
	token.Header = f.header
	text, err := token.SignedString(f.key)
	must(t, err)
	return text
}

func TestForgedAccessTokensAreRefused(t *testing.T) {
	h := open(t)
	_, err := h.Authenticate(t.Context(), h.good().text(t), "")
	must(t, err) // the forge itself works
	public := []byte(h.store.Keys().PublicKeys("jwt")[1])
	foreign := storetest.Keys(t).SigningKey("jwt")
	other := h.signUp("bea@example.com")
	now := h.clock.Now()
	header := func(k string, v any) func(*forge) { return func(f *forge) { f.header[k] = v } }
	claim := func(k string, v any) func(*forge) { return func(f *forge) { f.claims[k] = v } }
	without := func(k string) func(*forge) { return func(f *forge) { delete(f.claims, k); delete(f.header, k) } }
	rows := map[string]func(*forge){
		"no algorithm": func(f *forge) {
			f.method, f.key, f.header["alg"] = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "none"
		},
		"HMAC with our public key": func(f *forge) { f.method, f.key, f.header["alg"] = jwt.SigningMethodHS256, public, "HS256" },
		"foreign key":              func(f *forge) { f.key = foreign },
		"purpose of another key":   func(f *forge) { f.key = h.store.Keys().SigningKey("other") },
		"unknown kid":              header("kid", "2"),
		"kid as a path":            header("kid", "../../dev/null"),
		"kid with zeros":           header("kid", "01"),
		"kid as a number":          header("kid", 1),
		"no kid":                   func(f *forge) { delete(f.header, "kid") },
		"jwk in the header":        header("jwk", map[string]any{"kty": "OKP"}),
		"jku in the header":        header("jku", "https://evil.example/keys"),
		"x5u in the header":        header("x5u", "https://evil.example/cert"),
		"crit in the header":       header("crit", []string{"exp"}),
		"another typ":              header("typ", "JWT"),
		"no typ":                   without("typ"),
		"expired beyond leeway":    claim("exp", now.Add(-leeway-time.Second).Unix()),
		"not yet valid":            claim("nbf", now.Add(leeway+2*time.Second).Unix()),
		"made in the future":       claim("iat", now.Add(leeway+2*time.Second).Unix()),
		"no exp":                   without("exp"),
		"no nbf":                   without("nbf"),
		"no iat":                   without("iat"),
		"no iss":                   without("iss"),
		"no aud":                   without("aud"),
		"no sub":                   without("sub"),
		"no mid":                   without("mid"),
		"no sid":                   without("sid"),
		"another issuer":           claim("iss", "tributary.evil"),
		"another audience":         claim("aud", "billing"),
		"another user":             claim("sub", other.UserID),
		"a merchant not a member":  claim("mid", other.MerchantID),
		"a higher role":            claim("rol", "GOD"),
		"a lower role":             claim("rol", "ANALYST"),
		"an affiliate":             claim("aff", "aff_x"),
		"a session that never was": claim("sid", "ses_x"),
		"another's session":        claim("sid", other.SessionID),
		"longer than 8 KiB":        claim("pad", strings.Repeat("x", 8<<10)),
	}
	for name, change := range rows {
		t.Run(name, func(t *testing.T) {
			f := h.good()
			change(&f)
			h.t = t
			h.refuses(f.text(t))
		})
	}
}

func TestDamagedAccessTokensAreRefused(t *testing.T) {
	h := open(t)
	good := h.good().text(t)
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
	if !maps.Equal(token.Header, want.header) {
		t.Errorf("header %v", token.Header)
	}
	got := token.Claims.(jwt.MapClaims)
	for k := range want.claims {
		if got[k] == nil {
			t.Errorf("no %s", k)
		}
	}
	if len(got) != len(want.claims) {
		t.Errorf("claims %v", got)
	}
}
