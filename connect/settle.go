package connect

import (
	"math/big"
	"slices"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/order"
)

// sold is a line of an order as it is known here, in minor units: what was sold of
// it before tax, its tax, and how much has been given back.
type sold struct {
	ID                    string
	Quantity              int64
	Amount, Tax, Refunded int64
}

// settled puts a refund in the terms of its order, and says how many minor units
// were cut because they are more than what is left of a line. It is meant for the
// moment before the refund is accepted, because it depends on what is left.
func settled(r Refund, currency money.Currency, lines []sold) (out order.Refund, cut int64) {
	r.Lines = slices.Clone(r.Lines)
	if r.Currency == "" { // nothing in the message had an amount to tell it by
		r.Currency = currency
	}
	known := func(i int) *sold {
		at := slices.IndexFunc(lines, func(s sold) bool { return s.ID == r.Lines[i].LineExternalID })
		if at < 0 {
			return nil // earn refuses it and names the field
		}
		return &lines[at]
	}
	r.Settle(func(i int) bool {
		s := known(i)
		return s != nil && s.priceHoldsTax(r.Lines[i].Amount.Minor, r.Lines[i].Quantity)
	})
	taken := map[string]int64{}
	for i := range r.Lines {
		if s := known(i); s != nil {
			l := &r.Lines[i]
			rounded := s.round(l.Amount.Minor, taken[s.ID])
			cut += l.Amount.Minor - rounded
			l.Amount.Minor = rounded
			taken[s.ID] += l.Amount.Minor
		}
	}
	return r.Refund, cut
}

// priceHoldsTax reports whether some units were priced with their tax: whether their
// amount is nearer to their part of the line with tax than to that without. For
// units of the line's own price one of the two is exact but for rounding.
func (s sold) priceHoldsTax(amount, units int64) bool {
	with := distance(amount, s.Quantity, s.Amount+s.Tax, units)
	return with.Cmp(distance(amount, s.Quantity, s.Amount, units)) < 0
}

// distance gives |amount × quantity − line × units|, zero when amount is the units'
// part of the line. The products pass 64 bits.
func distance(amount, quantity, line, units int64) *big.Int {
	a := new(big.Int).Mul(big.NewInt(amount), big.NewInt(quantity))
	b := new(big.Int).Mul(big.NewInt(line), big.NewInt(units))
	return a.Sub(a, b).Abs(a)
}

// round forgives what rounding makes of a line refunded unit by unit: the shop
// rounds tax for each unit, so the parts may exceed the line by up to one minor
// unit each. More than that is the refund's own fault and stays.
func (s sold) round(amount, taken int64) int64 {
	rest := max(0, s.Amount-s.Refunded-taken)
	if over := amount - rest; over > 0 && over <= max(1, s.Quantity) {
		return rest
	}
	return amount
}
