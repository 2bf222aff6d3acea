// Package form checks what people type into forms: lines of text, e-mail
// addresses, time zones, currencies.
//
// Means: each check names the input field it is asked about and answers with a
// problem that says what to write instead.
//
// Refuses: control characters, characters that are not seen or that turn the
// direction of the text around them, text that is not UTF-8, addresses with a
// display name, a comment or quotes, the machine's own time zone.
//
// Invariant: an address in the form of [TidyEmail] is the one that is stored,
// compared and written to.
package form

import (
	"net/mail"
	"strings"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// The longest texts, in bytes, as the columns hold them.
const (
	MaxName  = 200
	maxEmail = 254
)

// Line accepts plain text on one line, not empty, of at most limit bytes.
func Line(field, s string, limit int) error {
	switch {
	case s == "":
		return problem.At(problem.Invalid, field, "must not be empty")
	case len(s) > limit:
		return problem.At(problem.Invalid, field, "must be at most %d bytes long", limit)
	case !Plain(s):
		return problem.At(problem.Invalid, field, "must be plain text on one line, without characters that are not seen")
	}
	return nil
}

// TidyEmail is the form in which addresses are kept and compared.
func TidyEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Email accepts one bare address: no display name, no comment, no quoting.
func Email(field, s string) error {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" || len(s) > maxEmail || !Plain(s) {
		return problem.At(problem.Invalid, field, "must be an e-mail address")
	}
	return nil
}

// Zone accepts the names of the IANA time zone database.
func Zone(field, name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return problem.At(problem.Invalid, field, "must be an IANA time zone such as Europe/Berlin")
	}
	return nil
}

// Currency accepts an ISO 4217 code.
func Currency(field, code string) error {
	if _, err := money.ParseCurrency(code); err != nil {
		return problem.At(problem.CurrencyUnknown, field, "must be an ISO 4217 currency code in upper case")
	}
	return nil
}
