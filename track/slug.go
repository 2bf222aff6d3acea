package track

import (
	"crypto/rand"

	"github.com/tributary/tributary/internal/problem"
)

const (
	minSlug  = 3
	maxSlug  = 64
	autoSlug = 10 // 50 random bits: nobody finds other people's links by counting
)

// isSlug accepts 3 to 64 of a–z, 0–9 and -.
func isSlug(s string) bool {
	if len(s) < minSlug || len(s) > maxSlug {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func checkSlug(s string) error {
	if !isSlug(s) {
		return problem.At(problem.Invalid, "slug", "must be 3 to 64 of a–z, 0–9 and -")
	}
	return nil
}

// newSlug draws letters and digits that are not mistaken for one another.
func newSlug() string {
	const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	var b [autoSlug]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime aborts instead
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b[:])
}
