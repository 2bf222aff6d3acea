package money

import (
	"strconv"
	"strings"
)

// Parse reads a plain decimal such as "-12.34" as an amount of the currency.
// Zeros beyond the exponent are accepted ("10.00" JPY is 10 yen: shops send
// it); any other digit there is ErrPrecision, never rounded. An exponent, a
// plus sign, spaces, grouping and a missing digit on either side of the point
// are ErrSyntax. It also returns ErrUnknownCurrency and ErrRange.
func Parse(amount, currency string) (Money, error) {
	c, err := ParseCurrency(currency)
	if err != nil {
		return Money{}, err
	}
	minor, err := parseDecimal(amount, c.Exponent())
	if err != nil {
		return Money{}, err
	}
	return Of(minor, c), nil
}

// Decimal gives the amount with exactly the currency's digits: "12.34", "-0.050", "7".
func (m Money) Decimal() string { return formatDecimal(m.Minor, m.Currency.Exponent()) }

// String gives "12.34 USD".
func (m Money) String() string { return m.Decimal() + " " + string(m.Currency) }

// parseDecimal reads s as a whole number of 10^-scale.
func parseDecimal(s string, scale int) (int64, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, frac, point := strings.Cut(digits, ".")
	if !isDigits(whole) || point && !isDigits(frac) {
		return 0, ErrSyntax
	}
	frac = strings.TrimRight(frac, "0")
	if len(frac) > scale {
		return 0, ErrPrecision
	}
	v, err := strconv.ParseInt(whole+frac+strings.Repeat("0", scale-len(frac)), 10, 64)
	if err != nil {
		return 0, ErrRange
	}
	if negative {
		v = -v
	}
	return v, nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// formatDecimal writes v·10^-scale with exactly scale digits after the point.
func formatDecimal(v int64, scale int) string {
	digits := strconv.FormatUint(magnitude(v), 10)
	if pad := scale + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	if scale > 0 {
		point := len(digits) - scale
		digits = digits[:point] + "." + digits[point:]
	}
	if v < 0 {
		return "-" + digits
	}
	return digits
}
