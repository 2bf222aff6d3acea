package stripe

import (
	"strings"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/track/order"
)

// rest is the line that stands for lines which an event leaves out.
const rest = "rest"

// invoiceMessage reads an invoice that is paid.
func invoiceMessage(e *event) (connect.Message, error) {
	b, err := object[invoice](e)
	if err != nil {
		return connect.Message{}, err
	}
	if err := ident("id", b.ID); err != nil {
		return connect.Message{}, err
	}
	if b.Total < 0 {
		return ignored("NEGATIVE_TOTAL: it pays nothing, and gives credit for later invoices")
	}
	r, err := in(b.Currency, "currency")
	if err != nil {
		return connect.Message{}, err
	}
	o := b.order(r, e)
	msg := connect.Message{OrderID: b.ID, Order: &o}
	for _, id := range b.payments() {
		if id != "" {
			msg.OtherIDs = append(msg.OtherIDs, string(id))
		}
	}
	return msg, r.err()
}

// payments are the ids of what paid the invoice, where it says so.
func (b *invoice) payments() []ref {
	ids := []ref{b.PaymentIntent, b.Charge}
	if b.Payments != nil {
		for _, p := range b.Payments.Data {
			ids = append(ids, p.Payment.Intent, p.Payment.Charge)
		}
	}
	return ids
}

func (b *invoice) order(r *reader, e *event) order.Order {
	o := order.Order{
		ExternalID: b.ID, Number: label(b.Number, order.MaxNumber), Kind: order.KindSale, Status: order.StatusPaid,
		Version: int64(max(1, b.paidAt(e))), OccurredAt: b.paidAt(e).time(), Currency: r.currency, Test: e.test(),
		Channel:  label(b.BillingReason, order.MaxChannel),
		Customer: order.Customer{ExternalID: label(string(b.Customer), order.MaxID), Email: label(b.Email, order.MaxEmail), Name: cut(b.Name, order.MaxName)},
		Country:  country(b.Address), ClickToken: token(b.tokens()...),
	}
	total := r.amount("total", b.Total)
	paid := min(r.amount("amount_paid", b.Paid), total)
	o.Total = r.money(paid)
	o.Tax = r.money(r.scaled("total_taxes", b.tax(r, total), paid, total))
	o.Discount = r.money(r.scaled("total_discount_amounts", r.sum("total_discount_amounts", b.Discounts), paid, total))
	o.Shipping = r.money(r.scaled("shipping_cost.amount_subtotal", b.shipping(r), paid, total))
	o.Lines = b.lines(r, total, paid)
	return o
}

// scaled is the part of an amount that was paid.
func (r *reader) scaled(field string, minor, paid, total int64) int64 {
	if paid == total || total <= 0 {
		return minor
	}
	return r.part(field, minor, paid, total)
}

func (r *reader) sum(field string, all []amounted) (sum int64) {
	for i, one := range all {
		sum += r.amount(at(field, i, "amount"), one.Amount)
	}
	return sum
}

// paidAt is when the invoice was paid, which does not change.
func (b *invoice) paidAt(e *event) unix {
	for _, one := range []unix{b.StatusTransitions.PaidAt, b.Created, e.Created} {
		if one != 0 {
			return one
		}
	}
	return 0
}

// tax is what of the total is tax.
func (b *invoice) tax(r *reader, total int64) int64 {
	if b.BeforeTax != nil {
		return total - r.amount("total_excluding_tax", *b.BeforeTax)
	}
	return r.sum("total_taxes", b.Taxes)
}

// shipping is what of the total is shipping, before tax.
func (b *invoice) shipping(r *reader) int64 {
	if b.Shipping == nil {
		return 0
	}
	return r.amount("shipping_cost.amount_subtotal", b.Shipping.Amount)
}

// tokens are where a click may be told: the invoice itself, then the subscription,
// whose metadata every invoice of it repeats.
func (b *invoice) tokens() []string {
	all := []string{b.Metadata[clickKey]}
	if b.Parent != nil && b.Parent.Subscription != nil {
		all = append(all, b.Parent.Subscription.Metadata[clickKey])
	}
	if b.SubscriptionOf != nil {
		all = append(all, b.SubscriptionOf.Metadata[clickKey])
	}
	return all
}

// clickKey is the name under which a click token stands in metadata.
const clickKey = "trb_click"

// token gives the first text that may be a click token.
func token(texts ...string) string {
	for _, t := range texts {
		if t = label(t, order.MaxToken); t != "" {
			return t
		}
	}
	return ""
}

// country of an address; "" when it is none.
func country(a *address) string {
	if a == nil {
		return ""
	}
	if code := strings.ToUpper(strings.TrimSpace(a.Country)); facts.Country(code) {
		return code
	}
	return ""
}
