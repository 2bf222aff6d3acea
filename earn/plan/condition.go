package plan

import (
	"slices"

	"github.com/tributary/tributary/internal/money"
)

// Buyer says whether the customer has bought before.
type Buyer string

// What is known of a buyer; empty when the order names nobody.
const (
	BuyerNew       Buyer = "NEW"
	BuyerReturning Buyer = "RETURNING"
)

// Condition holds when everything it says does: each list names what is let
// through, and All, Any and Not join others. It says at least one thing.
type Condition struct {
	All, Any []Condition
	Not      *Condition

	ProductIDs, SKUs       []string // of the line
	CouponCodes            []string // of the order, in the form in which codes are compared
	AffiliateIDs, GroupIDs []string // of who has credit
	Buyers                 []Buyer
	Kinds                  []string // of the conversion
	SubIDs                 []SubID  // each: the label has one of the values
	OrderAtLeast           money.Money
	OrderBelow             money.Money // of the order's lines after discount; the zero Money for no bound
	Payments               Span        // which payment of the customer in the program it is; the first is 1
	Months                 Span        // whole months since the customer's first

	Countries, Devices, Channels []string // of the order
	Categories                   []string // of the line
	Fields                       []FieldTest
}

// SubID is a label with values.
type SubID struct {
	Name   string
	Values []string
}

func (c *Condition) ofLine(l *LineIn) bool {
	return among(c.ProductIDs, l.ProductID) && among(c.SKUs, l.SKU) && known(c.Categories, l.Category)
}

func (c *Condition) ofOrder(in *Input) bool {
	return among(c.AffiliateIDs, in.AffiliateID) && among(c.GroupIDs, in.GroupID) && among(c.Kinds, in.Kind) && among(c.Buyers, in.Buyer) &&
		c.redeemed(in) && c.labelled(in) && c.within(in) && c.paying(in) && c.placed(in) && c.fielded(in)
}

func (c *Condition) redeemed(in *Input) bool {
	for _, code := range in.Coupons {
		if slices.Contains(c.CouponCodes, code) {
			return true
		}
	}
	return len(c.CouponCodes) == 0
}

func (c *Condition) labelled(in *Input) bool {
	for _, want := range c.SubIDs {
		if !slices.ContainsFunc(in.SubIDs, func(has Label) bool { return has.Name == want.Name && slices.Contains(want.Values, has.Value) }) {
			return false
		}
	}
	return true
}

// within compares the order's amount; a bound in another currency lets nothing through.
func (c *Condition) within(in *Input) bool {
	low, high := c.OrderAtLeast, c.OrderBelow
	return (low.Currency == "" || low.Currency == in.Currency && in.Order >= low.Minor) &&
		(high.Currency == "" || high.Currency == in.Currency && in.Order < high.Minor)
}

func among[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }

// names reports whether the condition looks at who has credit.
func (c *Condition) names() (names bool) {
	c.walk(func(x *Condition) {
		names = names || len(x.AffiliateIDs)+len(x.GroupIDs) > 0 || slices.ContainsFunc(x.Fields, func(t FieldTest) bool { return t.Of == OfAffiliate })
	})
	return names
}

// walk calls fn for the condition and everything it joins.
func (c *Condition) walk(fn func(*Condition)) {
	if c == nil {
		return
	}
	fn(c)
	for _, list := range [...][]Condition{c.All, c.Any} {
		for i := range list {
			list[i].walk(fn)
		}
	}
	c.Not.walk(fn)
}
