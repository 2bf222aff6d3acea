package stripe

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// Currencies whose amounts Stripe writes with no digits after the point, and with
// three. All others have two, ISK and UGX among them, which have none any more.
var (
	withoutDigits = []money.Currency{"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
	withThree     = []money.Currency{"BHD", "JOD", "KWD", "OMR", "TND"}
)

func digits(c money.Currency) int {
	switch {
	case slices.Contains(withoutDigits, c):
		return 0
	case slices.Contains(withThree, c):
		return 3
	}
	return 2
}

// reader reads amounts of one event in one currency and keeps the first fault: after
// it, everything read is nothing, and the event is refused as a whole.
type reader struct {
	currency money.Currency
	fault    *problem.Error
}

// in opens a reader for a currency, in small letters as Stripe writes it.
func in(currency, field string) (*reader, error) {
	c, err := money.ParseCurrency(strings.ToUpper(currency))
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

// amount gives the minor units of an amount in Stripe's.
func (r *reader) amount(field string, n int64) int64 {
	if n > order.MaxAmount || n < -order.MaxAmount {
		r.fail(problem.AmountRange, field, "is out of range")
		return 0
	}
	have, want := digits(r.currency), r.currency.Exponent()
	for ; have < want; have++ {
		n *= 10
	}
	for ; have > want; have-- {
		if n%10 != 0 {
			r.fail(problem.AmountPrecision, field, "has more digits after the point than %s has", r.currency)
			return 0
		}
		n /= 10
	}
	return n
}

// part gives minor × num ÷ den, rounded half away from zero.
func (r *reader) part(field string, minor, num, den int64) int64 {
	v, err := money.MulDiv(minor, num, den)
	if err != nil {
		r.fail(problem.AmountRange, field, "is out of range")
	}
	return v
}

func (r *reader) money(minor int64) money.Money { return money.Of(minor, r.currency) }

// at writes the path of an element's field.
func at(list string, i int, field string) string { return list + "." + strconv.Itoa(i) + "." + field }
