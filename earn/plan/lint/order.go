package lint

import (
	"slices"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// settle chooses an order from what is left.
func (s *search) settle(r region) bool {
	at, minute, ok := r.hours.instant(r.from, r.until, s.zone)
	if !ok {
		return false
	}
	for _, way := range waysToPay {
		if last := r; way(&last) {
			s.found = last.order(at, minute)
			return true
		}
	}
	return false
}

// waysToPay are what an order may be among its customer's payments. The first is in
// month 0, the later ones are of a buyer who returns; a lead is none, nor is an order
// that names nobody or comes to nothing.
var waysToPay = []func(*region) bool{
	func(r *region) bool { return r.payment.below(2) && r.month.below(1) && r.sold() },
	func(r *region) bool {
		return r.payment.least(2) && r.one[buyer].narrow([]string{string(plan.BuyerReturning)}) && r.sold()
	},
	func(r *region) bool { return r.payment.below(1) && r.one[kind].forbid([]string{"SALE"}) },
	func(r *region) bool { return r.payment.below(1) && r.one[buyer].narrow([]string{""}) },
	func(r *region) bool { return r.payment.below(1) && r.amount.below(1) },
}

func (r *region) sold() bool {
	return r.payment.least(1) && r.amount.least(1) && r.one[kind].narrow([]string{"SALE"}) && r.one[buyer].forbid([]string{""})
}

// order is one of the region.
func (r *region) order(at time.Time, minute int) plan.Input {
	pick := func(a int) string { s, _ := r.one[a].pick(); return s }
	in := plan.Input{
		AffiliateID: pick(affiliate), GroupID: pick(group), Currency: money.Currency(pick(currency)),
		Kind: pick(kind), Buyer: plan.Buyer(pick(buyer)), At: at, LocalMinute: minute,
		Country: pick(country), Device: pick(device), Channel: pick(channel),
	}
	if in.Payment = int(r.payment.from); in.Payment > 0 {
		in.Month = int(r.month.from)
	}
	for _, list := range r.codes {
		if code := r.code(list); !slices.Contains(in.Coupons, code) {
			in.Coupons = append(in.Coupons, code)
		}
	}
	for _, l := range r.labels {
		if v, _ := l.pick(); v != "" {
			in.SubIDs = append(in.SubIDs, plan.Label{Name: l.name, Value: v})
		}
	}
	return withAmount(in, plan.LineIn{ProductID: pick(product), SKU: pick(sku), Category: pick(category)}, r.usual(in.Currency))
}

// usual is an amount in the middle of life: 100, or what comes nearest.
func (r *region) usual(c money.Currency) int64 {
	return min(max(hundred(c), r.amount.from), r.amount.until-1)
}

// hundred is 100 of a currency in its minor units.
func hundred(c money.Currency) int64 {
	n := int64(100)
	for range c.Exponent() {
		n *= 10
	}
	return n
}

// withAmount gives an order its one line; without an amount it has none.
func withAmount(in plan.Input, line plan.LineIn, minor int64) plan.Input {
	in.Order = minor
	line.ID, line.Amount = "line", money.Of(minor, in.Currency)
	in.Lines = []plan.LineIn{line}
	return in
}

// resized is the same order with another amount.
func resized(in plan.Input, minor int64) plan.Input {
	return withAmount(in, in.Lines[0], minor)
}

// currencies gives those that orders are tried in, the program's first, and one that
// nothing mentions.
func (s Setting) currencies(mentioned []money.Currency) []money.Currency {
	all := []money.Currency{s.Currency}
	for _, c := range slices.Concat(s.Currencies, mentioned) {
		if !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return append(all, unmentioned(all)...)
}

// unmentioned gives a currency that is not among some; none when all of them are.
func unmentioned(some []money.Currency) []money.Currency {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, c := range []money.Currency{"USD", "EUR", "GBP"} {
		if !slices.Contains(some, c) {
			return []money.Currency{c}
		}
	}
	for i := range len(letters) * len(letters) * len(letters) {
		code := string([]byte{letters[i/676], letters[i/26%26], letters[i%26]})
		if c, err := money.ParseCurrency(code); err == nil && !slices.Contains(some, c) {
			return []money.Currency{c}
		}
	}
	return nil
}
