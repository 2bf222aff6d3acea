package order

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Settle completes the currency, the total and the lines of a message whose source
// may leave out one of them: a total alone is one line, less its tax and shipping;
// lines alone add up to the total, with tax and shipping. told says whether the
// source gave a total. Errors: INVALID total for a sale with neither; AMOUNT_RANGE
// total for one below lines, tax and shipping: commission could exceed it, and
// refunds up to it would leave some of the commission behind. CURRENCY_MISMATCH or
// AMOUNT_RANGE lines.N.amount for lines that cannot be added.
func (o *Order) Settle(told bool) error {
	var err error
	switch {
	case told && len(o.Lines) == 0 && o.Kind == KindSale:
		goods := money.Of(o.Total.Minor-o.extra(), o.Total.Currency)
		if o.Lines = Whole(goods); goods.Minor < 0 {
			err = problem.At(problem.AmountRange, "total", "must not be negative, or below tax and shipping")
		}
	case told && len(o.Lines) > 0:
		if o.short() {
			err = problem.At(problem.AmountRange, "total", "must not be below the sum of lines, tax and shipping")
		}
	case len(o.Lines) > 0:
		err = o.addUp()
	case !told && o.Kind == KindSale:
		err = problem.At(problem.Invalid, "total", "a sale needs a total or lines")
	}
	o.Currency = cmp.Or(o.Total.Currency, o.Currency)
	return err
}

// extra is what the buyer paid beside the lines, in minor units.
func (o *Order) extra() int64 {
	tax := min(o.Tax.Minor, MaxAmount)
	if o.Tax == (money.Money{}) {
		for _, l := range o.Lines[:min(len(o.Lines), MaxLines)] {
			tax += min(l.Tax.Minor, MaxAmount)
		}
	}
	return tax + min(o.Shipping.Minor, MaxAmount)
}

// short reports a total below lines, tax and shipping. Shops send totals that they
// have rounded, and are taken as they are: this is for who adds up itself.
func (o *Order) short() bool {
	sum := o.extra()
	for _, l := range o.Lines {
		if l.Amount.Currency != o.Total.Currency {
			return false // a fault of its own
		}
		sum += min(l.Amount.Minor, MaxAmount)
	}
	return len(o.Lines) <= MaxLines && o.Total.Minor < sum
}

func (o *Order) addUp() error {
	o.Total = money.Zero(o.Lines[0].Amount.Currency)
	for i, l := range o.Lines {
		sum, err := o.Total.Add(l.Amount)
		if err != nil {
			return unaddable(i, err)
		}
		o.Total = sum
	}
	o.Total.Minor += o.extra()
	return nil
}

func unaddable(line int, err error) error {
	field := fmt.Sprintf("lines.%d.amount", line)
	if errors.Is(err, money.ErrMixed) {
		return problem.At(problem.CurrencyMismatch, field, "must be in the currency of the order")
	}
	return problem.At(problem.AmountRange, field, "the amounts add up to more than can be counted")
}
