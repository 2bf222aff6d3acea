package plan

import (
	"bytes"
	"slices"

	"github.com/tributary/tributary/internal/money"
)

// An order that is computed again under other terms is computed from what its trace
// has frozen. What the old terms did not look at is not in the trace, and is taken
// from the order as it is read anew: nothing else is.

// Holds reports whether what these terms kept of an input is all that others look at.
func (t *Terms) Holds(of *Terms) bool {
	a, b := t.needs, of.needs
	for _, n := range [...][2]bool{{a.clock, b.clock}, {a.products, b.products}, {a.skus, b.skus}, {a.coupons, b.coupons},
		{a.buyer, b.buyer}, {a.kind, b.kind}, {a.labels, b.labels}, {a.order, b.order}} {
		if n[1] && !n[0] {
			return false
		}
	}
	x, y := t.version.Base, of.version.Base
	lines := (x.Tax || !y.Tax) && (x.Shipping || !y.Shipping) && (x.Discount || !y.Discount) && (!x.GiftCards || y.GiftCards)
	return lines && t.pays(of)
}

// pays reports whether payments, where others look at them, are counted as these
// terms counted them.
func (t *Terms) pays(of *Terms) bool {
	return !of.needs.payment || t.needs.payment && t.version.Reanchor == of.version.Reanchor
}

// Thaw gives an input that these terms have kept with what they dropped of it as it
// is read anew, for the terms of. Lines go by their ids; the tax, shipping and
// discount of one whose amount has changed since are its amount's part of them.
func (t *Terms) Thaw(kept, anew Input, of *Terms) (Input, error) {
	fill(t.needs.coupons, &kept.Coupons, anew.Coupons)
	fill(t.needs.labels, &kept.SubIDs, anew.SubIDs)
	fill(t.needs.buyer, &kept.Buyer, anew.Buyer)
	fill(t.needs.kind, &kept.Kind, anew.Kind)
	fill(t.needs.order, &kept.Order, anew.Order)
	fill(t.pays(of), &kept.Payment, anew.Payment)
	fill(t.pays(of), &kept.Month, anew.Month)
	fill(t.needs.clock, &kept.At, anew.At)
	fill(t.needs.clock, &kept.LocalMinute, anew.LocalMinute)
	kept.Lines = slices.Clone(kept.Lines)
	for i := range kept.Lines {
		at := slices.IndexFunc(anew.Lines, func(l LineIn) bool { return l.ID == kept.Lines[i].ID })
		if at < 0 {
			continue
		}
		if err := t.thawLine(&kept.Lines[i], anew.Lines[at]); err != nil {
			return Input{}, err
		}
	}
	return kept, nil
}

func (t *Terms) thawLine(kept *LineIn, anew LineIn) error {
	for _, v := range []*int64{&anew.Tax, &anew.Shipping, &anew.Discount} {
		if anew.Amount.Minor == kept.Amount.Minor || anew.Amount.Minor == 0 {
			break
		}
		part, err := money.MulDiv(*v, kept.Amount.Minor, anew.Amount.Minor)
		if err != nil {
			return tooLarge(err)
		}
		*v = part
	}
	base := t.version.Base
	fill(t.needs.products, &kept.ProductID, anew.ProductID)
	fill(t.needs.skus, &kept.SKU, anew.SKU)
	fill(base.Tax, &kept.Tax, anew.Tax)
	fill(base.Shipping, &kept.Shipping, anew.Shipping)
	fill(base.Discount, &kept.Discount, anew.Discount)
	fill(!base.GiftCards, &kept.GiftCard, anew.GiftCard)
	return nil
}

// fill puts in what was not kept.
func fill[T any](kept bool, v *T, anew T) {
	if !kept {
		*v = anew
	}
}

// Counted gives what an affiliate had before the order, for a rule with tiers.
func (in Input) Counted(ruleID, affiliateID string) int64 {
	in.AffiliateID = affiliateID
	return in.counted(ruleID)
}

// UsedOf gives what had been paid of a cap, by its place in the version's caps.
func (in Input) UsedOf(place int) int64 { return in.used(place) }

// Same reports whether two versions pay alike: whether they differ in nothing but
// their names and in when commission is approved.
func (v Version) Same(o Version) bool {
	for _, x := range []*Version{&v, &o} {
		x.ID, x.Number, x.HoldDays, x.AutoApprove, x.Recurred = "", 0, 0, false, false
		if x.Precedence == MostSpecific {
			x.Precedence = ""
		}
	}
	return bytes.Equal(v.Encode(), o.Encode())
}
