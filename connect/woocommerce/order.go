package woocommerce

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// orderTopic is told of every change; what is pulled is read under it too.
const orderTopic = "order.updated"

// orderMessage reads one of the topics that carry the whole order: the topic says only
// why it was sent.
func orderMessage(topic string, raw []byte) (connect.Message, error) {
	var body orderBody
	if err := decode(raw, &body); err != nil {
		return connect.Message{}, err
	}
	if err := body.check(); err != nil {
		return connect.Message{}, err
	}
	if body.draft() {
		return connect.Message{Ignored: "DRAFT: nobody has ordered yet", OrderID: string(body.ID)}, nil
	}
	r, err := in(body.Currency)
	if err != nil {
		return connect.Message{}, err
	}
	o := body.order(r)
	msg := connect.Message{Key: key(topic, body.ID, o.Version, raw), OrderID: string(body.ID), Order: &o}
	if body.cancelled() {
		msg.CancelledAt = body.modifiedAt()
	}
	sold := body.sold(r, o.Lines)
	for i := range body.Refunds {
		f := &body.Refunds[i]
		msg.Partial = msg.Partial || !f.asked()
		msg.Refunds = append(msg.Refunds, f.refund(r, fmt.Sprintf("refunds.%d.", i), &body, sold))
	}
	return msg, r.err()
}

// goneMessage reads that an order is no more: its id is all that is told. The topic is
// not signed, the body is: what tells more is an order.
func goneMessage(topic string, raw []byte) (connect.Message, error) {
	var body orderBody
	if err := decode(raw, &body); err != nil {
		return connect.Message{}, err
	}
	if body.Status != "" {
		return orderMessage(topic, raw)
	}
	if err := body.checkID(); err != nil {
		return connect.Message{}, err
	}
	return connect.Message{Key: key(topic, body.ID, 0, raw), OrderID: string(body.ID), Gone: true}, nil
}

// check refuses a body without what the mapping stands on.
func (b *orderBody) check() error {
	switch {
	case b.modifiedAt().IsZero():
		return problem.At(problem.Invalid, "date_modified_gmt", "must not be empty")
	case len(b.Lines) > order.MaxLines:
		return problem.At(problem.TooLarge, "line_items", "must be at most %d", order.MaxLines)
	}
	return b.checkID()
}

func (b *orderBody) checkID() error {
	if b.ID == "" || len(b.ID) > order.MaxID {
		return problem.At(problem.Invalid, "id", "must have 1 to %d bytes", order.MaxID)
	}
	return nil
}

// key names the message for deduplication: the topic, the order, its version, and a
// mark of the bytes, because two messages of one second may differ. The delivery's id
// is no help: it is of a second, too.
func key(topic string, id ident, version int64, raw []byte) string {
	hash := canon.Hash(raw)
	return fmt.Sprintf("%s:%s:%d:%s", topic, id, version, hex.EncodeToString(hash[:6]))
}

// order maps the order as it was sold: refunds and the cancellation are told apart from
// it.
func (b *orderBody) order(r *reader) order.Order {
	o := order.Order{
		ExternalID: string(b.ID),
		Number:     label(string(b.Number), order.MaxNumber),
		Kind:       order.KindSale,
		Status:     b.status(),
		Version:    b.version(),
		OccurredAt: b.createdAt(),
		Currency:   r.currency,
		Total:      r.money(max(0, r.amount("total", b.Total))),
		Shipping:   r.money(max(0, r.amount("shipping_total", b.Shipping))),
		Tax:        r.money(max(0, r.amount("total_tax", b.TotalTax))),
		Discount:   r.money(max(0, r.amount("discount_total", b.Discount))),
		Customer:   b.buyer(),
		ClickToken: b.clickToken(),
		Test:       b.test(),
		Country:    b.country(),
		Channel:    label(b.CreatedVia, order.MaxChannel),
	}
	o.CouponCodes = b.coupons()
	o.Lines = b.lines(r)
	return o
}

func (b *orderBody) createdAt() time.Time {
	if b.CreatedAt.IsZero() {
		return b.ModifiedAt.Time
	}
	return b.CreatedAt.Time
}

func (b *orderBody) modifiedAt() time.Time {
	if b.ModifiedAt.IsZero() {
		return b.CreatedAt.Time
	}
	return b.ModifiedAt.Time
}

// draft is what checkout writes before anybody has ordered.
func (b *orderBody) draft() bool {
	return b.Status == "checkout-draft" || b.Status == "auto-draft" || b.Status == "draft"
}

// status gives where the order stood before anything was given back.
func (b *orderBody) status() order.Status {
	switch b.Status {
	case "processing", "completed", "refunded":
		return order.StatusPaid
	case "on-hold", "pending", "failed":
		return order.StatusPending
	}
	if !b.PaidAt.IsZero() { // cancelled, trash, or a state of a plugin's
		return order.StatusPaid
	}
	return order.StatusPending
}

// payLater is the method of those who pay on delivery: the order is processing before
// it is paid.
const payLater = "cod"

// cancelled reports whether nothing of the order stands. One that nobody paid is
// cancelled by the shop's timer, and may be paid yet.
func (b *orderBody) cancelled() bool {
	switch b.Status {
	case "trash":
		return true
	case "cancelled":
		return !b.PaidAt.IsZero() || b.PaymentMethod == payLater
	}
	return false
}

// The microseconds of a version, which the shop leaves unused.
const (
	rankCancelled = 500_000
	rankRefund    = 10 // each, up to 9999 of them
	rankPaid      = 1
)

// version orders the messages about the order: microseconds of the second in which it
// was modified, and within it by what can only grow.
func (b *orderBody) version() int64 {
	rank := min(len(b.Refunds), 9999) * rankRefund
	if b.status() == order.StatusPaid {
		rank += rankPaid
	}
	if b.cancelled() {
		rank += rankCancelled
	}
	return b.modifiedAt().UnixMicro() + int64(rank)
}
