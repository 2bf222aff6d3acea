package stripe_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/stripe"
)

// The vector was computed by: printf '1772377200.{"id":1}' | openssl dgst -sha256 -hmac whsec_hush -hex
const vectorSign = "3066a40fc7648107f267c5cfb2c269ff3e594ff6f1019d71219d05ec287b0d59"

func TestVerifyLooksAtTimeAndEverySignature(t *testing.T) {
	t.Parallel()
	at := time.Unix(1772377200, 0)
	for _, row := range []struct {
		name, header string
		skew         time.Duration
		secrets      []string
		ok           bool
	}{
		{"right", "t=1772377200,v1=" + vectorSign, 0, []string{"whsec_hush"}, true},
		{"with spaces and another scheme", "t=1772377200, v1=" + vectorSign + ",v0=00", 0, []string{"whsec_hush"}, true},
		{"the second of two signatures", "t=1772377200,v1=00ff,v1=" + vectorSign, 0, []string{"whsec_hush"}, true},
		{"the second of two secrets", "t=1772377200,v1=" + vectorSign, 0, []string{"new", "whsec_hush"}, true},
		{"five minutes old", "t=1772377200,v1=" + vectorSign, 5 * time.Minute, []string{"whsec_hush"}, true},
		{"older", "t=1772377200,v1=" + vectorSign, 5*time.Minute + time.Second, []string{"whsec_hush"}, false},
		{"five minutes ahead", "t=1772377200,v1=" + vectorSign, -5 * time.Minute, []string{"whsec_hush"}, true},
		{"further ahead", "t=1772377200,v1=" + vectorSign, -5*time.Minute - time.Second, []string{"whsec_hush"}, false},
		{"another time", "t=1772377201,v1=" + vectorSign, 0, []string{"whsec_hush"}, false},
		{"no time", "v1=" + vectorSign, 0, []string{"whsec_hush"}, false},
		{"another scheme alone", "t=1772377200,v0=" + vectorSign, 0, []string{"whsec_hush"}, false},
		{"a ninth signature", "t=1772377200,v1=00,v1=00,v1=00,v1=00,v1=00,v1=00,v1=00,v1=00,v1=" + vectorSign, 0, []string{"whsec_hush"}, false},
		{"nothing", "", 0, []string{"whsec_hush"}, false},
		{"no secret", "t=1772377200,v1=" + vectorSign, 0, nil, false},
	} {
		h := http.Header{"Stripe-Signature": {row.header}}
		var secrets [][]byte
		for _, s := range row.secrets {
			secrets = append(secrets, []byte(s))
		}
		if got := stripe.New().Verify(h, []byte(`{"id":1}`), secrets, at.Add(row.skew)) == nil; got != row.ok {
			t.Errorf("%s: %t", row.name, got)
		}
	}
}
