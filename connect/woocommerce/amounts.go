package woocommerce

import (
	"errors"
	"strconv"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// reader reads amounts of one message in one currency and keeps the first fault: after
// it, everything read is nothing, and the message is refused as a whole.
type reader struct {
	currency money.Currency
	fault    *problem.Error
}

// in opens a reader for the currency of the order.
func in(currency string) (*reader, error) {
	c, err := money.ParseCurrency(currency)
	if err != nil {
		return nil, problem.At(problem.CurrencyUnknown, "currency", "is not a known ISO 4217 code")
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

// amount reads minor units. Nothing written is nothing. Zeros beyond the currency's
// digits are none: a shop may show two digits of any currency.
func (r *reader) amount(field string, written decimal) int64 {
	if written == "" {
		return 0
	}
	m, err := money.Parse(string(written), string(r.currency))
	switch {
	case errors.Is(err, money.ErrPrecision):
		r.fail(problem.AmountPrecision, field, "has more digits after the point than %s has", r.currency)
	case errors.Is(err, money.ErrRange):
		r.fail(problem.AmountRange, field, "is out of range")
	case err != nil:
		r.fail(problem.Invalid, field, "must be a plain decimal number")
	}
	return m.Minor
}

// sum adds within the range of amounts.
func (r *reader) sum(field string, a, b int64) int64 {
	m, err := r.money(a).Add(r.money(b))
	if err != nil {
		r.fail(problem.AmountRange, field, "is out of range")
		return 0
	}
	return m.Minor
}

func (r *reader) money(minor int64) money.Money { return money.Of(minor, r.currency) }

// at writes the path of an element's field.
func at(list string, i int, field string) string {
	return list + "." + strconv.Itoa(i) + "." + field
}
