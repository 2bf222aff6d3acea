package stripe

import (
	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/track/order"
)

// paymentMessage reads which payment is of which invoice.
func paymentMessage(e *event) (connect.Message, error) {
	b, err := object[payment](e)
	if err != nil {
		return connect.Message{}, err
	}
	if err := ident("invoice", string(b.Invoice)); err != nil {
		return connect.Message{}, err
	}
	msg := connect.Message{OrderID: string(b.Invoice)}
	for _, id := range []ref{b.Payment.Intent, b.Payment.Charge} {
		if id != "" {
			msg.OtherIDs = append(msg.OtherIDs, string(id))
		}
	}
	if len(msg.OtherIDs) == 0 {
		return ignored("OUT_OF_BAND: no payment of Stripe's is named")
	}
	return msg, nil
}

// refundMessage reads one refund.
func refundMessage(e *event) (connect.Message, error) {
	b, err := object[refund](e)
	if err != nil {
		return connect.Message{}, err
	}
	if b.Status != "succeeded" {
		return ignored("REFUND_OPEN: nothing has been given back")
	}
	one, err := b.refund("")
	return connect.Message{OrderID: first(string(b.PaymentIntent), string(b.Charge)), Refunds: []connect.Refund{one}}, err
}

func (b *refund) refund(path string) (connect.Refund, error) {
	r, err := in(b.Currency, path+"currency")
	if err != nil {
		return connect.Refund{}, err
	}
	for field, id := range map[string]string{"id": b.ID, "payment_intent": first(string(b.PaymentIntent), string(b.Charge))} {
		if err := ident(path+field, id); err != nil {
			return connect.Refund{}, err
		}
	}
	out := connect.Refund{Refund: order.Refund{
		ExternalID: b.ID, OccurredAt: b.Created.time(), Currency: r.currency, Paid: r.money(r.amount(path+"amount", b.Amount)), Code: codeOf(b.Reason),
	}}
	return out, r.err()
}

// codeOf gives a reason in our words.
func codeOf(reason string) string {
	switch reason {
	case "duplicate":
		return "DUPLICATE"
	case "fraudulent":
		return "FRAUD"
	case "requested_by_customer":
		return "RETURN"
	case "product_not_received":
		return "NOT_RECEIVED"
	case "product_unacceptable":
		return "DEFECTIVE"
	}
	return ""
}

// chargeMessage reads the refunds in a charge, which only versions before 2022-11-15
// write out. Others tell a sum, and each refund by itself.
func chargeMessage(e *event) (connect.Message, error) {
	b, err := object[charge](e)
	if err != nil {
		return connect.Message{}, err
	}
	if b.Refunds == nil || len(b.Refunds.Data) == 0 {
		return ignored("REFUND_EVENTS: each refund is told by refund.created and refund.updated")
	}
	msg := connect.Message{OrderID: first(string(b.PaymentIntent), b.ID)}
	for i, f := range b.Refunds.Data {
		if f.Status != "succeeded" {
			continue
		}
		f.PaymentIntent = ref(msg.OrderID)
		one, err := f.refund(at("refunds.data", i, ""))
		if err != nil {
			return connect.Message{}, err
		}
		msg.Refunds = append(msg.Refunds, one)
	}
	return msg, nil
}

// creditNoteMessage reads what a credit note gave back: by refunds, which tell
// themselves too, and beside Stripe. Credit to the balance is no money yet.
func creditNoteMessage(e *event) (connect.Message, error) {
	b, err := object[creditNote](e)
	if err != nil {
		return connect.Message{}, err
	}
	if err := ident("invoice", string(b.Invoice)); err != nil {
		return connect.Message{}, err
	}
	r, err := in(b.Currency, "currency")
	if err != nil {
		return connect.Message{}, err
	}
	base := order.Refund{OccurredAt: b.Created.time(), Currency: r.currency, Code: codeOf(b.Reason)}
	msg := connect.Message{OrderID: string(b.Invoice)}
	add := func(field, id string, amount int64) {
		one := base
		one.ExternalID, one.Paid = id, r.money(r.amount(field, amount))
		if id != "" && amount > 0 {
			msg.Refunds = append(msg.Refunds, connect.Refund{Refund: one})
		}
	}
	add("out_of_band_amount", b.ID, b.OutOfBand)
	for i, f := range b.Refunds {
		add(at("refunds", i, "amount_refunded"), string(f.Refund), f.Amount)
	}
	if len(msg.Refunds) == 0 {
		return ignored("BALANCE: no money was given back")
	}
	return msg, r.err()
}
