package lint

import (
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// waysToMiss are the narrowings that each make false what a condition says of itself.
func waysToMiss(c *plan.Condition) (ways []func(*region) bool) {
	for a, list := range listed(c) {
		if len(list) > 0 {
			ways = append(ways, func(r *region) bool { return r.one[a].forbid(list) })
		}
	}
	if len(c.CouponCodes) > 0 {
		ways = append(ways, func(r *region) bool {
			r.forbidden = append(r.forbidden[:len(r.forbidden):len(r.forbidden)], c.CouponCodes...)
			return r.coded()
		})
	}
	for _, s := range c.SubIDs {
		ways = append(ways, func(r *region) bool { return r.label(s.Name).forbid(s.Values) })
	}
	if len(c.Fields) > 0 { // a field is not there, or is another: nothing is claimed of those
		ways = append(ways, func(*region) bool { return true })
	}
	ways = append(ways, missAmount(c.OrderAtLeast, func(r *region) bool { return r.amount.below(c.OrderAtLeast.Minor) })...)
	ways = append(ways, missAmount(c.OrderBelow, func(r *region) bool { return r.amount.least(c.OrderBelow.Minor) })...)
	if c.Payments != (plan.Span{}) || c.Months != (plan.Span{}) {
		ways = append(ways, func(r *region) bool { return r.payment.below(1) })
		ways = append(ways, missSpan(c.Payments, func(r *region) *span { return &r.payment })...)
		ways = append(ways, missSpan(c.Months, func(r *region) *span { return &r.month })...)
	}
	return ways
}

func missAmount(m money.Money, otherwise func(*region) bool) []func(*region) bool {
	if m.Currency == "" {
		return nil
	}
	return []func(*region) bool{otherwise, func(r *region) bool { return r.one[currency].forbid([]string{string(m.Currency)}) }}
}

func missSpan(to plan.Span, of func(*region) *span) (ways []func(*region) bool) {
	if to.From > 0 {
		ways = append(ways, func(r *region) bool { return of(r).below(int64(to.From)) })
	}
	if to.Until > 0 {
		ways = append(ways, func(r *region) bool { return of(r).least(int64(to.Until)) })
	}
	return ways
}
