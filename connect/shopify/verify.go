package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"time"
)

// errSignature says nothing more on purpose: a forger learns only that it failed.
var errSignature = errors.New("shopify: the signature does not match")

// Verify checks the signature over the raw bytes: HMAC-SHA256 under the signing
// secret, in base64. For an hour after a rotation the shop may still sign with
// the secret before, so any of the given ones may match. All are tried, and each
// comparison takes the same time whatever it finds.
func (Provider) Verify(h http.Header, raw []byte, secrets [][]byte, _ time.Time) error {
	sent, err := base64.StdEncoding.Strict().DecodeString(header(h, "Hmac-Sha256"))
	if err != nil {
		return errSignature
	}
	matched := false
	for _, secret := range secrets {
		if hmac.Equal(Sign(secret, raw), sent) {
			matched = true
		}
	}
	if !matched {
		return errSignature
	}
	return nil
}

// Sign computes the signature of a body, 32 bytes: for those who play the shop.
func Sign(secret, raw []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(raw)
	return mac.Sum(nil)
}
