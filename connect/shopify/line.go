package shopify

import (
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// returned gives how many units of each line the order's own refunds took back.
func (b *orderBody) returned() map[ident]int64 {
	units := map[ident]int64{}
	for _, f := range b.Refunds {
		for _, l := range f.Lines {
			units[l.LineID] += l.Quantity
		}
	}
	return units
}

// order maps one line: what was sold of it, before tax and after its discounts.
func (l line) order(r *reader, i int, returned int64, taxesIncluded bool) order.Line {
	field := func(name string) string { return at("line_items", i, name) }
	if l.Quantity < 0 || l.Quantity > order.MaxQuantity {
		r.fail(problem.AmountRange, field("quantity"), "must be between 0 and %d", int64(order.MaxQuantity))
		return order.Line{}
	}
	price := r.amount(field("price"), l.Price, l.PriceSet)
	gross, err := money.MulDiv(price, l.Quantity, 1)
	gross = r.check(field("price"), gross, err)
	var discount, taxed int64
	for j, d := range l.Discounts {
		discount = r.sum(field("discount_allocations"), discount, r.amount(field(at("discount_allocations", j, "amount")), d.Amount, d.AmountSet))
	}
	for j, t := range l.Taxes {
		taxed = r.sum(field("tax_lines"), taxed, r.amount(field(at("tax_lines", j, "price")), t.Price, t.PriceSet))
	}
	amount := gross - discount
	if taxesIncluded {
		amount = max(0, amount-taxed)
	}
	sold := l.sold(returned)
	share := func(name string, minor int64) money.Money {
		if sold != l.Quantity {
			minor = r.part(field(name), minor, sold, l.Quantity)
		}
		return r.money(minor)
	}
	return order.Line{
		ExternalID: string(l.ID), ProductID: string(l.ProductID),
		SKU: label(l.SKU, order.MaxID), Category: label(l.ProductType, order.MaxID), Title: cut(l.Title, order.MaxTitle),
		Quantity: sold, GiftCard: l.GiftCard,
		Amount:   share("price", amount),
		Tax:      share("tax_lines", taxed),
		Discount: share("discount_allocations", discount),
	}
}

// sold gives how many units were sold in the end: what is left and what was
// returned, but not what was edited away.
func (l line) sold(returned int64) int64 {
	if l.CurrentQuantity == nil {
		return l.Quantity
	}
	return min(l.Quantity, max(0, *l.CurrentQuantity)+max(0, returned))
}
