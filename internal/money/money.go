// Package money is exact amounts: a whole number of minor units and a currency.
//
// It owns the currency table, decimal text, rounding and splitting. It refuses
// floats, mixing currencies, rounding what a caller typed, and overflow.
//
// Invariants: amounts lie within ±(2^63−1), so every amount has a negative;
// rounding is half away from zero, so f(−x) = −f(x); the parts of a split sum
// to the whole.
package money

import (
	"cmp"
	"errors"
	"math"
)

// The ways in which money is refused; compare with errors.Is.
var (
	ErrUnknownCurrency = errors.New("money: unknown currency")
	ErrSyntax          = errors.New("money: not a plain decimal")
	ErrPrecision       = errors.New("money: more digits than allowed after the point")
	ErrRange           = errors.New("money: out of range")
	ErrMixed           = errors.New("money: currencies differ")
	ErrParts           = errors.New("money: parts cannot share the total")
)

// Money is an amount in minor units (cents, yen, fils) of a currency.
type Money struct {
	Minor    int64
	Currency Currency
}

// Of gives minor units of c. math.MinInt64 is outside the range of an amount.
func Of(minor int64, c Currency) Money { return Money{Minor: minor, Currency: c} }

// Zero gives nothing of c.
func Zero(c Currency) Money { return Money{Currency: c} }

// IsZero reports whether the amount is nothing.
func (m Money) IsZero() bool { return m.Minor == 0 }

// IsNegative reports whether the amount is below nothing.
func (m Money) IsNegative() bool { return m.Minor < 0 }

// Neg gives the same amount with the other sign.
func (m Money) Neg() Money { return Money{Minor: -m.Minor, Currency: m.Currency} }

// Add gives m + o. It returns ErrMixed or ErrRange.
func (m Money) Add(o Money) (Money, error) {
	if m.Currency != o.Currency {
		return Money{}, ErrMixed
	}
	sum := m.Minor + o.Minor
	wrapped := (sum > m.Minor) != (o.Minor > 0)
	if wrapped || sum == math.MinInt64 {
		return Money{}, ErrRange
	}
	return Money{Minor: sum, Currency: m.Currency}, nil
}

// Sub gives m − o. It returns ErrMixed or ErrRange.
func (m Money) Sub(o Money) (Money, error) {
	if o.Minor == math.MinInt64 {
		return Money{}, ErrRange
	}
	return m.Add(o.Neg())
}

// Cmp gives −1, 0 or +1 as m is below, equal to or above o. It returns ErrMixed.
func (m Money) Cmp(o Money) (int, error) {
	if m.Currency != o.Currency {
		return 0, ErrMixed
	}
	return cmp.Compare(m.Minor, o.Minor), nil
}
