package connect

import (
	"context"
	"net/http"
	"time"

	"github.com/tributary/tributary/connect/mapping"
)

// Kind is a kind of record that is written to a destination.
type Kind string

// Kinds, in the order in which they are written: a deal is linked to its customer.
const (
	KindCustomer  Kind = "CUSTOMER"
	KindAffiliate Kind = "AFFILIATE"
	KindDeal      Kind = "DEAL"
)

// Destination is a provider that records are written to, such as a CRM. It knows the
// provider's values and calls; what is written when, how often and how fast is
// decided by connect.
type Destination interface {
	Account
	// Kinds are what it takes.
	Kinds() []Kind
	// Defaults says what is written of a kind where the merchant has said nothing, and
	// the fields for it that every account has once it is prepared.
	Defaults(Kind) (mapping.Document, map[string]mapping.Slot)
	// Fields asks an account about fields of a kind, beside those of Defaults, which are
	// always there. Those it does not have are left out.
	Fields(ctx context.Context, call Call, account string, c Credentials, k Kind, names []string) (map[string]mapping.Slot, error)
	// Prepare makes the fields that the defaults write to. Those that are there are left
	// alone. Errors: Unprepared where people have to make them.
	Prepare(ctx context.Context, call Call, account string, c Credentials) error
	// Most is how many records it takes at once.
	Most() int
	// Push writes records, each known by its key: written twice it is one record. What
	// became of each stands at its place. An error says why those that are not Known
	// were not written, or may have been: Throttled, ErrWithdrawn, Answered.
	Push(ctx context.Context, call Call, account string, c Credentials, k Kind, batch []Outgoing) ([]Written, error)
	// Link binds two records that were written, such as a deal to its customer. Linked
	// twice they are linked once.
	Link(ctx context.Context, call Call, account string, c Credentials, from Written, fromKind Kind, to Written, toKind Kind) error
	// Pace reads from an answer how fast the account may be called.
	Pace(status int, h http.Header) Pace
}

// Following is a destination that is not written to with everything that happens. Of
// customers it knows those who have bought there.
type Following interface {
	// Follows reports whether an event of a type changes what is written there.
	Follows(event string) bool
}

// Outgoing is a record on its way.
type Outgoing struct {
	Key    string         // our id, by which the destination knows the record
	Values mapping.Record // by the destination's names
	// RemoteID is what it was known by there when it was last written; "" before that.
	RemoteID string
	// OrderID is the destination's own id of an order of the customer; "" when it has
	// none there.
	OrderID string
}

// Written is what became of a record.
type Written struct {
	Known    bool   // whether the account has decided
	RemoteID string // what it is known by there; "" when it was refused
	// Refused says why, as a CODE of the provider's: nothing of the record is in it.
	Refused string
}

// Pace is how fast an account may be called, as far as it says.
type Pace struct {
	Limit     int           // calls in Every; 0 when it does not say
	Remaining int           // of these, when Limit is known
	Every     time.Duration // the window
	Wait      time.Duration // not to be called for so long; 0 when it may be
}

// Throttled says that the account wants to be left alone for a while. That is no
// fault of what was sent.
type Throttled struct{ Wait time.Duration }

func (t Throttled) Error() string { return "the account asks to be called later" }

// Unprepared says what people have to do in an account before it can be written to. It
// is told to them, and holds nothing secret.
type Unprepared string

func (u Unprepared) Error() string { return string(u) }
