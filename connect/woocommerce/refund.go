package woocommerce

import (
	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// refundedItem is the meta data of a refund's line that names the line of the order.
const refundedItem = "_refunded_item_id"

// refund maps a refund of an order: by its lines where they are known and add up to what
// was given back, else by what was given back of all that was paid. The shop's amount
// decides: people may type another than that of the lines. A refund of nothing but
// shipping takes nothing from the base (Q08); it is recorded all the same.
func (f *refund) refund(r *reader, path string, of *orderBody, sold map[ident]soldLine) connect.Refund {
	out := connect.Refund{Refund: order.Refund{
		OrderExternalID: string(of.ID), ExternalID: label(string(f.ID), order.MaxID), Currency: r.currency, OccurredAt: f.CreatedAt.Time,
	}}
	if out.ExternalID == "" {
		r.fail(problem.Invalid, path+"id", "must have 1 to %d bytes", order.MaxID)
	}
	if out.OccurredAt.IsZero() {
		out.OccurredAt = of.modifiedAt()
	}
	given := max(f.positive(r, path+"amount", f.Amount), f.positive(r, path+"total", f.Total))
	if lines, sum := f.lines(r, path, sold); f.asked() && sum == given {
		out.Lines = lines
		return out
	}
	out.Paid = r.money(given)
	return out
}

// positive reads an amount whose sign says only that it is a refund's.
func (*refund) positive(r *reader, field string, written decimal) int64 {
	minor := r.amount(field, written)
	return max(minor, -minor)
}

// lines maps the lines, and says what all that the refund names adds up to, tax and
// shipping with it. A line that names none of the order's is not in the sum: then it
// does not add up.
func (f *refund) lines(r *reader, path string, sold map[ident]soldLine) (all []order.RefundLine, sum int64) {
	add := func(field string, written decimal) int64 {
		minor := r.amount(field, written)
		sum = r.sum(field, sum, -minor)
		return -minor
	}
	for i, l := range f.Lines {
		field := func(name string) string { return path + at("line_items", i, name) }
		of, known := sold[l.refunded()]
		if !known {
			continue
		}
		minor := add(field("total"), l.Total)
		add(field("total_tax"), l.TotalTax)
		if units := max(0, -l.Quantity); minor > 0 || units > 0 {
			all = append(all, order.RefundLine{
				LineExternalID: of.id, Quantity: units, Amount: r.money(of.part(r, field("total"), max(0, minor))),
			})
		}
	}
	for name, fees := range map[string][]fee{"shipping_lines": f.Shipping, "fee_lines": f.Fees} {
		for i, one := range fees {
			add(path+at(name, i, "total"), one.Total)
			add(path+at(name, i, "total_tax"), one.TotalTax)
		}
	}
	return all, sum
}

// refunded is the id of the order's line.
func (l line) refunded() ident {
	for _, m := range l.Meta {
		if m.Key == refundedItem {
			return ident(m.text())
		}
	}
	return ""
}

// soldLine is a line as the shop prices it and as it counts here.
type soldLine struct {
	id             string
	priced, counts int64
}

// sold gives the order's lines by their ids there.
func (b *orderBody) sold(r *reader, lines []order.Line) map[ident]soldLine {
	all := map[ident]soldLine{}
	for i, l := range lines {
		all[b.Lines[i].ID] = soldLine{l.ExternalID, r.amount(at("line_items", i, "total"), b.Lines[i].Total), l.Amount.Minor}
	}
	return all
}

// part is what an amount of the line counts for here: less, where the order as a whole
// took something off.
func (s soldLine) part(r *reader, field string, minor int64) int64 {
	if s.priced == s.counts || s.priced <= 0 {
		return minor
	}
	v, err := money.MulDiv(minor, s.counts, s.priced)
	if err != nil {
		r.fail(problem.AmountRange, field, "is out of range")
	}
	return v
}
