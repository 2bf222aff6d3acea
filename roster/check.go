package roster

import (
	"net/mail"
	"net/url"
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
	maxName        = 200
	maxGroupName   = 120
	maxDescription = 1000
	maxReason      = 500
	maxURL         = 2048
	maxEmail       = 254
)

// checkText refuses an empty text, one that is too long, and control characters.
func checkText(field, s string, limit int) error {
	switch {
	case s == "":
		return problem.At(problem.Invalid, field, "must not be empty")
	case len(s) > limit:
		return problem.At(problem.Invalid, field, "must be at most %d bytes long", limit)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return problem.At(problem.Invalid, field, "must be plain text on one line")
	}
	return nil
}

// checkNote is checkText for a text that may be absent and have several lines.
func checkNote(field, s string, limit int) error {
	flat := strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(s)
	if flat == "" {
		return nil
	}
	return checkText(field, flat, limit)
}

// checkZone accepts the names of the IANA time zone database.
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

// checkURL accepts an absolute http or https address without credentials.
func checkURL(field, text string) error {
	if err := checkText(field, text, maxURL); err != nil {
		return err
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return problem.At(problem.Invalid, field, "must be an absolute http or https address")
	}
	return nil
}

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

// checkThreshold accepts nothing or more, in the program's currency.
func checkThreshold(m money.Money, c money.Currency) error {
	switch {
	case m.Currency != c:
		return problem.At(problem.CurrencyMismatch, "threshold", "must be in the program's currency, %s", c)
	case m.IsNegative():
		return problem.At(problem.AmountRange, "threshold", "must not be negative")
	}
	return nil
}

// checkChange applies a check to a field that an edit may leave alone.
func checkChange(value *string, check func(string) error) error {
	if value == nil {
		return nil
	}
	return check(*value)
}

// trimmed gives the edit's text without surrounding white space; nil stays nil.
func trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	t := strings.TrimSpace(*s)
	return &t
}
