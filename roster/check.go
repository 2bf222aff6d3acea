package roster

import (
	"net/url"
	"strings"

	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// The longest texts, in bytes, as the columns hold them.
const (
	maxGroupName   = 120
	maxDescription = 1000
	maxReason      = 500
	maxURL         = 2048
)

// checkNote is form.Line for a text that may be absent and have several lines.
func checkNote(field, s string, limit int) error {
	flat := strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(s)
	if flat == "" {
		return nil
	}
	return form.Line(field, flat, limit)
}

// checkURL accepts an absolute http or https address without credentials.
func checkURL(field, text string) error {
	if err := form.Line(field, text, maxURL); err != nil {
		return err
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return problem.At(problem.Invalid, field, "must be an absolute http or https address")
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
