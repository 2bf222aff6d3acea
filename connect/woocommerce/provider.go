package woocommerce

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
)

// Name is the provider's name in an integration, and in lower case the source of its
// orders.
const Name = "WOOCOMMERCE"

// maxBody is the most a message may weigh: an order of a thousand lines, each with its
// taxes and what plugins add.
const maxBody = 2 << 20

// Provider reads WooCommerce's webhooks and calls its shops.
type Provider struct {
	base func(shop string) string // the address of a shop, without a slash at the end
}

var (
	_ connect.Pinged    = Provider{}
	_ connect.Puller    = Provider{}
	_ connect.Completer = Provider{}
)

// New makes the provider.
func New() Provider { return At(func(shop string) string { return "https://" + shop }) }

// At makes a provider whose shops are elsewhere: for those who play the shop.
func At(base func(shop string) string) Provider { return Provider{base} }

// Limit is the size of the largest body taken in, in bytes.
func (Provider) Limit() int64 { return maxBody }

// Envelope reads what the headers say. The delivery's id is of a second: two deliveries
// may share it.
func (Provider) Envelope(h http.Header) connect.Envelope {
	return connect.Envelope{
		Topic:      strings.ToLower(strings.TrimSpace(h.Get("X-WC-Webhook-Topic"))),
		DeliveryID: h.Get("X-WC-Webhook-Delivery-ID"),
	}
}

// ping is all that a webhook says when it has just been made.
var ping = regexp.MustCompile(`^webhook_id=[0-9]{1,20}$`)

// Ping reports whether a webhook that was just made tries the address out.
func (Provider) Ping(h http.Header, raw []byte) bool {
	return h.Get(signatureHeader) == "" && ping.Match(raw)
}

// Message reads a message whose signature was found right. Errors: INVALID that wraps
// connect.ErrMalformed for what is no JSON object; problems with the path of the field
// in the body for what cannot be read exactly.
func (Provider) Message(topic string, raw []byte) (connect.Message, error) {
	switch topic {
	case "order.created", orderTopic, "order.restored":
		return orderMessage(topic, raw)
	case "order.deleted":
		return goneMessage(topic, raw)
	}
	return connect.Message{Ignored: "TOPIC: nothing is done with this topic"}, nil
}

// decode reads the body into one of the wire's shapes. Fields that are not ours are
// skipped: plugins add their own.
func decode(raw []byte, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return problem.New(problem.Invalid, "the body cannot be read: %s", plain(err)).Because(fmt.Errorf("%w: %w", connect.ErrMalformed, err))
	}
	return nil
}

// plain says what is wrong with JSON without repeating any of it.
func plain(err error) string {
	if e, is := errors.AsType[*json.SyntaxError](err); is {
		return fmt.Sprintf("no JSON at byte %d", e.Offset)
	}
	if e, is := errors.AsType[*json.UnmarshalTypeError](err); is && e.Field != "" {
		return e.Field + " has the wrong type"
	}
	return "no JSON object"
}
