package connect

import (
	"errors"
	"net/http"
	"strconv"
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
	// current one first. It compares in constant time. at is now: a signature that
	// holds a time may be too old, or from too far ahead.
	Verify(h http.Header, raw []byte, secrets [][]byte, at time.Time) error
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
	// Gone says that the shop has the order no more, and not since when: what is left of
	// it is cancelled when that is told.
	Gone bool
	// Partial says that a Completer can tell more of it.
	Partial bool

	Chargebacks []Chargeback
	// Named says that the shop speaks of its orders under several ids: OrderID may be
	// any of them. OtherIDs are those that this message knows to be of the same order.
	Named    bool
	OtherIDs []string
	// Completes says that Order only adds to an order that other messages tell, such as
	// the click that it came from: until then it waits.
	Completes bool
	// Test says that all of it happened in the shop's test mode.
	Test bool
	// Told is what a CRM says of a record; nil in a message about an order. OrderID is
	// then the record's name, which messages wait under.
	Told *Told
	// Topic and EventID are for providers whose headers do not say them.
	Topic, EventID string
}

// Told is a field of a record as a CRM tells that it has changed.
type Told struct {
	Account  string // whose record it is, as the account is named
	RemoteID string // what the record is known by there
	Field    string // by the CRM's name
	Value    string // "" for one that was cleared
	At       time.Time
	Echo     bool // it is what was written from here
}

// Batched is a provider whose bodies hold several messages. Each is kept, worked on and
// known by itself.
type Batched interface {
	// Split takes a proven body apart. Message reads each part. Errors wrap ErrMalformed.
	Split(raw []byte) ([][]byte, error)
}

// Addressed is a provider that signs where a message is sent to, beside its body. Verify
// then proves nothing.
type Addressed interface {
	// VerifyAt is Verify for a message that was posted to the address.
	VerifyAt(address string, h http.Header, raw []byte, secrets [][]byte, at time.Time) error
}

// Pinged is a provider that tries an address out before it sends anything there.
type Pinged interface {
	// Ping reports whether a delivery, which is not signed, says nothing but that. It is
	// answered with 200 and forgotten.
	Ping(h http.Header, raw []byte) bool
}

// Chargeback is a dispute as a shop tells it. Its Refund is what the bank has taken.
type Chargeback struct {
	Refund  order.Refund
	EndedAt time.Time // zero while it is open
	Won     bool
}

// Refund is a refund as a shop tells it. The amounts of its lines are those of whole
// units as the shop prices them, less discount. Whether they hold the tax is a matter
// of the order and often not told again: then it waits for the order to be looked up.
type Refund struct {
	order.Refund
	Tax  []money.Money // that came with each line; nil when the amounts are before tax
	Kept money.Money   // of the lines' sum, that was not given back; zero for none
}

// Settle makes the amounts what order.Refund wants, before tax and only what was
// given back. holdsTax says of a line whether its amount holds its tax. What was kept
// is spread over the lines in proportion.
func (r *Refund) Settle(holdsTax func(line int) bool) {
	kept := r.keptOf()
	for i := range r.Lines {
		priced := r.Lines[i].Amount.Minor
		net := priced
		if r.Tax != nil && holdsTax(i) {
			net = max(0, priced-r.Tax[i].Minor)
		}
		if kept[i] > 0 {
			net, _ = money.MulDiv(net, priced-kept[i], priced) // within range: it only shrinks
		}
		r.Lines[i].Amount.Minor = net
	}
	r.Tax, r.Kept = nil, money.Money{}
}

// keptOf spreads what was kept over the lines by what they are priced at.
func (r *Refund) keptOf() []int64 {
	parts, whole := make([]money.Part, len(r.Lines)), int64(0)
	for i, l := range r.Lines {
		parts[i] = money.Part{ID: strconv.Itoa(i), Weight: max(0, l.Amount.Minor)}
		whole += parts[i].Weight // of at most order.MaxLines × order.MaxAmount once validated
	}
	shares, err := money.Split(min(r.Kept.Minor, whole), parts)
	if err != nil { // amounts beyond all limits, which earn refuses
		return make([]int64, len(r.Lines))
	}
	return shares
}
