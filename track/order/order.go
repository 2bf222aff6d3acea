package order

import (
	"time"

	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/internal/money"
)

// Kind is what was achieved.
type Kind string

// The kinds of conversion.
const (
	KindSale   Kind = "SALE"   // an order with lines
	KindLead   Kind = "LEAD"   // a contact; may carry lines when it has a value
	KindSignup Kind = "SIGNUP" // an account opened; likewise
)

// Status is where the source says the order stands.
type Status string

// The states of an order at its source.
const (
	StatusPending   Status = "PENDING" // placed, not paid
	StatusPaid      Status = "PAID"
	StatusCancelled Status = "CANCELLED"
)

// Order is one message of a source about one order.
type Order struct {
	Teller      Teller // no part of what is said
	Source      string // who says so: "api", "import", "shopify", …; 1–32 of [a-z0-9_]
	SourceScope string // integration id, "" for the API: ids of two shops may overlap (Q48)
	ExternalID  string // the shop's own order id
	Number      string // the number people see; optional
	Kind        Kind
	Status      Status
	// Version orders the source's messages about this order, such as the
	// microseconds of its "updated at"; 0 when the source has none. An older
	// message never overwrites a newer one.
	Version    int64
	ProgramID  string    // optional
	OccurredAt time.Time // when the source says it happened
	Currency   money.Currency
	Total      money.Money // what the buyer paid in all; may be zero
	Lines      []Line
	// Shipping, Tax and Discount inform and earn nothing. The zero Money is none.
	Shipping, Tax, Discount money.Money
	Customer                Customer
	ClickToken              string
	CouponCodes             []string          // in the order in which the shop lists them (Q39)
	SubIDs                  map[string]string // labels, carried unchanged (Q53)
	Test                    bool
	Country                 string // of the buyer, ISO 3166-1 alpha-2 in capitals; "" when it is not known
	Device                  Device
	Channel                 string // through which it was placed, in the source's words; "" when it is not known
	Fields                  []facts.Field
}

// Line is one line of an order.
type Line struct {
	ExternalID string // the shop's line id, unique in the order; not the product's
	ProductID  string
	SKU        string
	Title      string
	Quantity   int64
	Amount     money.Money // of the whole line, after its discounts, before tax and shipping
	Tax        money.Money // the zero Money is none
	Discount   money.Money // already taken off Amount; the zero Money is none
	GiftCard   bool        // money in another form: earns nothing until it is spent (Q50)
	Category   string      // of the product, in the source's words
}

// Customer is who bought. Everything but ExternalID is personal; all is optional.
type Customer struct {
	ExternalID string
	Email      string
	Name       string
	Phone      string
	Fields     []facts.Field // what terms may look at; never personal
}

// WholeLine is the line id of an order whose source names no lines.
const WholeLine = "order"

// Whole gives the one line of such an order.
func Whole(amount money.Money) []Line {
	return []Line{{ExternalID: WholeLine, Quantity: 1, Amount: amount}}
}

// Base gives what commission is computed from (Q23): the lines after discount,
// before tax and shipping, without gift cards. It is meant for valid orders, whose
// limits keep the sum from overflowing.
func (o Order) Base() money.Money {
	base := money.Zero(o.Currency)
	for _, l := range o.Lines {
		base.Minor += l.Base()
	}
	return base
}

// Base gives the minor units of the line that commission is computed from.
func (l Line) Base() int64 {
	if l.GiftCard {
		return 0
	}
	return l.Amount.Minor
}
