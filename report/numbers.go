package report

import (
	"cmp"
	"maps"
	"math/big"
	"slices"

	"github.com/tributary/tributary/internal/money"
)

// Metric is what a report is ordered by, the greatest first.
type Metric string

// The metrics. Amounts are of the report's currency.
const (
	OrderClicks      Metric = "CLICKS"
	OrderConversions Metric = "CONVERSIONS"
	OrderSales       Metric = "SALES"
	OrderRefunded    Metric = "REFUNDED"
	OrderCommission  Metric = "COMMISSION"
	OrderPaid        Metric = "PAID"
)

func (m Metric) amount() bool { return m != OrderClicks && m != OrderConversions }

// Numbers are the numbers of a row.
type Numbers struct {
	clicksKnown bool
	counts      figures            // of all currencies together; its amounts mean nothing
	money       map[string]figures // by currency
}

// Clicks is payable clicks; nil where they are not known by what was asked.
func (n Numbers) Clicks() *int64 { return n.click(ofClicks) }

// ClicksUnpayable is clicks that may not earn.
func (n Numbers) ClicksUnpayable() *int64 { return n.click(ofUnpayable) }

// ClicksUnique is openings by people, repeated ones left out.
func (n Numbers) ClicksUnique() *int64 { return n.click(ofUnique) }

func (n Numbers) click(which int) *int64 {
	if !n.clicksKnown {
		return nil
	}
	return &n.counts[which]
}

// Conversions is accepted conversions, leads included.
func (n Numbers) Conversions() int64 { return n.counts[ofConversions] }

// Leads is accepted leads and sign-ups.
func (n Numbers) Leads() int64 { return n.counts[ofLeads] }

// ConversionRate is conversions of a hundred unique clicks, to four digits (Q72); nil
// without such clicks. Conversions without a click count too.
func (n Numbers) ConversionRate() *string {
	if !n.clicksKnown {
		return nil
	}
	return quotient(n.counts[ofConversions], 100, n.counts[ofUnique], 4)
}

// Amounts are the amounts by currency, in its order.
func (n Numbers) Amounts() []Amounts {
	out := make([]Amounts, 0, len(n.money))
	for _, c := range slices.Sorted(maps.Keys(n.money)) {
		out = append(out, Amounts{Currency: money.Currency(c), numbers: n, sums: n.money[c]})
	}
	return out
}

func (n *Numbers) add(currency string, f figures) {
	n.counts.add(f, 1)
	if currency == "" {
		return
	}
	if n.money == nil {
		n.money = map[string]figures{}
	}
	sum := n.money[currency]
	sum.add(f, 1)
	n.money[currency] = sum
}

// rank is what numbers are ordered by.
func (n Numbers) rank(by Metric, currency string) int64 {
	f := n.money[currency]
	switch by {
	case OrderClicks:
		return n.counts[ofClicks]
	case OrderSales:
		return f[ofSales]
	case OrderRefunded:
		return f[ofRefunded]
	case OrderCommission:
		return f[ofPending] + f[ofApproved]
	case OrderPaid:
		return f[ofPaid]
	}
	return n.counts[ofConversions]
}

// compareRank orders by a metric, then by conversions, then by clicks, the greatest first.
func compareRank(a, b Numbers, by Metric, currency string) int {
	return cmp.Or(
		cmp.Compare(b.rank(by, currency), a.rank(by, currency)),
		cmp.Compare(b.counts[ofConversions], a.counts[ofConversions]),
		cmp.Compare(b.counts[ofClicks], a.counts[ofClicks]),
	)
}

// Amounts are a row's amounts in one currency.
type Amounts struct {
	Currency money.Currency
	numbers  Numbers
	sums     figures
}

// Conversions is accepted conversions in this currency, leads included.
func (a Amounts) Conversions() int64 { return a.sums[ofConversions] }

// Sales is the base of accepted conversions.
func (a Amounts) Sales() string { return a.decimal(a.sums[ofSales]) }

// Refunded is the base given back of them.
func (a Amounts) Refunded() string { return a.decimal(a.sums[ofRefunded]) }

// Pending is commission accrued and not payable yet.
func (a Amounts) Pending() string { return a.decimal(a.sums[ofPending]) }

// Approved is commission that became payable, less what was taken back after.
func (a Amounts) Approved() string { return a.decimal(a.sums[ofApproved]) }

// Commission is what is earned: pending and approved.
func (a Amounts) Commission() string { return a.decimal(a.commission()) }

// Rejected is commission that was rejected.
func (a Amounts) Rejected() string { return a.decimal(a.sums[ofRejected]) }

// Reversed is commission that was taken back.
func (a Amounts) Reversed() string { return a.decimal(a.sums[ofReversed]) }

// Paid is payouts settled, less those that came back.
func (a Amounts) Paid() string { return a.decimal(a.sums[ofPaid]) }

// EarningsPerClick is commission by unique click, to two digits more than the currency
// has; nil without such clicks.
func (a Amounts) EarningsPerClick() *string {
	if !a.numbers.clicksKnown {
		return nil
	}
	return a.each(a.commission(), a.numbers.counts[ofUnique], 2)
}

// AverageOrderValue is sales by conversion that is no lead; nil without one.
func (a Amounts) AverageOrderValue() *string {
	return a.each(a.sums[ofSales], a.sums[ofConversions]-a.sums[ofLeads], 0)
}

// ReturnOnSpend is sales less what was given back, by commission, to two digits; nil
// without commission.
func (a Amounts) ReturnOnSpend() *string {
	return quotient(a.sums[ofSales]-a.sums[ofRefunded], 1, a.commission(), 2)
}

func (a Amounts) commission() int64 { return a.sums[ofPending] + a.sums[ofApproved] }

// decimal writes minor units of the currency as a decimal.
func (a Amounts) decimal(minor int64) string {
	return money.Of(minor, a.Currency).Decimal()
}

// each divides an amount in minor units, to some digits more than the currency has.
func (a Amounts) each(minor, by int64, more int) *string {
	exponent := a.Currency.Exponent()
	unit := int64(1)
	for range exponent {
		unit *= 10
	}
	if by <= 0 {
		return nil
	}
	text := new(big.Rat).Quo(big.NewRat(minor, unit), big.NewRat(by, 1)).FloatString(exponent + more)
	return &text
}

// quotient is times n by d as a decimal, its last digit rounded half away from zero;
// nil unless d is positive.
func quotient(n, times, d int64, digits int) *string {
	if d <= 0 {
		return nil
	}
	text := new(big.Rat).Mul(big.NewRat(n, d), big.NewRat(times, 1)).FloatString(digits)
	return &text
}
