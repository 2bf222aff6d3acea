package auth

import (
	"crypto/ed25519"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/tributary/tributary/internal/seal"
)

// signers keeps the keys that sign and verify access tokens, derived from the
// ring that is in use: deriving them for each request would cost as much as the
// verification.
type signers struct{ last atomic.Pointer[signerSet] }

type signerSet struct {
	ring    *seal.Keyring
	private ed25519.PrivateKey
	public  map[byte]ed25519.PublicKey
}

// of gives the keys of a ring. After a rotation the first to ask derives them.
func (s *signers) of(ring *seal.Keyring) *signerSet {
	if set := s.last.Load(); set != nil && set.ring == ring {
		return set
	}
	set := &signerSet{ring: ring, private: ring.SigningKey(signing), public: ring.PublicKeys(signing)}
	s.last.Store(set)
	return set
}

// JWK is a verifying key as RFC 7517 and RFC 8037 write it.
type JWK struct {
	Type      string `json:"kty"`
	Curve     string `json:"crv"`
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
	ID        string `json:"kid"`
	X         string `json:"x"`
}

// VerifyingKeys are the keys that access tokens may be signed with, oldest first.
// One that a rotation has announced is among them before it signs anything.
func (s *Service) VerifyingKeys() []JWK {
	public := s.signers.of(s.store.Keys()).public
	all := make([]JWK, 0, len(public))
	for _, id := range slices.Sorted(maps.Keys(public)) {
		all = append(all, JWK{
			Type: "OKP", Curve: "Ed25519", Algorithm: "EdDSA", Use: "sig",
			ID: strconv.Itoa(int(id)), X: base64.RawURLEncoding.EncodeToString(public[id]),
		})
	}
	return all
}

// Issuer is what access tokens name as theirs.
func (s *Service) Issuer() string { return s.issuer }
