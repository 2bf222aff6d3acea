package auth

import (
	"crypto/rand"
	"hash/crc32"
	"strings"

	"github.com/tributary/tributary/ent/merchant"
)

// An API token's text is a prefix that tells scanners and people what it is, 32
// random base62 characters (190 bits), and six more that hold the CRC-32 of all
// before them: a mistyped or made-up token is refused without a look-up.
const (
	brand       = "trb_"
	livePrefix  = brand + "live_"
	testPrefix  = brand + "test_"
	pubPrefix   = brand + "pub_"
	randomChars = 32
	checkChars  = 6
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// prefixOf gives the prefix of a secret token of a merchant in that mode.
func prefixOf(mode merchant.Mode) string {
	if mode == merchant.ModeTEST {
		return testPrefix
	}
	return livePrefix
}

func newSecret(prefix string) string {
	body := prefix + random(randomChars)
	return body + checksum(body)
}

// random draws characters without bias: bytes above the last multiple of 62
// are thrown away.
func random(n int) string {
	out := make([]byte, 0, n)
	var b [1]byte
	for len(out) < n {
		if _, _ = rand.Read(b[:]); b[0] < 248 {
			out = append(out, base62[b[0]%62])
		}
	}
	return string(out)
}

// checksum writes the CRC-32 (IEEE) in six base62 digits, most significant first.
func checksum(body string) string {
	sum := crc32.ChecksumIEEE([]byte(body))
	out := [checkChars]byte{}
	for i := checkChars - 1; i >= 0; i-- {
		out[i] = base62[sum%62]
		sum /= 62
	}
	return string(out[:])
}

// wellFormed reports whether the text can be a token of ours.
func wellFormed(text string) bool {
	for _, prefix := range []string{livePrefix, testPrefix, pubPrefix} {
		if strings.HasPrefix(text, prefix) {
			split := len(prefix) + randomChars
			return len(text) == split+checkChars && checksum(text[:split]) == text[split:]
		}
	}
	return false
}

// hint is what a list shows of a token.
func hint(prefix, secret string) string { return prefix + "…" + secret[len(secret)-4:] }
