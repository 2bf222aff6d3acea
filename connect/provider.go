package connect

import (
	"errors"
	"net/http"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/order"
)

// ErrMalformed is wrapped by a provider's errors about a body that is not of the
// form it speaks, such as broken JSON: the sender is told so with 400.
var ErrMalformed = errors.New("connect: malformed body")

// Provider knows one kind of shop: how its messages are signed and what they say.
// Implementations MUST NOT keep the slices they are given, and MUST give the same
// message for the same bytes at any time: parked messages are read again later.
type Provider interface {
	// Limit is the size of the largest body taken in, in bytes.
	Limit() int64
	// Envelope reads the headers. Nothing in it is proven yet.
	Envelope(http.Header) Envelope
	// Verify proves that the raw body was signed with one of the secrets, the
	// current one first. It compares in constant time.
	Verify(h http.Header, raw []byte, secrets [][]byte) error
	// Message reads a proven body. Errors are problems with the path of the field
	// in the body; those of a body that cannot be read at all wrap ErrMalformed.
	Message(topic string, raw []byte) (Message, error)
}

// Envelope is what a shop says about a delivery beside its body.
type Envelope struct {
	Topic      string // as the provider writes it, such as "orders/paid"
	DeliveryID string // of this delivery; repeated by some shops, changed by others
	EventID    string // of what happened in the shop
}

// Message is what a body says, in normal form. Source, scope and program of what
// is in it are set by connect.
type Message struct {
	// Key is the business key: equal messages have equal keys, changed ones do not.
	Key     string
	OrderID string // the shop's id of the order that the message is about
	// Ignored says why nothing is to be done, as CODE: words; then the rest is empty.
	Ignored string
	// Order is the order as it was sold, before refunds and cancellation; nil when
	// the message tells only of refunds.
	Order       *order.Order
	Refunds     []Refund  // all that the message knows of
	CancelledAt time.Time // zero when the order stands
}

// Refund is a refund as a shop tells it. The amounts of its lines are as the shop
// prices goods; Tax says how much tax came with each. Whether the amounts hold that
// tax is a matter of the order and often not told again: then it waits for the
// order to be looked up.
type Refund struct {
	order.Refund
	Tax []money.Money // of each line; nil when the amounts are before tax
}

// Settle makes the amounts what order.Refund wants: before tax.
func (r *Refund) Settle(taxIncluded bool) {
	for i := range r.Tax {
		if taxIncluded {
			r.Lines[i].Amount.Minor = max(0, r.Lines[i].Amount.Minor-r.Tax[i].Minor)
		}
	}
	r.Tax = nil
}
