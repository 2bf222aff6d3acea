package report

import (
	"strconv"
	"strings"

	"github.com/tributary/tributary/internal/money"
)

// key names a tally.
type key struct{ program, affiliate, day, currency string }

// sums are a tally's counts and, in minor units of its currency, its amounts.
type sums struct {
	clicks, unpayable, conversions           int64
	sales, refunded, accrued, approved, paid int64
}

// columns are the sums' names in tallies, in the order of fields.
var columns = []string{
	"clicks", "clicks_unpayable", "conversions",
	"sales_minor", "refunded_minor", "accrued_minor", "approved_minor", "paid_minor",
}

func (s *sums) fields() []*int64 {
	return []*int64{&s.clicks, &s.unpayable, &s.conversions, &s.sales, &s.refunded, &s.accrued, &s.approved, &s.paid}
}

// pointers is fields for a row to be scanned into.
func (s *sums) pointers() []any {
	fields := s.fields()
	out := make([]any, len(fields))
	for i, f := range fields {
		out[i] = f
	}
	return out
}

func (s *sums) add(o sums) {
	theirs := o.fields()
	for i, f := range s.fields() {
		*f += *theirs[i]
	}
}

func (s sums) neg() sums {
	for _, f := range s.fields() {
		*f = -*f
	}
	return s
}

// each spells every column by a pattern, such as "sum(%)".
func each(pattern string) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = strings.ReplaceAll(pattern, "%", c)
	}
	return strings.Join(out, ", ")
}

// bind adds a value to args and gives its placeholder.
func bind(args *[]any, v any) string {
	*args = append(*args, v)
	return "$" + strconv.Itoa(len(*args))
}

// StatsRow is the numbers of one day, or of all days together, in one currency.
type StatsRow struct {
	Day             string // YYYY-MM-DD; "" for all days together
	Currency        string // ISO 4217; "" on a row that has clicks only
	Clicks          int64  // payable
	ClicksUnpayable int64  // may not earn
	Conversions     int64  // accepted
	sums            sums
}

func rowOf(day, currency string, s sums) StatsRow {
	return StatsRow{Day: day, Currency: currency, Clicks: s.clicks, ClicksUnpayable: s.unpayable, Conversions: s.conversions, sums: s}
}

// Sales is the base of accepted conversions.
func (r StatsRow) Sales() string { return r.decimal(r.sums.sales) }

// Refunded is the base given back of accepted conversions.
func (r StatsRow) Refunded() string { return r.decimal(r.sums.refunded) }

// Accrued is commission accrued or adjusted, less what was taken back or rejected.
func (r StatsRow) Accrued() string { return r.decimal(r.sums.accrued) }

// Approved is commission that became payable, less what was taken back after.
func (r StatsRow) Approved() string { return r.decimal(r.sums.approved) }

// Paid is payouts settled. A payout belongs to no program, so it is 0 in the
// numbers of one program.
func (r StatsRow) Paid() string { return r.decimal(r.sums.paid) }

// decimal writes minor units of the row's currency as a decimal.
func (r StatsRow) decimal(minor int64) string {
	return money.Of(minor, money.Currency(r.Currency)).Decimal()
}
