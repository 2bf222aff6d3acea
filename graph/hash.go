package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/tributary/tributary/internal/problem"
)

// hashBytes is the length of a hash in hexadecimal.
const hashBytes = 2 * sha256.Size

// hashIn reads the hash that a request names its document by: Apollo's
// persistedQuery, or documentId as in the working group's draft.
func hashIn(extensions map[string]any) (string, error) {
	hash, _ := extensions["documentId"].(string)
	hash = strings.TrimPrefix(hash, "sha256:")
	if apollo, ok := extensions["persistedQuery"].(map[string]any); ok {
		hash, _ = apollo["sha256Hash"].(string)
	}
	if hash == "" {
		return "", nil
	}
	if raw, err := hex.DecodeString(hash); err != nil || len(raw) != sha256.Size {
		return "", problem.At(problem.Invalid, "extensions", "the document's hash must be SHA-256 in hexadecimal")
	}
	return strings.ToLower(hash), nil
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
