package woocommerce

import (
	"strconv"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// lines maps the lines, before tax and after discount. What the order takes off as a
// whole, by fees or lines below zero, is taken off all of them.
func (b *orderBody) lines(r *reader) []order.Line {
	all, goods := make([]order.Line, len(b.Lines)), int64(0)
	for i, l := range b.Lines {
		all[i] = l.order(r, i)
		goods = r.sum(at("line_items", i, "total"), goods, all[i].Amount.Minor)
	}
	for i, f := range b.Fees {
		field := at("fee_lines", i, "total")
		goods = r.sum(field, goods, min(0, r.amount(field, f.Total)))
	}
	r.fit(all, max(0, goods))
	return all
}

// order maps one line. Its amount may be below zero.
func (l line) order(r *reader, i int) order.Line {
	field := func(name string) string { return at("line_items", i, name) }
	if l.Quantity < 0 || l.Quantity > order.MaxQuantity {
		r.fail(problem.AmountRange, field("quantity"), "must be between 0 and %d", int64(order.MaxQuantity))
		return order.Line{}
	}
	total := r.amount(field("total"), l.Total)
	discount := int64(0)
	if l.Subtotal != "" {
		discount = max(0, r.sum(field("subtotal"), r.amount(field("subtotal"), l.Subtotal), -total))
	}
	id := label(string(l.ID), order.MaxID)
	if id == "" {
		id = "line:" + strconv.Itoa(i)
	}
	return order.Line{
		ExternalID: id, ProductID: label(string(l.ProductID), order.MaxID),
		SKU: label(string(l.SKU), order.MaxID), Title: cut(string(l.Name), order.MaxTitle), Quantity: l.Quantity,
		Amount: r.money(total), Tax: r.money(max(0, r.amount(field("total_tax"), l.TotalTax))), Discount: r.money(discount),
	}
}

// fit makes lines add up to an amount: those above zero take their parts of it, the
// others have nothing.
func (r *reader) fit(all []order.Line, goods int64) {
	parts, sum := make([]money.Part, len(all)), int64(0)
	for i, l := range all {
		parts[i] = money.Part{ID: l.ExternalID, Weight: max(0, l.Amount.Minor)}
		sum += parts[i].Weight
	}
	shares := make([]int64, len(all))
	for i, p := range parts {
		shares[i] = p.Weight
	}
	if sum != goods && sum > 0 {
		var err error
		if shares, err = money.Split(min(goods, sum), parts); err != nil { // a line id that stands twice
			r.fail(problem.Invalid, "line_items", "cannot be divided")
			return
		}
	}
	for i := range all {
		all[i].Amount.Minor = shares[i]
	}
}
