package conformance

import (
	"net/http"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
)

// Secret is what every message is signed with.
const Secret = "whsec_hush" // #nosec G101 -- of shops that are played

// Subject is a provider and what it tells about one order.
type Subject struct {
	Name     string // as in an integration
	Provider connect.Provider
	// Sign sets the headers that a delivery has, its number and its signature over raw
	// among them.
	Sign func(h http.Header, m Message, raw []byte, number int64, secret string, at time.Time)
	// Messages are the life of one order, in the order in which they happen.
	Messages []Message
	// After says where the order stands after each message, as Market.State writes it.
	After []string
	// Ends is where it stands in the end, in whatever order its messages came; the last
	// of After where it is empty.
	Ends string
	// Pending is what the affiliate is owed then, in minor units of Currency.
	Pending  int64
	Currency string
	// Trial makes a message one of the shop's test mode.
	Trial func(raw []byte) []byte
	// Unsigned takes the signature away.
	Unsigned func(h http.Header)
}

// Message is one that a shop sends: Body makes it about the order of that number,
// bought after the click of that token. Order gives the id that the order goes by.
type Message struct {
	Topic string
	Body  func(number int, token string) []byte
}

// OrderID gives the id under which the order of a number is known here.
type OrderID func(number int) string

// Run runs the suite.
func Run(t *testing.T, s Subject, id OrderID) {
	t.Helper()
	if len(s.Messages) < 3 || len(s.After) != len(s.Messages) || s.Trial == nil || s.Unsigned == nil {
		t.Fatal("the subject leaves something out")
	}
	if s.Ends == "" {
		s.Ends = s.After[len(s.After)-1]
	}
	for name, one := range map[string]func(*testing.T, Subject, OrderID){
		"SignaturesAreOverTheRawBytes": signatures, "TheSameBytesAreTheSameMessage": sameMessage, "EveryState": everyState,
		"Q47_Duplicates": duplicates, "Q77_EveryOrderOfArrival": arrivals, "Q76_TestOrdersAreTheSandboxes": trials, "Sizes": sizes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one(t, s, id)
		})
	}
}
