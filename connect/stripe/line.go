package stripe

import (
	"strconv"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// lines maps the lines of an invoice, before tax and after discount, so that they add
// up to what was paid of them.
func (b *invoice) lines(r *reader, total, paid int64) []order.Line {
	if len(b.Lines.Data) > order.MaxLines {
		r.fail(problem.TooLarge, "lines.data", "must be at most %d", order.MaxLines)
		return nil
	}
	all := make([]order.Line, 0, len(b.Lines.Data)+1)
	var sum int64
	for i, l := range b.Lines.Data {
		all = append(all, l.order(r, i))
		sum += all[i].Amount.Minor
	}
	goods := max(0, total-b.tax(r, total)-b.shipping(r))
	if left := goods - sum; left > 0 && b.Lines.More || len(all) == 0 && goods > 0 {
		all = append(all, order.Line{ExternalID: rest, Quantity: 1, Amount: r.money(left)})
	}
	r.fit(all, r.scaled("total", goods, paid, total))
	return all
}

// order maps one line. Its tax is taken off where the amount holds it.
func (l line) order(r *reader, i int) order.Line {
	field := func(name string) string { return at("lines.data", i, name) }
	discount, tax, held := r.sum(field("discount_amounts"), l.Discounts), int64(0), int64(0)
	for j, t := range append(l.Taxes, l.TaxAmounts...) {
		one := r.amount(field(at("taxes", j, "amount")), t.Amount)
		tax += one
		if t.Inclusive || t.Behavior == "inclusive" {
			held += one
		}
	}
	return order.Line{
		ExternalID: first(label(l.ID, order.MaxID), "line:"+strconv.Itoa(i)), ProductID: label(string(l.product()), order.MaxID), Title: cut(l.Description, order.MaxTitle),
		Quantity: min(max(1, l.Quantity), order.MaxQuantity),
		Amount:   r.money(r.amount(field("amount"), l.Amount) - discount - held),
		Tax:      r.money(max(0, tax)), Discount: r.money(max(0, discount)),
	}
}

func (l line) product() ref {
	switch {
	case l.Pricing != nil && l.Pricing.Details != nil:
		return l.Pricing.Details.Product
	case l.Price != nil:
		return l.Price.Product
	}
	return ""
}

// fit makes lines add up to an amount: those above zero take their parts of it, the
// others have nothing.
func (r *reader) fit(all []order.Line, goods int64) {
	parts, sum := make([]money.Part, len(all)), int64(0)
	exact := true
	for i, l := range all {
		parts[i] = money.Part{ID: l.ExternalID, Weight: max(0, l.Amount.Minor)}
		exact = exact && l.Amount.Minor >= 0
		sum += parts[i].Weight
	}
	if exact && sum == goods || sum == 0 {
		for i := range all {
			all[i].Amount.Minor = parts[i].Weight
		}
		return
	}
	shares, err := money.Split(goods, parts)
	if err != nil { // a line id that stands twice
		r.fail(problem.Invalid, "lines.data", "cannot be divided")
		return
	}
	for i := range all {
		all[i].Amount.Minor = shares[i]
	}
}
