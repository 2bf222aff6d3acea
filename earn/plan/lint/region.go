package lint

import (
	"slices"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// Attributes of an order, its line and whoever has credit that have one value.
const (
	product = iota
	sku
	affiliate
	group
	buyer
	kind
	country
	device
	channel
	category
	currency
	attributes
)

// listed gives a condition's lists of values of attributes.
func listed(c *plan.Condition) [attributes][]string {
	return [attributes][]string{
		product: c.ProductIDs, sku: c.SKUs, affiliate: c.AffiliateIDs, group: c.GroupIDs, buyer: texts(c.Buyers), kind: c.Kinds,
		country: c.Countries, device: c.Devices, channel: c.Channels, category: c.Categories,
	}
}

func texts[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

// values are those that an attribute may still have. Its slices are never written to:
// regions share them.
type values struct {
	bound bool     // one of only, or else any
	only  []string // the preferred first
	not   []string
}

func (v *values) narrow(to []string) bool {
	if v.bound {
		to = slices.DeleteFunc(slices.Clone(v.only), func(s string) bool { return !slices.Contains(to, s) })
	}
	v.bound, v.only = true, to
	_, ok := v.pick()
	return ok
}

func (v *values) forbid(some []string) bool {
	v.not = append(v.not[:len(v.not):len(v.not)], some...)
	_, ok := v.pick()
	return ok
}

// pick gives a value; "" is none, which conditions cannot name.
func (v *values) pick() (string, bool) {
	for _, s := range v.only {
		if !slices.Contains(v.not, s) {
			return s, true
		}
	}
	return "", !v.bound
}

// label is what a sub-id may still be.
type label struct {
	name string
	values
}

// span is a range of whole numbers; until is not in it.
type span struct{ from, until int64 }

func (s *span) least(n int64) bool { s.from = max(s.from, n); return s.from < s.until }
func (s *span) below(n int64) bool { s.until = min(s.until, n); return s.from < s.until }

// region is a set of orders with one line: what is still allowed of each fact.
type region struct {
	one       [attributes]values
	codes     [][]string // of each list the order has a code
	forbidden []string   // codes that it has not
	labels    []label
	amount    span // of the order, in minor units
	payment   span // 0 for an order that is no payment
	month     span
	from      time.Time
	until     time.Time // zero for no end
	hours     *week     // nil for always
}

// everything is all orders under terms, from their first instant on.
func (s Setting) everything(mentioned []money.Currency) region {
	r := region{amount: span{0, plan.MaxLine}, payment: span{0, 1 << 40}, month: span{0, 1 << 40}, from: s.From}
	r.one[kind] = values{bound: true, only: []string{"SALE", "LEAD", "SIGNUP"}}
	r.one[buyer] = values{bound: true, only: []string{string(plan.BuyerNew), string(plan.BuyerReturning), ""}}
	r.one[currency] = values{bound: true, only: texts(s.currencies(mentioned))}
	return r
}

// size is how much is known of what orders are not.
func (r *region) size() int {
	n := len(r.forbidden) + len(r.labels)
	for a := range r.one {
		n += len(r.one[a].not)
	}
	return n
}

// narrowTo keeps the orders of which what the condition says of itself is true, without
// what it joins.
func (r *region) narrowTo(c *plan.Condition) bool {
	for a, list := range listed(c) {
		if len(list) > 0 && !r.one[a].narrow(list) {
			return false
		}
	}
	if len(c.CouponCodes) > 0 {
		r.codes = append(r.codes[:len(r.codes):len(r.codes)], c.CouponCodes)
	}
	for _, s := range c.SubIDs {
		if !r.label(s.Name).narrow(s.Values) {
			return false
		}
	}
	return r.coded() && r.atLeast(c.OrderAtLeast) && r.below(c.OrderBelow) && r.paying(c)
}

func (r *region) atLeast(m money.Money) bool {
	return m.Currency == "" || r.one[currency].narrow([]string{string(m.Currency)}) && r.amount.least(m.Minor)
}

func (r *region) below(m money.Money) bool {
	return m.Currency == "" || r.one[currency].narrow([]string{string(m.Currency)}) && r.amount.below(m.Minor)
}

func (r *region) paying(c *plan.Condition) bool {
	if c.Payments == (plan.Span{}) && c.Months == (plan.Span{}) {
		return true
	}
	return r.payment.least(1) && within(&r.payment, c.Payments) && within(&r.month, c.Months)
}

func within(s *span, to plan.Span) bool {
	return s.least(int64(to.From)) && (to.Until == 0 || s.below(int64(to.Until)))
}

// label gives what is known of a sub-id, to be narrowed.
func (r *region) label(name string) *values {
	r.labels = slices.Clone(r.labels)
	for i := range r.labels {
		if r.labels[i].name == name {
			return &r.labels[i].values
		}
	}
	r.labels = append(r.labels, label{name: name})
	return &r.labels[len(r.labels)-1].values
}

// coded reports whether each list of codes still has one.
func (r *region) coded() bool {
	return !slices.ContainsFunc(r.codes, func(list []string) bool { return r.code(list) == "" })
}

func (r *region) code(list []string) string {
	for _, code := range list {
		if !slices.Contains(r.forbidden, code) {
			return code
		}
	}
	return ""
}
