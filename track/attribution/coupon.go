package attribution

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// CouponKey gives the form in which coupon codes are unique in a program and
// compared with what a buyer typed (Q40): compatibility characters resolved,
// case folded for every script, surrounding spaces gone. "" is no code.
func CouponKey(code string) string {
	folded := cases.Fold().String(norm.NFKC.String(code))
	return strings.TrimSpace(norm.NFKC.String(folded))
}
