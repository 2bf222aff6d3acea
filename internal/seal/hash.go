package seal

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Hash is the look-up hash of a personal value: HMAC-SHA256 (32 bytes) under a
// key of this merchant and purpose, so that equal values of two merchants, or of
// two columns, cannot be matched. It uses the first key of the ring for ever:
// stored hashes are searched, and a new key must not hide the rows.
func (k *Keyring) Hash(merchant, purpose, value string) []byte {
	mac := hmac.New(sha256.New, k.keys[k.root].derive("hash", merchant, purpose))
	mac.Write([]byte(value))
	return mac.Sum(nil)
}
