package roster

import (
	"crypto/rand"
	"crypto/sha256"
)

// claim lets whoever holds it set the affiliate's password, once (trust/auth).
// Only its hash is stored.
type claim string

// newClaim draws 128 random bits and more.
func newClaim() claim { return claim("trb_claim_" + rand.Text()) }

func (c claim) hash() []byte {
	sum := sha256.Sum256([]byte(c))
	return sum[:]
}
