package mapping

import (
	"regexp"
	"strconv"
	"strings"
)

var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?$`)

// shift writes minor units as a decimal: 1250 with two places is 12.50.
func shift(t Transform, v any) (any, error) {
	digits := strconv.FormatInt(v.(int64), 10)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if t.Places == 0 {
		return sign + digits, nil
	}
	if short := t.Places + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	at := len(digits) - t.Places
	return sign + digits[:at] + "." + digits[at:], nil
}

// unshift reads a decimal as minor units; one with more digits than there are places
// for is refused, never rounded.
func unshift(t Transform, v any) (any, error) {
	whole, part, _ := strings.Cut(v.(string), ".")
	part = strings.TrimRight(part, "0")
	if !decimal.MatchString(v.(string)) || len(part) > t.Places {
		return nil, errValue
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", t.Places-len(part)), 10, 64)
	if err != nil {
		return nil, errValue
	}
	return n, nil
}
