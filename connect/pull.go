package connect

import (
	"context"
	"time"
)

// Puller is an account whose orders can be asked for: what its messages should have
// told and did not is found that way. Of a CRM it is what people have changed.
type Puller interface {
	Account
	// Pull reads a page of the orders that changed in a time, those that changed first
	// first.
	Pull(ctx context.Context, call Call, account string, c Credentials, ask PullAsk) (Pulled, error)
}

// PullAsk is a time, from Since to before Until in whole seconds, and where its page begins.
type PullAsk struct {
	Since, Until time.Time
	Cursor       string // "" for the first page
	// Fields are those that a CRM is asked for, by its names: the map brings them in.
	Fields []string
}

// Pulled is a page.
type Pulled struct {
	Orders []PulledOrder
	Cursor string        // of the next page; "" for the last
	Wait   time.Duration // before the next question: it would be refused for its cost
	Again  bool          // this one was refused for its cost: nothing was read
}

// PulledOrder is an order in the words in which the provider's messages tell it.
type PulledOrder struct {
	Topic  string
	Raw    []byte
	Unread error // why not all of it was read
}
