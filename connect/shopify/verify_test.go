package shopify_test

import (
	"encoding/base64"
	"net/http"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/shopify"
)

// The vector was computed by: printf '{"id":1}' | openssl dgst -sha256 -hmac hush -binary | base64
const (
	vectorBody   = `{"id":1}`
	vectorSecret = "hush"
	vectorSign   = "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="
)

func TestVerifyTakesEitherSecretAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		header, sign, body string
		secrets            []string
		ok                 bool
	}{
		"right":               {"X-Shopify-Hmac-Sha256", vectorSign, vectorBody, []string{vectorSecret}, true},
		"newer header":        {"shopify-hmac-sha256", vectorSign, vectorBody, []string{vectorSecret}, true},
		"secret before":       {"X-Shopify-Hmac-Sha256", vectorSign, vectorBody, []string{"new", vectorSecret}, true},
		"other secret":        {"X-Shopify-Hmac-Sha256", vectorSign, vectorBody, []string{"new"}, false},
		"no secret":           {"X-Shopify-Hmac-Sha256", vectorSign, vectorBody, nil, false},
		"body with a newline": {"X-Shopify-Hmac-Sha256", vectorSign, vectorBody + "\n", []string{vectorSecret}, false},
		"empty":               {"X-Shopify-Hmac-Sha256", "", vectorBody, []string{vectorSecret}, false},
		"cut short":           {"X-Shopify-Hmac-Sha256", vectorSign[:20], vectorBody, []string{vectorSecret}, false},
		"hex instead":         {"X-Shopify-Hmac-Sha256", "5672948d9b0bb8de626568e7e449ed70154217d90c378dcb825cc2135fc649e6", vectorBody, []string{vectorSecret}, false},
		"another header":      {"X-Signature", vectorSign, vectorBody, []string{vectorSecret}, false},
	} {
		h := http.Header{}
		h.Set(row.header, row.sign)
		var secrets [][]byte
		for _, s := range row.secrets {
			secrets = append(secrets, []byte(s))
		}
		if got := shopify.New().Verify(h, []byte(row.body), secrets, time.Time{}) == nil; got != row.ok {
			t.Errorf("%s: accepted %t", name, got)
		}
	}
}

func TestSignIsTheVector(t *testing.T) {
	t.Parallel()
	if got := base64.StdEncoding.EncodeToString(shopify.Sign([]byte(vectorSecret), []byte(vectorBody))); got != vectorSign {
		t.Errorf("got %s, want %s", got, vectorSign)
	}
}

func TestEnvelopeReadsBothSetsOfHeaders(t *testing.T) {
	t.Parallel()
	want := connect.Envelope{Topic: "orders/create", DeliveryID: "d1", EventID: "e1"}
	for _, names := range [][4]string{
		{"X-Shopify-Topic", "X-Shopify-Webhook-Id", "X-Shopify-Event-Id", "orders/create"},
		{"shopify-topic", "shopify-webhook-id", "shopify-event-id", "ORDERS_CREATE"},
	} {
		h := http.Header{}
		h.Set(names[0], names[3])
		h.Set(names[1], "d1")
		h.Set(names[2], "e1")
		if got := shopify.New().Envelope(h); got != want {
			t.Errorf("%v: %+v", names, got)
		}
	}
}
