package shopify_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/conformance"
	"github.com/tributary/tributary/connect/shopify"
)

// What any provider of shops must do. The states are those of finalState, by hand:
// 195.66 + 195.67 + 195.67 at 10 percent are 19.57 each.
func TestConformance(t *testing.T) {
	t.Parallel()
	s := conformance.Subject{
		Name: shopify.Name, Provider: shopify.New(), Currency: "USD",
		Sign: func(h http.Header, m conformance.Message, raw []byte, number int64, secret string, _ time.Time) {
			h.Set("X-Shopify-Topic", m.Topic)
			h.Set("X-Shopify-Webhook-Id", fmt.Sprint("delivery-", number))
			h.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(shopify.Sign([]byte(secret), raw)))
		},
		Unsigned: func(h http.Header) { h.Del("X-Shopify-Hmac-Sha256") },
		Trial: func(raw []byte) []byte {
			return bytes.ReplaceAll(raw, []byte(`"test": false`), []byte(`"test": true`))
		},
	}
	const base = " RATED base 58700 refunded %d total 59894 USD lines [%s] net commission %d"
	pending := "PENDING WAITING base 58700 refunded 0 total 59894 USD lines [19566-0 19567-0 19567-0] net commission 0"
	s.After = []string{
		pending, pending,
		fmt.Sprintf("ACCEPTED"+base, 0, "19566-0 19567-0 19567-0", 5871),
		fmt.Sprintf("PARTIALLY_REFUNDED"+base, 19566, "19566-19566 19567-0 19567-0", 3914),
		fmt.Sprintf("PARTIALLY_REFUNDED"+base, 39133, "19566-19566 19567-0 19567-19567", 1957),
		fmt.Sprintf("CANCELLED"+base, 58700, "19566-19566 19567-19567 19567-19567", 0),
	}
	for _, one := range steps {
		raw := body(t, one.file)
		s.Messages = append(s.Messages, conformance.Message{Topic: one.topic, Body: func(number int, token string) []byte {
			out := bytes.ReplaceAll(raw, []byte("450789469"), fmt.Appendf(nil, "%d", 1_000_000+number))
			return bytes.ReplaceAll(out, []byte(placeholder), []byte(token))
		}})
	}
	conformance.Run(t, s, func(number int) string { return fmt.Sprint(1_000_000 + number) })
}
