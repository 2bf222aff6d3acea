package money

import "strings"

// RateScale is the most digits a rate may have after the point.
const RateScale = 12

// Rate is the exact decimal Num / 10^Scale. Scale is at most RateScale.
type Rate struct {
	Num   int64
	Scale uint8
}

// ParseRate reads a plain decimal such as "12.5", with the syntax of Parse.
// Trailing zeros are dropped, so equal rates are equal values. It returns
// ErrSyntax, ErrPrecision (more than RateScale digits) or ErrRange.
func ParseRate(s string) (Rate, error) {
	scale := 0
	if _, frac, ok := strings.Cut(s, "."); ok {
		scale = min(len(strings.TrimRight(frac, "0")), RateScale)
	}
	num, err := parseDecimal(s, scale)
	if err != nil {
		return Rate{}, err
	}
	return Rate{Num: num, Scale: uint8(scale)}, nil
}

// String gives the rate as a plain decimal.
func (r Rate) String() string { return formatDecimal(r.Num, int(r.Scale)) }

// Times gives m·r rounded half away from zero to a minor unit, or ErrRange.
func (m Money) Times(r Rate) (Money, error) { return m.scaled(r, 0) }

// Percent gives m·r/100 rounded half away from zero to a minor unit, or ErrRange.
func (m Money) Percent(r Rate) (Money, error) { return m.scaled(r, 2) }

// scaled gives m·r / 10^shift.
func (m Money) scaled(r Rate, shift int) (Money, error) {
	if r.Scale > RateScale {
		return Money{}, ErrRange
	}
	minor, err := MulDiv(m.Minor, r.Num, pow10(int(r.Scale)+shift))
	if err != nil {
		return Money{}, err
	}
	return Of(minor, m.Currency), nil
}

// pow10 gives 10^n for n ≤ 18.
func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
