package connect

import (
	"math/big"
	"slices"

	"github.com/tributary/tributary/internal/money"
)

// sold is a line of an order as it is known here, in minor units: what was sold of
// it before tax, its tax, and how much has been given back.
type sold struct {
	ID                    string
	Quantity              int64
	Amount, Tax, Refunded int64
}

// settled puts a refund in the terms of its order. It is meant for the moment
// before the refund is accepted, because it depends on what is left of the lines.
func settled(r Refund, currency money.Currency, lines []sold) Refund {
	r.Lines = slices.Clone(r.Lines)
	if r.Currency == "" { // nothing in the message had an amount to tell it by
		r.Currency = currency
	}
	taken := map[string]int64{}
	for i := range r.Lines {
		l := &r.Lines[i]
		at := slices.IndexFunc(lines, func(s sold) bool { return s.ID == l.LineExternalID })
		if at < 0 {
			continue // earn refuses it and names the field
		}
		if r.Tax != nil && holdsTax(lines[at], l.Amount.Minor, r.Tax[i].Minor) {
			l.Amount.Minor -= r.Tax[i].Minor
		}
		l.Amount.Minor = lines[at].round(l.Amount.Minor, taken[l.LineExternalID])
		taken[l.LineExternalID] += l.Amount.Minor
	}
	r.Tax = nil
	return r
}

// holdsTax reports whether a refunded amount holds its tax: whether the tax is to
// the amount less tax, or to the amount itself, what the order line's tax is to its
// amount before tax. In an order that was not edited one of the two is exact but
// for rounding; the nearer one is taken.
func holdsTax(s sold, amount, tax int64) bool {
	if tax <= 0 || s.Tax <= 0 || tax > amount {
		return false
	}
	return distance(s, amount-tax, tax).Cmp(distance(s, amount, tax)) < 0
}

// distance gives |s.Tax × net − tax × s.Amount|, which is zero for equal ratios.
// The products pass 64 bits.
func distance(s sold, net, tax int64) *big.Int {
	a := new(big.Int).Mul(big.NewInt(s.Tax), big.NewInt(net))
	b := new(big.Int).Mul(big.NewInt(tax), big.NewInt(s.Amount))
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
