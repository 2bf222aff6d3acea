package stripe

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// Name is the provider's name in an integration, and in lower case the source of
// its orders.
const Name = "STRIPE"

// maxBody is the most a message may weigh: an invoice's first page of lines, with
// whatever metadata, is far below.
const maxBody = 1 << 20

// Provider reads Stripe's webhooks and calls its accounts.
type Provider struct{ base string }

// New makes the provider.
func New() Provider { return At("https://api.stripe.com") }

// At makes a provider whose API is elsewhere, without a slash at the end: for those
// who play Stripe.
func At(base string) Provider { return Provider{base} }

// Limit is the size of the largest body taken in, in bytes.
func (Provider) Limit() int64 { return maxBody }

// Envelope is empty: Stripe says everything in the body.
func (Provider) Envelope(http.Header) connect.Envelope { return connect.Envelope{} }

// readers are the events that say something of orders.
var readers = map[string]func(*event) (connect.Message, error){
	"checkout.session.completed":               sessionMessage,
	"checkout.session.async_payment_succeeded": sessionMessage,
	"invoice.paid":                             invoiceMessage,
	"invoice.payment_succeeded":                invoiceMessage,
	"invoice_payment.paid":                     paymentMessage,
	"charge.refunded":                          chargeMessage,
	"refund.created":                           refundMessage,
	"refund.updated":                           refundMessage,
	"charge.refund.updated":                    refundMessage,
	"credit_note.created":                      creditNoteMessage,
	"charge.dispute.created":                   disputeMessage,
	"charge.dispute.updated":                   disputeMessage,
	"charge.dispute.closed":                    disputeMessage,
	"charge.dispute.funds_withdrawn":           disputeMessage,
	"charge.dispute.funds_reinstated":          disputeMessage,
}

// Message reads an event whose signature was found right; its type is in it. Errors:
// INVALID that wraps connect.ErrMalformed for what is no event; problems with the path
// of the field in data.object for what cannot be read exactly.
func (Provider) Message(_ string, raw []byte) (connect.Message, error) {
	var e event
	if err := decode(raw, &e); err != nil {
		return connect.Message{}, err
	}
	if e.ID == "" || e.Type == "" || e.Object != "event" || len(e.ID) > order.MaxID {
		return connect.Message{}, problem.New(problem.Invalid, "the body is no event").Because(connect.ErrMalformed)
	}
	told := connect.Message{Topic: e.Type, EventID: e.ID, Test: e.test()}
	read, known := readers[e.Type]
	if !known {
		told.Ignored = "TOPIC: nothing is done with this event"
		return told, nil
	}
	msg, err := read(&e)
	if err != nil {
		return told, err
	}
	msg.Topic, msg.EventID, msg.Test = told.Topic, told.EventID, told.Test
	msg.Key, msg.Named = e.Type+":"+e.ID, true
	return msg, nil
}

// decode reads JSON into one of the wire's shapes. Fields that are not ours are
// skipped: Stripe adds some at any time.
func decode(raw []byte, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return problem.New(problem.Invalid, "the body cannot be read as %T", into).Because(fmt.Errorf("%w: %w", connect.ErrMalformed, err))
	}
	return nil
}

// object reads what the event is about.
func object[T any](e *event) (T, error) {
	var out T
	if len(e.Data.Object) == 0 {
		return out, problem.New(problem.Invalid, "the event has no data.object").Because(connect.ErrMalformed)
	}
	return out, decode(e.Data.Object, &out)
}

// ident refuses an id that no order may have.
func ident(field, id string) error {
	if id == "" || len(id) > order.MaxID {
		return problem.At(problem.Invalid, field, "must have 1 to %d bytes", order.MaxID)
	}
	return nil
}

func ignored(why string) (connect.Message, error) { return connect.Message{Ignored: why}, nil }
