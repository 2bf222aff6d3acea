package plan

import (
	"slices"

	"github.com/tributary/tributary/internal/money"
)

// Whom is an affiliate whose terms are looked at.
type Whom struct {
	AffiliateID, GroupID string
	Fields               []Field // its custom fields
}

// What a condition comes to for an affiliate, whatever the order.
const (
	never  = -1
	maybe  = 0
	always = 1
)

// For gives the terms as far as they can be an affiliate's: the rules, the terms for
// clicks and the caps that are for it, their conditions without what is about who has
// credit. What the merchant has left, and the budgets of the program, are left out.
// What its rules pay on an order is the same.
func (v Version) For(w Whom) Version {
	out := v
	out.Rules, out.Caps, out.Clicks, out.Margin = nil, nil, nil, money.Rate{}
	for _, r := range v.Rules {
		mine := r.Level == LevelProgram || r.Level == LevelGroup && r.TargetID == w.GroupID || r.Level == LevelAffiliate && r.TargetID == w.AffiliateID
		when, is := w.reduce(r.When)
		if r.When = when; mine && is != never {
			out.Rules = append(out.Rules, r)
		}
	}
	for _, c := range v.Caps {
		if c.Scope == CapAffiliate {
			out.Caps = append(out.Caps, c)
		}
	}
	if i := v.ClicksOf(w.AffiliateID, w.GroupID); i >= 0 {
		out.Clicks = []Clicks{v.Clicks[i]}
	}
	return out
}

// reduce gives what is left of a condition when it is known who has credit, nil when
// it always holds.
func (w Whom) reduce(c *Condition) (*Condition, int) {
	if c == nil {
		return nil, always
	}
	if !among(c.AffiliateIDs, w.AffiliateID) || !among(c.GroupIDs, w.GroupID) {
		return nil, never
	}
	rest := *c
	rest.AffiliateIDs, rest.GroupIDs, rest.Fields = nil, nil, nil
	for _, t := range c.Fields {
		if t.Of != OfAffiliate {
			rest.Fields = append(rest.Fields, t)
		} else if !w.meets(t) {
			return nil, never
		}
	}
	if !w.joined(c, &rest) {
		return nil, never
	}
	if rest.silent() {
		return nil, always
	}
	return &rest, maybe
}

func (w Whom) meets(t FieldTest) bool {
	test := Condition{Fields: []FieldTest{t}}
	return test.fielded(&Input{AffiliateID: w.AffiliateID, Fields: w.Fields})
}

// joined puts what is left of what a condition joins into rest, and reports whether it
// can hold.
func (w Whom) joined(c, rest *Condition) bool {
	rest.All, rest.Any, rest.Not = nil, nil, nil
	for i := range c.All {
		one, is := w.reduce(&c.All[i])
		if is == never {
			return false
		}
		if is == maybe {
			rest.All = append(rest.All, *one)
		}
	}
	holds := len(c.Any) == 0
	for i := range c.Any {
		one, is := w.reduce(&c.Any[i])
		if holds = holds || is == always; is == maybe {
			rest.Any = append(rest.Any, *one)
		}
	}
	if holds {
		rest.Any = nil
	} else if len(rest.Any) == 0 {
		return false
	}
	if c.Not == nil {
		return true
	}
	one, is := w.reduce(c.Not)
	rest.Not = one
	return is != always
}

// silent reports whether a condition says nothing.
func (c *Condition) silent() bool {
	return c.Not == nil && c.OrderAtLeast.Currency == "" && c.OrderBelow.Currency == "" && c.Payments == Span{} && c.Months == Span{} &&
		len(c.All)+len(c.Any)+len(c.SubIDs)+len(c.Buyers)+len(c.Fields) == 0 &&
		!slices.ContainsFunc([][]string{c.ProductIDs, c.SKUs, c.CouponCodes, c.AffiliateIDs, c.GroupIDs, c.Kinds, c.Countries, c.Devices, c.Channels, c.Categories}, func(l []string) bool { return len(l) > 0 })
}
