package hubspot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
)

const (
	// maxBody is the most a body may weigh: a hundred events, each with a long value.
	maxBody = 1 << 20
	// maxEvents is how many events a body may hold; HubSpot sends a hundred.
	maxEvents = 500
	// freshness is how old a signature may be, and how far ahead.
	freshness = 5 * time.Minute

	headerSignature = "X-HubSpot-Signature-v3"
	headerTime      = "X-HubSpot-Request-Timestamp"

	// changedProperty is the event that is followed.
	changedProperty = "contact.propertyChange"
	fromIntegration = "INTEGRATION"
)

// Limit is the size of the largest body taken in, in bytes.
func (Provider) Limit() int64 { return maxBody }

// Envelope of a body of events; each says by itself what it is.
func (Provider) Envelope(http.Header) connect.Envelope { return connect.Envelope{Topic: "events"} }

// errSignature says nothing more on purpose: a forger learns only that it failed.
var errSignature = errors.New("hubspot: the signature does not match")

// Verify proves nothing: HubSpot signs where it sends to, see VerifyAt.
func (Provider) Verify(http.Header, []byte, [][]byte, time.Time) error { return errSignature }

// VerifyAt checks the third version of HubSpot's signature, over the method, the
// address, the raw body and the time in milliseconds, which may be five minutes off.
// All secrets are tried, each in constant time.
func (Provider) VerifyAt(address string, h http.Header, raw []byte, secrets [][]byte, at time.Time) error {
	text := h.Get(headerTime)
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || at.Sub(time.UnixMilli(ms)).Abs() > freshness {
		return errSignature
	}
	sent, err := base64.StdEncoding.Strict().DecodeString(h.Get(headerSignature))
	if err != nil {
		return errSignature
	}
	matched := false
	for _, secret := range secrets {
		if hmac.Equal(Sign(secret, address, raw, text), sent) {
			matched = true
		}
	}
	if !matched {
		return errSignature
	}
	return nil
}

// Sign computes the signature of a body that is posted to the address: for those who
// play HubSpot.
func Sign(secret []byte, address string, raw []byte, ms string) []byte {
	mac := hmac.New(sha256.New, secret)
	for _, part := range [][]byte{[]byte(http.MethodPost), []byte(address), raw, []byte(ms)} {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// Split takes a body apart into its events.
func (Provider) Split(raw []byte) (parts [][]byte, err error) {
	var events []json.RawMessage
	if err := json.Unmarshal(raw, &events); err != nil {
		return nil, malformed("the body is no list of events")
	}
	if len(events) > maxEvents {
		return nil, malformed("the body holds more than %d events", maxEvents)
	}
	for _, e := range events {
		parts = append(parts, e)
	}
	return parts, nil
}

func malformed(words string, args ...any) error {
	return problem.New(problem.Invalid, words, args...).Because(fmt.Errorf("%w: %s", connect.ErrMalformed, "hubspot"))
}

// event is one as HubSpot sends it.
type event struct {
	EventID          int64           `json:"eventId"`
	AppID            int64           `json:"appId"`
	PortalID         int64           `json:"portalId"`
	ObjectID         int64           `json:"objectId"`
	OccurredAt       int64           `json:"occurredAt"` // milliseconds
	SubscriptionType string          `json:"subscriptionType"`
	PropertyName     string          `json:"propertyName"`
	PropertyValue    json.RawMessage `json:"propertyValue"`
	ChangeSource     string          `json:"changeSource"`
	SourceID         string          `json:"sourceId"`
}

// Message reads an event. HubSpot does not promise that the number of an event is its
// alone: what it is about and when belong to the key.
func (Provider) Message(_ string, raw []byte) (connect.Message, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return connect.Message{}, malformed("the event cannot be read")
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	msg := connect.Message{
		Key:   fmt.Sprintf("event:%d:%d:%d:%d:%.100s", e.PortalID, e.EventID, e.ObjectID, e.OccurredAt, e.PropertyName),
		Topic: e.SubscriptionType, EventID: number(e.EventID),
	}
	if e.SubscriptionType != changedProperty {
		msg.Ignored = "TOPIC: nothing is done with this event"
		return msg, nil
	}
	switch {
	case e.PortalID <= 0:
		return msg, problem.At(problem.Invalid, "portalId", "must be an account")
	case e.ObjectID <= 0:
		return msg, problem.At(problem.Invalid, "objectId", "must be a record")
	case e.OccurredAt <= 0:
		return msg, problem.At(problem.Invalid, "occurredAt", "must be a time in milliseconds")
	case !named.MatchString(e.PropertyName):
		return msg, problem.At(problem.Invalid, "propertyName", "must be a property")
	}
	value, err := valueOf(e.PropertyValue)
	msg.OrderID = connect.RecordName(number(e.ObjectID))
	msg.Told = &connect.Told{
		Account: number(e.PortalID), RemoteID: number(e.ObjectID), Field: e.PropertyName, Value: value, At: time.UnixMilli(e.OccurredAt).UTC(),
		// An app that both writes and listens is told of its own writes.
		Echo: e.ChangeSource == fromIntegration && e.AppID > 0 && e.SourceID == number(e.AppID),
	}
	return msg, err
}

// valueOf reads a value, which is text whatever the property is; null is a value that
// was cleared.
func valueOf(raw json.RawMessage) (text string, err error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	if json.Unmarshal(raw, &text) != nil {
		return "", problem.At(problem.Invalid, "propertyValue", "must be text")
	}
	return text, nil
}
