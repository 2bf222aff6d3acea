package token

// alphabet is Crockford's base32 in lower case: no i, l, o or u.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// noDigit marks a byte that is not in the alphabet.
const noDigit = 0xff

var digits = func() (table [256]byte) {
	for i := range table {
		table[i] = noDigit
	}
	for i := range len(alphabet) {
		table[alphabet[i]] = byte(i)
	}
	return table
}()

// encode writes 6 groups of 5 bytes as 8 characters each: nothing is padded and
// no bit is left over, so every text has exactly one meaning.
func encode(text *[Size]byte, raw *[rawSize]byte) {
	for group := range rawSize / 5 {
		bits := uint64(0)
		for _, b := range raw[group*5 : group*5+5] {
			bits = bits<<8 | uint64(b)
		}
		for i := 7; i >= 0; i-- {
			text[group*8+i] = alphabet[bits&31]
			bits >>= 5
		}
	}
}

// decode is the inverse; false when a character is not in the alphabet. The
// text must be Size long.
func decode(raw *[rawSize]byte, text string) bool {
	for group := range rawSize / 5 {
		bits := uint64(0)
		for i := range 8 {
			digit := digits[text[group*8+i]]
			if digit == noDigit {
				return false
			}
			bits = bits<<5 | uint64(digit)
		}
		for i := 4; i >= 0; i-- {
			raw[group*5+i] = byte(bits)
			bits >>= 8
		}
	}
	return true
}
