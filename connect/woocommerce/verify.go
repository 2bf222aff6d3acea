package woocommerce

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"time"
)

const signatureHeader = "X-WC-Webhook-Signature"

// errSignature says nothing more on purpose: a forger learns only that it failed.
var errSignature = errors.New("woocommerce: the signature does not match")

// Verify checks the signature over the raw bytes: HMAC-SHA256 under the webhook's
// secret, in base64. Any of the given secrets may match. All are tried, and each
// comparison takes the same time whatever it finds.
func (Provider) Verify(h http.Header, raw []byte, secrets [][]byte, _ time.Time) error {
	sent, err := base64.StdEncoding.Strict().DecodeString(h.Get(signatureHeader))
	if err != nil {
		return errSignature
	}
	matched := false
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write(raw)
		if hmac.Equal(mac.Sum(nil), sent) {
			matched = true
		}
	}
	if !matched {
		return errSignature
	}
	return nil
}
