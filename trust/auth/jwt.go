package auth

import (
	"errors"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tributary/tributary/trust"
)

// What every access token says of itself.
const (
	signing   = "jwt"    // purpose of the keyring's signing key
	typ       = "at+jwt" // RFC 9068: an access token and nothing else
	audience  = "tributary-api"
	leeway    = 30 * time.Second // between the clocks of two servers
	maxBearer = 8 << 10
)

// claims of an access token: a person's names the family, a program's the API
// token that it was made for.
type claims struct {
	jwt.RegisteredClaims
	Merchant  string     `json:"mid"`
	Role      trust.Role `json:"rol,omitempty"`
	Affiliate string     `json:"aff,omitempty"`
	Family    string     `json:"sid,omitempty"`

	Client string `json:"client_id,omitempty"`
	Scope  string `json:"scope,omitempty"` // separated by spaces
	Secret string `json:"sec,omitempty"`   // which of the token's secrets it was made for
}

// whole reports whether the claims say who it is, in one of the two ways.
func (c claims) whole() bool {
	person := c.Family != "" && c.Client == "" && c.Secret == ""
	program := c.Family == "" && c.Role == "" && c.Client == c.Subject && c.Scope != "" && c.Secret != ""
	return c.IssuedAt != nil && c.Subject != "" && c.Merchant != "" && (person || program)
}

// mint signs an access token for a viewer with a session.
func (s *Service) mint(v trust.Viewer, now time.Time) (string, time.Time, error) {
	expires := now.Add(accessLife).Truncate(time.Second)
	text, err := s.sign(claims{
		RegisteredClaims: s.registered(v.PrincipalID, now, expires),
		Merchant:         v.MerchantID, Role: v.Role, Affiliate: v.AffiliateID, Family: v.SessionID,
	})
	return text, expires, err
}

func (s *Service) registered(subject string, now, expires time.Time) jwt.RegisteredClaims {
	return jwt.RegisteredClaims{
		Issuer: s.issuer, Audience: jwt.ClaimStrings{audience}, Subject: subject,
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
	}
}

func (s *Service) sign(c claims) (string, error) {
	k := s.signers.of(s.store.Keys())
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	t.Header["typ"], t.Header["kid"] = typ, strconv.Itoa(int(k.ring.KeyID()))
	return t.SignedString(k.private)
}

// read verifies an access token: signature, method, header and every claim. It
// does not ask the database.
func (s *Service) read(text string) (claims, error) {
	var c claims
	if len(text) > maxBearer {
		return c, errors.New("longer than 8 KiB")
	}
	p := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithStrictDecoding(),
		jwt.WithIssuer(s.issuer), jwt.WithAudience(audience), jwt.WithLeeway(leeway), jwt.WithTimeFunc(s.store.Now),
		jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithIssuedAt(),
	)
	if _, err := p.ParseWithClaims(text, &c, s.key); err != nil {
		return c, err
	}
	if !c.whole() {
		return c, errors.New("a claim is missing")
	}
	return c, nil
}

// key finds the verifying key. The header must be exactly ours: a token that
// brings its own key or where to fetch one (jwk, jku, x5u, x5c), or that asks
// for an extension (crit), is refused before its signature is looked at.
func (s *Service) key(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	number, err := strconv.ParseUint(kid, 10, 8)
	if err != nil || t.Header["typ"] != typ || len(t.Header) != 3 || strconv.FormatUint(number, 10) != kid {
		return nil, errors.New("the header is not ours")
	}
	public, known := s.signers.of(s.store.Keys()).public[byte(number)]
	if !known {
		return nil, errors.New("the key is not ours")
	}
	return public, nil
}
