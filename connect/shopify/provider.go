package shopify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
)

// Name is the provider's name in an integration, and in lower case the source of
// its orders.
const Name = "SHOPIFY"

// maxBody is the most a message may weigh: an order of five hundred lines, each
// with its amounts in two currencies, comes close to half of it.
const maxBody = 1 << 20

// Provider reads Shopify's webhooks and calls its shops.
type Provider struct {
	base func(shop string) string // the address of a shop, without a slash at the end
}

// New makes the provider.
func New() Provider { return At(func(shop string) string { return "https://" + shop }) }

// At makes a provider whose shops are elsewhere: for those who play the shop.
func At(base func(shop string) string) Provider { return Provider{base} }

// Limit is the size of the largest body taken in, in bytes.
func (Provider) Limit() int64 { return maxBody }

// Envelope reads what the headers say. Shopify has two sets of names for them,
// and its documents do not agree which id is for deduplication: both are kept.
func (Provider) Envelope(h http.Header) connect.Envelope {
	return connect.Envelope{
		Topic:      topicOf(header(h, "Topic")),
		DeliveryID: header(h, "Webhook-Id"),
		EventID:    header(h, "Event-Id"),
	}
}

// header reads X-Shopify-<name>, or shopify-<name> of the newer deliveries.
func header(h http.Header, name string) string {
	if v := h.Get("X-Shopify-" + name); v != "" {
		return v
	}
	return h.Get("Shopify-" + name)
}

// topicOf writes a topic as the REST webhooks do: ORDERS_CREATE is orders/create.
func topicOf(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if !strings.Contains(text, "/") {
		text = strings.Replace(text, "_", "/", 1)
	}
	return text
}

// Message reads a message whose signature was found right. Errors: INVALID that
// wraps connect.ErrMalformed for what is no JSON object; problems with the path of
// the field in the body for what cannot be read exactly.
func (Provider) Message(topic string, raw []byte) (connect.Message, error) {
	switch topic {
	case "orders/create", "orders/paid", "orders/updated", "orders/cancelled":
		return orderMessage(topic, raw)
	case "refunds/create":
		return refundMessage(topic, raw)
	}
	return connect.Message{Ignored: "TOPIC: nothing is done with this topic"}, nil
}

// decode reads the body into one of the wire's shapes. Fields that are not ours
// are skipped: the shop adds some with every version of its API.
func decode(raw []byte, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return problem.New(problem.Invalid, "the body cannot be read: %s", plain(err)).Because(fmt.Errorf("%w: %w", connect.ErrMalformed, err))
	}
	return nil
}

// plain says what is wrong with JSON without repeating any of it.
func plain(err error) string {
	switch e := err.(type) {
	case *json.SyntaxError:
		return fmt.Sprintf("no JSON at byte %d", e.Offset)
	case *json.UnmarshalTypeError:
		if e.Field != "" {
			return fmt.Sprintf("%s has the wrong type", e.Field)
		}
	}
	return "no JSON object"
}
