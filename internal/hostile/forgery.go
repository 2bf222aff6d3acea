package hostile

import (
	"crypto/ed25519"
	"maps"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Forge signs an access token by hand.
type Forge struct {
	Header, Claims map[string]any
	Method         jwt.SigningMethod
	Key            any
}

// Text is the token.
func (f Forge) Text() (string, error) {
	token := jwt.NewWithClaims(f.Method, jwt.MapClaims(f.Claims))
	token.Header = f.Header
	return token.SignedString(f.Key)
}

// Others is what a forger may have beside a good token.
type Others struct {
	Public                  ed25519.PublicKey  // ours, as everybody knows it
	Foreign                 ed25519.PrivateKey // of another house
	Purpose                 ed25519.PrivateKey // ours, for another purpose
	User, Merchant, Session string             // of somebody else here

	Now    time.Time
	Leeway time.Duration // between two clocks, as the server has it
}

// Forgeries are a good token, each with one thing wrong.
func Forgeries(good Forge, o Others) map[string]Forge {
	header := func(k string, v any) func(*Forge) { return func(f *Forge) { f.Header[k] = v } }
	claim := func(k string, v any) func(*Forge) { return func(f *Forge) { f.Claims[k] = v } }
	signed := func(m jwt.SigningMethod, key any, alg string) func(*Forge) {
		return func(f *Forge) { f.Method, f.Key, f.Header["alg"] = m, key, alg }
	}
	late := o.Now.Add(o.Leeway + 10*time.Second).Unix()
	changes := map[string]func(*Forge){
		"no algorithm":             signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "none"),
		"HMAC with our public key": signed(jwt.SigningMethodHS256, []byte(o.Public), "HS256"),
		"foreign key":              func(f *Forge) { f.Key = o.Foreign },
		"purpose of another key":   func(f *Forge) { f.Key = o.Purpose },
		"unknown kid":              header("kid", "2"),
		"kid as a path":            header("kid", "../../dev/null"),
		"kid with zeros":           header("kid", "01"),
		"kid as a number":          header("kid", 1),
		"jwk in the header":        header("jwk", map[string]any{"kty": "OKP"}),
		"jku in the header":        header("jku", "https://evil.example/keys"),
		"x5u in the header":        header("x5u", "https://evil.example/cert"),
		"crit in the header":       header("crit", []string{"exp"}),
		"another typ":              header("typ", "JWT"),
		"expired beyond leeway":    claim("exp", o.Now.Add(-o.Leeway-time.Second).Unix()),
		"not yet valid":            claim("nbf", late),
		"made in the future":       claim("iat", late),
		"another issuer":           claim("iss", "tributary.evil"),
		"another audience":         claim("aud", "billing"),
		"another user":             claim("sub", o.User),
		"a merchant not a member":  claim("mid", o.Merchant),
		"a higher role":            claim("rol", "GOD"),
		"a lower role":             claim("rol", "ANALYST"),
		"an affiliate":             claim("aff", "aff_x"),
		"a session that never was": claim("sid", "ses_x"),
		"another's session":        claim("sid", o.Session),
		"longer than 8 KiB":        claim("pad", strings.Repeat("x", 8<<10)),
	}
	for _, name := range []string{"kid", "typ", "exp", "nbf", "iat", "iss", "aud", "sub", "mid", "sid"} {
		changes["no "+name] = func(f *Forge) { delete(f.Claims, name); delete(f.Header, name) }
	}
	all := map[string]Forge{}
	for name, change := range changes {
		f := good
		f.Header, f.Claims = maps.Clone(good.Header), maps.Clone(good.Claims)
		change(&f)
		all[name] = f
	}
	return all
}
