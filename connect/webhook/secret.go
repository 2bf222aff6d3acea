package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

// A secret is 24 to 64 random bytes, shown as whsec_ and base64.
const (
	secretPrefix = "whsec_"
	secretBytes  = 32
	secretLeast  = 24
	secretMost   = 64
)

// secretOf reads a secret that a merchant has chosen, or makes one.
func secretOf(text string) ([]byte, error) {
	if text == "" {
		key := make([]byte, secretBytes)
		_, _ = rand.Read(key) // never fails
		return key, nil
	}
	key, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(text, secretPrefix))
	if err != nil || len(key) < secretLeast || len(key) > secretMost {
		return nil, problem.At(problem.Invalid, "secret", "must be %s and %d to %d bytes in base64", secretPrefix, secretLeast, secretMost)
	}
	return key, nil
}

func shown(key []byte) string { return secretPrefix + base64.StdEncoding.EncodeToString(key) }

// Sign gives the signatures of a message, one with each key.
func Sign(keys [][]byte, id string, at time.Time, body []byte) string {
	var all []string
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		mac.Write(body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, " ")
}
