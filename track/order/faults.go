package order

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// faults collects what is wrong with a message. Messages quote limits, never the
// values given, which may be personal.
type faults struct {
	list *[]*problem.Error
	path string // with its final dot
}

func newFaults() faults { return faults{list: new([]*problem.Error)} }

// in gives the same collector for element i of a list.
func (f faults) in(list string, i int) faults {
	return faults{list: f.list, path: f.path + list + "." + strconv.Itoa(i) + "."}
}

func (f faults) add(code problem.Code, field, format string, a ...any) {
	if len(*f.list) < maxFaults {
		*f.list = append(*f.list, problem.At(code, f.path+field, format, a...))
	}
}

// ident checks text that is compared: an id, a code. A space at either end would
// make one order two.
func (f faults) ident(field, s string, limit int) {
	switch {
	case strings.TrimSpace(s) != s || strings.ContainsFunc(s, unicode.IsControl):
		f.add(problem.Invalid, field, "must not contain control characters or begin or end with a space")
	default:
		f.prose(field, s, limit)
	}
}

// required is ident for text that may not be missing.
func (f faults) required(field, s string, limit int) {
	if s == "" {
		f.add(problem.Invalid, field, "must not be empty")
		return
	}
	f.ident(field, s, limit)
}

// prose checks text that is only shown. PostgreSQL holds neither NUL nor broken UTF-8.
func (f faults) prose(field, s string, limit int) {
	switch {
	case len(s) > limit:
		f.add(problem.TooLarge, field, "must have at most %d bytes", limit)
	case !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0:
		f.add(problem.Invalid, field, "must be UTF-8 text without NUL")
	}
}

// source checks the name of a source.
func (f faults) source(field, s string) {
	legal := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' }
	if len(s) < 1 || len(s) > maxSource || strings.ContainsFunc(s, func(r rune) bool { return !legal(r) }) {
		f.add(problem.Invalid, field, "must be 1 to %d of a–z, 0–9 and _", maxSource)
	}
}

func (f faults) currency(field string, c money.Currency) {
	if _, err := money.ParseCurrency(string(c)); err != nil {
		f.add(problem.CurrencyUnknown, field, "is not a known ISO 4217 code")
	}
}

// amount checks an amount against the currency of its order.
func (f faults) amount(field string, m money.Money, c money.Currency) {
	switch {
	case m.Currency != c:
		f.add(problem.CurrencyMismatch, field, "must be in the currency of the order")
	case m.Minor < 0:
		f.add(problem.AmountRange, field, "must not be negative")
	case m.Minor > MaxAmount:
		f.add(problem.AmountRange, field, "must be at most %s", money.Of(MaxAmount, m.Currency))
	}
}

// optional is amount for a field that may be left out.
func (f faults) optional(field string, m money.Money, c money.Currency) {
	if m != (money.Money{}) {
		f.amount(field, m, c)
	}
}

func (f faults) quantity(n int64) {
	if n < 0 || n > MaxQuantity {
		f.add(problem.AmountRange, "quantity", "must be between 0 and %d", int64(MaxQuantity))
	}
}

// instant checks a claimed time: limits, because client clocks cannot be trusted (Q43).
func (f faults) instant(field string, t, now time.Time) {
	switch {
	case t.IsZero(): // as in 0001-01-01
		f.add(problem.Invalid, field, "must be given, and not be older than 400 days")
	case t.After(now.Add(MaxAhead)):
		f.add(problem.Invalid, field, "must not be more than 5 minutes ahead")
	case t.Before(now.Add(-MaxAge)):
		f.add(problem.Invalid, field, "must not be older than 400 days")
	}
}
