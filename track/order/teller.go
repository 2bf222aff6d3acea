package order

import (
	"strings"

	"github.com/tributary/tributary/internal/money"
)

// TellerKind is what kind of source tells an order.
type TellerKind string

// The kinds of teller.
const (
	TellerShop   TellerKind = "SHOP"   // a connected shop: by webhook, or because it was asked
	TellerImport TellerKind = "IMPORT" // a line of an import
	TellerAPI    TellerKind = "API"    // a call of the API
	TellerSystem TellerKind = "SYSTEM" // the platform itself
)

// Teller is who tells an order. The zero Teller is whoever runs the command.
type Teller struct {
	Kind TellerKind
	ID   string // the integration, or the token or person that calls
	// Key is the teller's own id of the order when it told it under another id than
	// ExternalID, and that was known to be the id of a payment of the order; else "".
	Key string
}

// Bare is an order's id or number without what only says where it is from: the path of
// Shopify's global ids and the sign before a number, so that "gid://shopify/Order/1001",
// "#1001" and "1001" are one. Letters stay as they are: ids of two orders may differ in
// nothing but case. What would leave nothing stays.
func Bare(id string) string {
	bare := strings.TrimSpace(id)
	if rest, is := strings.CutPrefix(bare, "gid://"); is {
		rest, _, _ = strings.Cut(rest, "?")
		bare = rest[strings.LastIndexByte(rest, '/')+1:]
	}
	bare = strings.TrimLeft(bare, "# ")
	if bare == "" {
		return id
	}
	return bare
}

// Keys are what an order is found by when another source tells it: its id, and its
// number, both bare. Of an order without a number the id may be what the shop calls
// the number.
func (o Order) Keys() (id, number string) {
	id = Bare(o.ExternalID)
	if o.Number == "" {
		return id, id
	}
	return id, Bare(o.Number)
}

// Part is something that a message may say of an order.
type Part string

// parts are in the order of their bits in rows: only ever append.
var parts = []struct {
	name  Part
	given func(Order) bool
}{
	{"ORDER_NUMBER", func(o Order) bool { return o.Number != "" }},
	{"LINES", func(o Order) bool { return len(o.Lines) > 1 || len(o.Lines) == 1 && o.Lines[0].ExternalID != WholeLine }},
	{"CUSTOMER_ID", func(o Order) bool { return o.Customer.ExternalID != "" }},
	{"CUSTOMER_EMAIL", func(o Order) bool { return o.Customer.Email != "" }},
	{"CUSTOMER_NAME", func(o Order) bool { return o.Customer.Name != "" }},
	{"CLICK_TOKEN", func(o Order) bool { return o.ClickToken != "" }},
	{"COUPON_CODES", func(o Order) bool { return len(o.CouponCodes) > 0 }},
	{"SUB_IDS", func(o Order) bool { return len(o.SubIDs) > 0 }},
	{"TAX", func(o Order) bool { return o.Tax != money.Money{} }},
	{"SHIPPING", func(o Order) bool { return o.Shipping != money.Money{} }},
	{"DISCOUNT", func(o Order) bool { return o.Discount != money.Money{} }},
	{"COUNTRY", func(o Order) bool { return o.Country != "" }},
	{"DEVICE", func(o Order) bool { return o.Device != DeviceUnknown }},
	{"CHANNEL", func(o Order) bool { return o.Channel != "" }},
	{"FIELDS", func(o Order) bool { return len(o.Fields) > 0 }},
	{"CUSTOMER_FIELDS", func(o Order) bool { return len(o.Customer.Fields) > 0 }},
}

// Given has a bit for each part that the message says anything of.
func (o Order) Given() (bits int64) {
	for i, p := range parts {
		if p.given(o) {
			bits |= 1 << i
		}
	}
	return bits
}

// Parts names the parts of such bits.
func Parts(bits int64) []Part {
	names := []Part{}
	for i, p := range parts {
		if bits&(1<<i) != 0 {
			names = append(names, p.name)
		}
	}
	return names
}
