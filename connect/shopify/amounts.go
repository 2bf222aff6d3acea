package shopify

import (
	"errors"
	"strconv"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// reader reads amounts of one message in one currency and keeps the first fault:
// after it, everything read is nothing, and the message is refused as a whole.
type reader struct {
	currency money.Currency
	fault    *problem.Error
}

// in opens a reader for the currency named at the field.
func in(currency, field string) (*reader, error) {
	c, err := money.ParseCurrency(currency)
	if err != nil {
		return nil, problem.At(problem.CurrencyUnknown, field, "is not a known ISO 4217 code")
	}
	return &reader{currency: c}, nil
}

func (r *reader) fail(code problem.Code, field, format string, a ...any) {
	if r.fault == nil {
		r.fault = problem.At(code, field, format, a...)
	}
}

// err gives the first fault as an error that is nil when there is none.
func (r *reader) err() error {
	if r.fault == nil {
		return nil
	}
	return r.fault
}

// amount reads shop money where there is a set, else the plain amount, which is in
// the shop's currency as well. Nothing written is nothing.
func (r *reader) amount(field string, plain decimal, set moneySet) int64 {
	if set.Shop != nil && set.Shop.Amount != "" {
		if set.Shop.Currency != string(r.currency) {
			r.fail(problem.CurrencyMismatch, field, "must be in the shop's currency, %s", r.currency)
			return 0
		}
		plain = set.Shop.Amount
	}
	if plain == "" {
		return 0
	}
	m, err := money.Parse(string(plain), string(r.currency))
	if err != nil {
		r.refuse(field, err)
	}
	return m.Minor
}

func (r *reader) refuse(field string, err error) {
	switch {
	case errors.Is(err, money.ErrPrecision):
		r.fail(problem.AmountPrecision, field, "has more digits after the point than %s has", r.currency)
	case errors.Is(err, money.ErrRange):
		r.fail(problem.AmountRange, field, "is out of range")
	default:
		r.fail(problem.Invalid, field, "must be a plain decimal number")
	}
}

// check passes a computed amount on and refuses one beyond the range of amounts.
func (r *reader) check(field string, minor int64, err error) int64 {
	if err != nil {
		r.fail(problem.AmountRange, field, "is out of range")
		return 0
	}
	return minor
}

// sum adds within the range of amounts.
func (r *reader) sum(field string, a, b int64) int64 {
	m, err := r.money(a).Add(r.money(b))
	return r.check(field, m.Minor, err)
}

// part gives minor × num / den, rounded half away from zero.
func (r *reader) part(field string, minor, num, den int64) int64 {
	v, err := money.MulDiv(minor, num, den)
	return r.check(field, v, err)
}

func (r *reader) money(minor int64) money.Money { return money.Of(minor, r.currency) }

// at writes the path of an element's field.
func at(list string, i int, field string) string {
	return list + "." + strconv.Itoa(i) + "." + field
}
