package plan

import (
	"cmp"
	"slices"
	"time"
)

// Terms is a version made ready to be evaluated many times.
type Terms struct {
	version Version // rules by ascending id
	order   []int   // places of the rules in the order in which they are tried
	tests   []*test // of the rules' conditions, by place
	needs   needs
	index   index
}

// needs says which facts of an order the rules look at. No others are kept with a
// commission.
type needs struct {
	clock, products, skus, coupons, buyer, kind, labels, order, payment bool
	country, device, channel, categories                                bool
	fields                                                              []FieldTest
}

// Ready sorts the rules and finds what they look at.
func (v Version) Ready() *Terms {
	byID := func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) }
	if !slices.IsSortedFunc(v.Rules, byID) {
		v.Rules = slices.Clone(v.Rules)
		slices.SortStableFunc(v.Rules, byID)
	}
	t := &Terms{version: v, order: make([]int, len(v.Rules)), tests: make([]*test, len(v.Rules))}
	for i := range v.Rules {
		t.order[i], t.tests[i] = i, v.Rules[i].When.ready()
		t.needs.of(&v.Rules[i])
	}
	if t.specific() {
		slices.SortStableFunc(t.order, func(a, b int) int { return cmp.Compare(v.Rules[b].Level.rank(), v.Rules[a].Level.rank()) })
	}
	t.makeIndex()
	return t
}

func (t *Terms) specific() bool {
	return t.version.Precedence == "" || t.version.Precedence == MostSpecific
}

func (l Level) rank() int { return slices.Index([]Level{LevelProgram, LevelGroup, LevelAffiliate}, l) }

func (n *needs) of(r *Rule) {
	n.clock = n.clock || !r.From.IsZero() || !r.Until.IsZero() || len(r.DayParts) > 0
	r.When.walk(func(c *Condition) {
		n.products = n.products || len(c.ProductIDs) > 0
		n.skus = n.skus || len(c.SKUs) > 0
		n.coupons = n.coupons || len(c.CouponCodes) > 0
		n.buyer = n.buyer || len(c.Buyers) > 0
		n.kind = n.kind || len(c.Kinds) > 0
		n.labels = n.labels || len(c.SubIDs) > 0
		n.payment = n.payment || c.recurs()
		n.country = n.country || len(c.Countries) > 0
		n.device = n.device || len(c.Devices) > 0
		n.channel = n.channel || len(c.Channels) > 0
		n.categories = n.categories || len(c.Categories) > 0
		n.fields = append(n.fields, c.Fields...)
		n.order = n.order || c.OrderAtLeast.Currency != "" || c.OrderBelow.Currency != ""
	})
}

// Buyer reports whether a rule looks at whether the buyer has bought before: that
// is looked up only then.
func (t *Terms) Buyer() bool { return t.needs.buyer }

// AffiliateFields reports whether a rule looks at custom fields of who has credit.
func (t *Terms) AffiliateFields() bool {
	return slices.ContainsFunc(t.needs.fields, func(f FieldTest) bool { return f.Of == OfAffiliate })
}

// Clock reports whether a rule looks at the time of the week.
func (t *Terms) Clock() bool { return t.needs.clock }

// Payment reports whether a rule looks at which payment of the customer it is.
func (t *Terms) Payment() bool { return t.needs.payment }

// Labels reports whether a rule looks at the order's labels.
func (t *Terms) Labels() bool { return t.needs.labels }

// Reanchors reports whether payments that were given back in full do not count.
func (t *Terms) Reanchors() bool { return t.version.Reanchor }

// keep drops from an input in its normal form what the terms do not look at, so
// that a trace holds what decided and nothing else.
func (t *Terms) keep(in *Input) {
	drop(t.needs.coupons, &in.Coupons)
	drop(t.needs.labels, &in.SubIDs)
	drop(t.needs.buyer, &in.Buyer)
	drop(t.needs.kind, &in.Kind)
	drop(t.needs.order, &in.Order)
	drop(t.needs.payment, &in.Payment)
	drop(t.needs.payment, &in.Month)
	drop(t.needs.country, &in.Country)
	drop(t.needs.device, &in.Device)
	drop(t.needs.channel, &in.Channel)
	in.Fields = slices.DeleteFunc(in.Fields, func(f Field) bool { return !t.needs.ofFields(f) })
	drop(len(in.Fields) > 0, &in.Fields)
	drop(t.needs.clock, &in.At)
	drop(t.needs.clock, &in.LocalMinute)
	t.keepUsed(in)
	in.Counters = slices.DeleteFunc(in.Counters, func(c Counter) bool {
		r, ok := t.version.Rule(c.RuleID)
		return !ok || r.Tiers == nil || c.Before == 0
	})
	if len(in.Counters) == 0 {
		in.Counters = nil
	}
	if len(in.Paid) > 0 {
		in.Paid = slices.DeleteFunc(in.Paid, func(p Paid) bool {
			r, ok := t.version.Rule(p.RuleID)
			return !ok || !r.Kind.fixes() && r.PerLine == (Clamp{}) && r.PerOrder == (Clamp{})
		})
	}
	base := t.version.Base
	for i := range in.Lines {
		l := &in.Lines[i]
		drop(t.needs.products, &l.ProductID)
		drop(t.needs.skus, &l.SKU)
		drop(t.needs.categories, &l.Category)
		drop(base.Tax, &l.Tax)
		drop(base.Shipping, &l.Shipping)
		drop(base.Discount, &l.Discount)
		drop(!base.GiftCards, &l.GiftCard)
	}
}

func drop[T any](keep bool, v *T) {
	if !keep {
		var none T
		*v = none
	}
}

// meant reports whether the rule is for the affiliate, and there at the instant.
func (r *Rule) meant(in *Input) bool {
	switch r.Level {
	case LevelAffiliate:
		if r.TargetID != in.AffiliateID {
			return false
		}
	case LevelGroup:
		if in.GroupID == "" || r.TargetID != in.GroupID {
			return false
		}
	}
	return r.dated(in.At) && r.timed(in.LocalMinute)
}

func (r *Rule) dated(at time.Time) bool {
	return (r.From.IsZero() || !at.Before(r.From)) && (r.Until.IsZero() || at.Before(r.Until))
}

func (r *Rule) timed(minute int) bool {
	if len(r.DayParts) == 0 {
		return true
	}
	day, at := minute/minutesOfDay, minute%minutesOfDay
	return slices.ContainsFunc(r.DayParts, func(p DayPart) bool {
		return p.Days&(1<<day) != 0 && p.From <= at && at < p.Until
	})
}
