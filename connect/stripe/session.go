package stripe

import (
	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/track/order"
)

// sessionMessage reads a Checkout session that is over. One with an invoice adds to the
// invoice's order; one without is an order of its own, by its payment.
func sessionMessage(e *event) (connect.Message, error) {
	b, err := object[session](e)
	switch {
	case err != nil:
		return connect.Message{}, err
	case b.Mode == "setup":
		return ignored("SETUP: nothing was bought")
	case b.Mode == "subscription" && b.Invoice == "", b.Invoice == "" && b.InvoiceCreation != nil && b.InvoiceCreation.Enabled:
		return ignored("INVOICE_COMES: the session does not say which")
	case b.Invoice == "" && b.PaymentStatus == "unpaid":
		return ignored("UNPAID: another event tells when it is paid")
	}
	id := first(string(b.Invoice), string(b.PaymentIntent), b.ID)
	if err := ident("id", id); err != nil {
		return connect.Message{}, err
	}
	r, err := in(b.Currency, "currency")
	if err != nil {
		return connect.Message{}, err
	}
	o := b.order(r, e, id)
	msg := connect.Message{OrderID: id, Order: &o, Completes: b.Invoice != ""}
	for _, other := range []string{string(b.PaymentIntent), b.ID} {
		if other != id && other != "" {
			msg.OtherIDs = append(msg.OtherIDs, other)
		}
	}
	return msg, r.err()
}

func (b *session) order(r *reader, e *event, id string) order.Order {
	o := order.Order{
		ExternalID: id, Kind: order.KindSale, Status: order.StatusPaid, OccurredAt: unix(max(int64(b.Created), 0)).time(),
		Currency: r.currency, Total: r.money(0), Test: e.test(),
		ClickToken: token(b.ClientReference, b.Metadata[clickKey]), Customer: order.Customer{ExternalID: label(string(b.Customer), order.MaxID)},
	}
	if b.Buyer != nil {
		o.Customer.Email, o.Customer.Name = label(b.Buyer.Email, order.MaxEmail), cut(b.Buyer.Name, order.MaxName)
		o.Country = country(b.Buyer.Address)
	}
	if b.Invoice != "" {
		return o
	}
	o.Total = r.money(r.amount("amount_total", b.Total))
	if b.Totals != nil {
		o.Tax = r.money(r.amount("total_details.amount_tax", b.Totals.Tax))
		o.Shipping = r.money(r.amount("total_details.amount_shipping", b.Totals.Shipping))
		o.Discount = r.money(r.amount("total_details.amount_discount", b.Totals.Discount))
	}
	o.Lines = order.Whole(r.money(max(0, o.Total.Minor-o.Tax.Minor-o.Shipping.Minor)))
	return o
}
