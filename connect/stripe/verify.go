package stripe

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tolerance is how far the time of a signature may be from ours, before or after: one
// from the future would be good for as long again.
const tolerance = 5 * time.Minute

// mostSignatures is how many signatures of a header are looked at: one for each
// secret that is live, and Stripe knows two at once.
const mostSignatures = 8

// errSignature says nothing more on purpose: a forger learns only that it failed.
var errSignature = errors.New("stripe: the signature does not match")

// Verify checks Stripe-Signature: v1 is HMAC-SHA256 of time, a point and the raw bytes
// under the endpoint's secret, in hex. While a secret is rotated there are several, and
// one that matches is enough. All are tried, and each comparison takes the same time
// whatever it finds.
func (Provider) Verify(h http.Header, raw []byte, secrets [][]byte, at time.Time) error {
	stamp, sent := signatures(h.Get("Stripe-Signature"))
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || at.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return errSignature
	}
	matched := false
	for _, secret := range secrets {
		want := Sign(secret, stamp, raw)
		for _, one := range sent {
			if hmac.Equal(want, one) {
				matched = true
			}
		}
	}
	if !matched {
		return errSignature
	}
	return nil
}

// signatures takes the header apart. Other schemes than v1 are passed over.
func signatures(header string) (stamp string, sent [][]byte) {
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch strings.TrimSpace(name) {
		case "t":
			stamp = value
		case "v1":
			if one, err := hex.DecodeString(value); err == nil && len(sent) < mostSignatures {
				sent = append(sent, one)
			}
		}
	}
	return stamp, sent
}

// Sign computes a signature, 32 bytes: for those who play Stripe.
func Sign(secret []byte, stamp string, raw []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(stamp + "."))
	mac.Write(raw)
	return mac.Sum(nil)
}
