package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/webhook"
)

// verified checks a message as a receiver does that has this secret alone. It is
// written from the specification, not from the sender.
func verified(secret string, g got) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(g.id + "." + g.timestamp + "." + string(g.body)))
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for one := range strings.SplitSeq(g.signature, " ") {
		if version, sum, _ := strings.Cut(one, ","); version == "v1" && hmac.Equal([]byte(sum), []byte(want)) {
			return nil
		}
	}
	return errors.New("no signature matches")
}

func verify(t *testing.T, secret string, g got) {
	t.Helper()
	if err := verified(secret, g); err != nil {
		t.Errorf("%v: %+v", err, g)
	}
}

// The vector that the libraries of Standard Webhooks are tested with.
func TestA14_SignaturesAreThoseOfStandardWebhooks(t *testing.T) {
	t.Parallel()
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := webhook.Sign([][]byte{key}, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
