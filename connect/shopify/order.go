package shopify

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// orderMessage reads one of the order topics. All of them carry the whole order,
// so the topic says only why it was sent.
func orderMessage(topic string, raw []byte) (connect.Message, error) {
	var body orderBody
	if err := decode(raw, &body); err != nil {
		return connect.Message{}, err
	}
	if err := body.check(); err != nil {
		return connect.Message{}, err
	}
	r, err := in(body.Currency, "currency")
	if err != nil {
		return connect.Message{}, err
	}
	o := body.order(r)
	msg := connect.Message{
		Key:         key(topic, body.ID, o.Version, raw),
		OrderID:     string(body.ID),
		Order:       &o,
		CancelledAt: body.CancelledAt.Time,
	}
	for i, f := range body.Refunds {
		msg.Refunds = append(msg.Refunds, f.refunds(r, fmt.Sprintf("refunds.%d.", i), body.ID, &body.TaxesIncluded)...)
	}
	return msg, r.err()
}

// check refuses a body without what the mapping stands on.
func (b *orderBody) check() error {
	switch {
	case b.ID == "" || len(b.ID) > order.MaxID:
		return problem.At(problem.Invalid, "id", "must have 1 to %d bytes", order.MaxID)
	case b.UpdatedAt.IsZero():
		return problem.At(problem.Invalid, "updated_at", "must not be empty")
	case len(b.Lines) > order.MaxLines:
		return problem.At(problem.TooLarge, "line_items", "must be at most %d", order.MaxLines)
	}
	return nil
}

// key names the message for deduplication: the topic, the object, its version, and
// a mark of the bytes, because two messages of one second may differ. A delivery
// that is repeated carries the bytes it carried before.
func key(topic string, id ident, version int64, raw []byte) string {
	hash := canon.Hash(raw)
	return fmt.Sprintf("%s:%s:%d:%s", topic, id, version, hex.EncodeToString(hash[:6]))
}

// order maps the order as it was sold: refunds and the cancellation are told apart
// from it.
func (b *orderBody) order(r *reader) order.Order {
	o := order.Order{
		ExternalID: string(b.ID),
		Number:     label(b.Name, order.MaxNumber),
		Kind:       order.KindSale,
		Status:     b.status(),
		Version:    b.version(),
		OccurredAt: b.occurredAt(),
		Currency:   r.currency,
		Total:      r.money(r.amount("total_price", b.TotalPrice, b.TotalPriceSet)),
		Shipping:   r.money(r.amount("total_shipping_price_set", "", b.ShippingSet)),
		Tax:        r.money(r.amount("total_tax", b.TotalTax, b.TotalTaxSet)),
		Discount:   r.money(r.amount("total_discounts", b.Discounts, b.DiscountsSet)),
		Customer:   b.buyer(),
		ClickToken: b.clickToken(),
		Test:       b.Test,
		Country:    b.country(),
		Channel:    label(b.SourceName, order.MaxChannel),
	}
	o.CouponCodes = b.coupons()
	returned := b.returned()
	for i, l := range b.Lines {
		o.Lines = append(o.Lines, l.order(r, i, returned[l.ID], b.TaxesIncluded))
	}
	return o
}

// occurredAt is when the buyer bought; an imported order was processed before it
// was created here.
func (b *orderBody) occurredAt() time.Time {
	if !b.ProcessedAt.IsZero() {
		return b.ProcessedAt.Time
	}
	return b.CreatedAt.Time
}

// status gives where the order stood before anything was given back.
func (b *orderBody) status() order.Status {
	switch b.FinancialStatus {
	case "paid", "partially_refunded", "refunded":
		return order.StatusPaid
	}
	return order.StatusPending // pending, partially_paid, authorized, voided, expired, or none at all
}

// The microseconds of a version, as far as the shop leaves them unused.
const (
	rankCancelled = 500_000
	rankRefund    = 10 // each, up to 9999 of them
	rankPaid      = 1
)

// version orders the messages about the order: microseconds of updated_at, and
// within one second by what can only grow.
func (b *orderBody) version() int64 {
	rank := min(len(b.Refunds), 9999) * rankRefund
	if b.status() == order.StatusPaid {
		rank += rankPaid
	}
	if !b.CancelledAt.IsZero() {
		rank += rankCancelled
	}
	return b.UpdatedAt.UnixMicro() + int64(rank)
}

// buyer gives who bought. A guest has no customer, only an address.
func (b *orderBody) buyer() order.Customer {
	c := order.Customer{Email: first(b.Email, b.ContactEmail)}
	if b.Customer != nil {
		c.ExternalID = string(b.Customer.ID)
		c.Email = first(c.Email, b.Customer.Email)
		c.Name = cut(strings.TrimSpace(b.Customer.FirstName+" "+b.Customer.LastName), order.MaxName)
	}
	c.Email = label(c.Email, order.MaxEmail)
	return c
}

func first(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}
