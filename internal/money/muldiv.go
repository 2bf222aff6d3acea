package money

import (
	"math"
	"math/bits"
)

// MulDiv gives a·num/den rounded half away from zero, with a 128-bit product
// inside. It returns ErrRange when the result is no amount or den is zero.
func MulDiv(a, num, den int64) (int64, error) {
	d := magnitude(den)
	hi, lo := bits.Mul64(magnitude(a), magnitude(num))
	if hi >= d { // also den == 0: the quotient has no 64-bit value
		return 0, ErrRange
	}
	q, r := bits.Div64(hi, lo, d)
	if r >= d-r && q < math.MaxUint64 {
		q++
	}
	return signed(q, (a < 0) != (num < 0) != (den < 0))
}

// magnitude gives |v|, for every v.
func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// signed gives ±u, or ErrRange when it is no amount.
func signed(u uint64, negative bool) (int64, error) {
	if u > math.MaxInt64 {
		return 0, ErrRange
	}
	if negative {
		return -int64(u), nil
	}
	return int64(u), nil
}
