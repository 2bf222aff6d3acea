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

// claims of an access token.
type claims struct {
	jwt.RegisteredClaims
	Merchant  string     `json:"mid"`
	Role      trust.Role `json:"rol"`
	Affiliate string     `json:"aff,omitempty"`
	Family    string     `json:"sid"`
}

// mint signs an access token for a viewer with a session.
func (s *Service) mint(v trust.Viewer, now time.Time) (string, time.Time, error) {
	expires := now.Add(accessLife).Truncate(time.Second)
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: s.issuer, Audience: jwt.ClaimStrings{audience}, Subject: v.PrincipalID,
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Merchant: v.MerchantID, Role: v.Role, Affiliate: v.AffiliateID, Family: v.SessionID,
	})
	t.Header["typ"], t.Header["kid"] = typ, strconv.Itoa(int(s.store.Keys().KeyID()))
	text, err := t.SignedString(s.store.Keys().SigningKey(signing))
	return text, expires, err
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
	if c.IssuedAt == nil || c.Subject == "" || c.Merchant == "" || c.Family == "" {
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
	public, known := s.keys[byte(number)]
	if !known {
		return nil, errors.New("the key is not ours")
	}
	return public, nil
}
