package auth

import (
	"net/mail"
	"strings"
	"time"
	_ "time/tzdata" // the same zones on every machine
	"unicode"
	"unicode/utf8"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// The longest texts, in bytes, as the columns hold them.
const (
	maxName      = 200
	maxTokenName = 120
	maxEmail     = 254
)

// tidyEmail is the form in which addresses are kept and compared.
func tidyEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// checkEmail accepts one bare address: no display name, no comment, no quoting.
func checkEmail(field, s string) error {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" || len(s) > maxEmail {
		return problem.At(problem.Invalid, field, "must be an e-mail address")
	}
	return nil
}

// checkLine accepts plain text on one line, not empty.
func checkLine(field, s string, limit int) error {
	if s == "" || len(s) > limit || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return problem.At(problem.Invalid, field, "must be plain text of 1 to %d bytes on one line", limit)
	}
	return nil
}

func checkZone(field, name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return problem.At(problem.Invalid, field, "must be an IANA time zone such as Europe/Berlin")
	}
	return nil
}

func checkCurrency(field, code string) error {
	if _, err := money.ParseCurrency(code); err != nil {
		return problem.At(problem.CurrencyUnknown, field, "must be an ISO 4217 currency code in upper case")
	}
	return nil
}
