package stripe

import (
	"strings"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/track/order"
)

// disputeMessage reads a dispute, which every event of it tells as a whole.
func disputeMessage(e *event) (connect.Message, error) {
	b, err := object[dispute](e)
	if err != nil {
		return connect.Message{}, err
	}
	if strings.HasPrefix(b.Status, "warning_") || b.Status == "prevented" {
		return ignored("INQUIRY: no money was taken")
	}
	r, err := in(b.Currency, "currency")
	if err != nil {
		return connect.Message{}, err
	}
	payment := first(string(b.PaymentIntent), string(b.Charge))
	for field, id := range map[string]string{"id": b.ID, "payment_intent": payment} {
		if err := ident(field, id); err != nil {
			return connect.Message{}, err
		}
	}
	c := connect.Chargeback{Refund: order.Refund{
		ExternalID: b.ID, OccurredAt: b.Created.time(), Currency: r.currency, Paid: r.money(r.amount("amount", b.Amount)), Code: codeOf(b.Reason), Chargeback: true,
	}}
	if b.Status == "won" || b.Status == "lost" {
		c.EndedAt, c.Won = e.Created.time(), b.Status == "won"
	}
	return connect.Message{OrderID: payment, Chargebacks: []connect.Chargeback{c}}, r.err()
}
