package id

import "encoding/binary"

// alphabet is Crockford's base32 in lower case: no i, l, o, u.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// bodyLen characters of 5 bits hold 130 bits: the first two are always zero.
const bodyLen = 26

// digits maps a character to its value plus one; zero marks a stranger.
var digits = func() (d [256]byte) {
	for i := range len(alphabet) {
		d[alphabet[i]] = byte(i) + 1
	}
	return d
}()

// appendBody appends the 26 characters of u, most significant first, so that
// text sorts as the bytes do.
func appendBody(b []byte, u [16]byte) []byte {
	hi, lo := binary.BigEndian.Uint64(u[:8]), binary.BigEndian.Uint64(u[8:])
	var text [bodyLen]byte
	for i := bodyLen - 1; i >= 0; i-- {
		text[i] = alphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return append(b, text[:]...)
}

// parseBody reads bodyLen characters; it refuses strangers and more than 128 bits.
func parseBody(s string) (u [16]byte, ok bool) {
	if s[0] > '7' {
		return u, false
	}
	var hi, lo uint64
	for i := range len(s) {
		d := digits[s[i]]
		if d == 0 {
			return u, false
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(d-1)
	}
	binary.BigEndian.PutUint64(u[:8], hi)
	binary.BigEndian.PutUint64(u[8:], lo)
	return u, true
}
