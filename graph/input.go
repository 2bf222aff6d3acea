package graph

import (
	"errors"
	"time"

	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// or is the value, or what stands for its absence.
func or[T any](v *T, absent T) T {
	if v == nil {
		return absent
	}
	return *v
}

// some is a pointer to a value that is there, nil for an empty one.
func some[T comparable](v T) *T {
	var empty T
	if v == empty {
		return nil
	}
	return &v
}

// text turns an optional named string, such as an enum, into an optional text.
func text[T ~string](v *T) *string {
	if v == nil {
		return nil
	}
	s := string(*v)
	return &s
}

// attempt runs fn unless the input was already found at fault.
func attempt[T any](err error, fn func() (T, error)) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return fn()
}

// amountAt reads an optional amount; a fault names its field.
func amountAt(field string, in *model.MoneyInput) (*money.Money, error) {
	if in == nil {
		return nil, nil
	}
	m, err := money.Parse(in.Amount, string(in.Currency))
	if err != nil {
		return nil, moneyProblem(field, err)
	}
	return &m, nil
}

// amount reads a required amount.
func amount(field string, in *model.MoneyInput) (money.Money, error) {
	m, err := amountAt(field, in)
	if err != nil || m == nil {
		return money.Money{}, err
	}
	return *m, nil
}

// moneyProblem says what is wrong with an amount, and which part of it.
func moneyProblem(field string, err error) error {
	switch {
	case errors.Is(err, money.ErrUnknownCurrency):
		return problem.At(problem.CurrencyUnknown, field+".currency", "not a known ISO 4217 currency code").Because(err)
	case errors.Is(err, money.ErrPrecision):
		return problem.At(problem.AmountPrecision, field+".amount", "more digits than the currency has").Because(err)
	case errors.Is(err, money.ErrRange):
		return problem.At(problem.AmountRange, field+".amount", "the amount is out of range").Because(err)
	}
	return problem.At(problem.Invalid, field+".amount", "not a decimal amount such as 12.34").Because(err)
}

// overlap is a rotation's; a day when it is null. More seconds than a duration
// holds are refused like any that are too many.
func overlap(seconds *int) time.Duration {
	n := or(seconds, 24*60*60)
	if limit := int(365 * 24 * time.Hour / time.Second); n > limit {
		n = limit
	}
	return time.Duration(n) * time.Second
}
