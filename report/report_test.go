package report_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/track/order"
)

// asked is a report of the days around the tests' clock, and what it is to say.
func asked(change ...func(*report.Input)) report.Input {
	in := report.Input{From: "2026-03-01", To: "2026-03-31", Basis: report.BasisConversion, Granularity: report.Whole, Top: 100, Order: report.OrderConversions, Compare: report.CompareNone}
	for _, c := range change {
		c(&in)
	}
	return in
}

func by(d ...report.Dimension) func(*report.Input) {
	return func(in *report.Input) { in.Dimensions = d }
}

func (m *market) report(ctx context.Context, in report.Input) report.Report {
	m.t.Helper()
	return storetest.Must[report.Report](m.t)(m.Report(ctx, in))
}

// spellNumbers spells numbers as "clicks/unpayable/unique conversions/leads rate%", then each
// currency's sales-refunded, pending+approved and paid.
func spellNumbers(n report.Numbers) string {
	clicks := "?"
	if n.Clicks() != nil {
		clicks = fmt.Sprintf("%d/%d/%d", *n.Clicks(), *n.ClicksUnpayable(), *n.ClicksUnique())
	}
	out := fmt.Sprintf("%s %d/%d %s%%", clicks, n.Conversions(), n.Leads(), text(n.ConversionRate()))
	for _, a := range n.Amounts() {
		out += fmt.Sprintf(" %s %s-%s %s+%s %s epc %s aov %s ros %s", a.Currency, a.Sales(), a.Refunded(), a.Pending(), a.Approved(), a.Paid(),
			text(a.EarningsPerClick()), text(a.AverageOrderValue()), text(a.ReturnOnSpend()))
	}
	return out
}

func text(s *string) string {
	if s == nil {
		return "?"
	}
	return *s
}

// sale is an order of an affiliate's code at 12.5 %, in cents.
func (w *walk) sale(id string, cents int64, who int, change ...func(*order.Order)) earn.OrderOutcome {
	w.market.t.Helper()
	o := order.Order{
		Source: "api", ExternalID: id, Version: 1, Kind: order.KindSale, Status: order.StatusPaid, ProgramID: w.program,
		OccurredAt: w.clock.Now(), Currency: "USD", Total: money.Of(cents, "USD"),
		Lines: []order.Line{{ExternalID: "a", Quantity: 1, Amount: money.Of(cents, "USD")}},
	}
	if who >= 0 {
		o.CouponCodes = []string{fmt.Sprint("CODE", who)}
	}
	for _, c := range change {
		c(&o)
	}
	return storetest.Must[earn.OrderOutcome](w.market.t)(w.earn.AcceptOrder(w.ctx, o))
}

// H01, Q72: what a breakdown says, typed by hand. Affiliate 0 has six clicks, two of them
// unpayable, and sells for 80.00 and 30.01 at 12.5 %: 10.00 and 3.75125, kept as 3.75. Of
// the 80.00 half is given back: 5.00. Affiliate 1 sells for 20.00: 2.50. Somebody without
// credit sells for 1.00. Two conversions of six unique clicks are 33.3333 %; 8.75 of
// commission by six clicks are 1.4583; (110.01-40.00)/8.75 is 8.0011.
func TestH01_ABreakdownTypedByHand(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	at := w.clock.Now()
	w.clicks(w.program, w.affiliates[0], at, at, at, at, at, at)
	w.sale("1", 8000, 0, func(o *order.Order) { o.Country, o.Device = "DE", "MOBILE" })
	w.sale("2", 3001, 0, func(o *order.Order) { o.Country = "FR" })
	w.sale("3", 2000, 1, func(o *order.Order) { o.Country = "DE" })
	w.sale("4", 100, -1)
	_, err := w.earn.AcceptRefund(w.ctx, order.Refund{Source: "api", OrderExternalID: "1", ExternalID: "r", OccurredAt: at, Currency: "USD", Amount: money.Of(4000, "USD")})
	if err != nil {
		t.Fatal(err)
	}
	w.rollUp()

	r := w.report(w.ctx, asked(by(report.ByAffiliate)))
	want := map[string]string{
		w.affiliates[0]: "4/2/6 2/0 33.3333% USD 110.01-40.00 8.75+0.00 0.00 epc 1.4583 aov 55.01 ros 8.00",
		w.affiliates[1]: "0/0/0 1/0 ?% USD 20.00-0.00 2.50+0.00 0.00 epc ? aov 20.00 ros 8.00",
		"":              "0/0/0 1/0 ?% USD 1.00-0.00 0.00+0.00 0.00 epc ? aov 1.00 ros ?",
	}
	got := map[string]string{}
	for _, row := range r.Rows {
		got[*row.AffiliateID()] = spellNumbers(row.Numbers)
	}
	if !maps.Equal(got, want) {
		t.Errorf("by affiliate\n%q, want\n%q", got, want)
	}
	if total := spellNumbers(r.Totals); total != "4/2/6 4/0 66.6667% USD 131.01-40.00 11.25+0.00 0.00 epc 1.8750 aov 32.75 ros 8.09" {
		t.Errorf("totals %s", total)
	}
	if !r.Complete || r.OtherKeys != 0 || r.Other != nil || *r.Rows[0].AffiliateID() != w.affiliates[0] || r.Rows[0].Country() != nil {
		t.Errorf("complete %v, %d others %v, first %s", r.Complete, r.OtherKeys, r.Other, *r.Rows[0].AffiliateID())
	}

	r = w.report(w.ctx, asked(by(report.ByCountry), func(in *report.Input) { in.Order, in.Currency, in.Top = report.OrderSales, "USD", 1 }))
	if len(r.Rows) != 1 || *r.Rows[0].Country() != "DE" || spellNumbers(r.Rows[0].Numbers) != "? 2/0 ?% USD 100.00-40.00 7.50+0.00 0.00 epc ? aov 50.00 ros 8.00" {
		t.Errorf("by country: %v", r.Rows)
	}
	if r.OtherKeys != 2 || len(r.Other) != 1 || r.Other[0].Country() != nil || spellNumbers(r.Other[0].Numbers) != "? 2/0 ?% USD 31.01-0.00 3.75+0.00 0.00 epc ? aov 15.51 ros 8.27" {
		t.Errorf("others: %d, %q", r.OtherKeys, spellNumbers(r.Other[0].Numbers))
	}
	r = w.report(w.ctx, asked(func(in *report.Input) {
		in.Only = map[report.Dimension][]string{report.ByDevice: {"MOBILE"}, report.ByCoupon: {"CODE0", "CODE1"}}
	}))
	if total := spellNumbers(r.Totals); total != "? 1/0 ?% USD 80.00-40.00 5.00+0.00 0.00 epc ? aov 80.00 ros 8.00" {
		t.Errorf("only on phones: %s", total)
	}
	if r = w.report(w.as(w.affiliates[1]), asked(by(report.ByAffiliate))); len(r.Rows) != 1 || spellNumbers(r.Totals) != want[w.affiliates[1]] {
		t.Errorf("an affiliate sees %s", spellNumbers(r.Totals))
	}
}

// newTestWalk is a market whose terms are 12.5 %.
func newTestWalk(t *testing.T) *walk {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	return newWalk(t, s, clock, report.New(report.Config{Store: s}), map[string]int{})
}

// Q69, H06: days as each zone has them. Clocks in Berlin are put forward on 2026-03-29, and
// back on 2026-10-25; in Cairo and in Santiago forward at a midnight, so that the day begins at one;
// in Havana, and once in Amman, back from one to midnight, so that midnight is there twice. A click
// stands at each first instant, and at the last second of the day before.
func TestQ69_DaysOf23And25Hours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, day, from, to string }{
		{"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"},
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"},
		{"Asia/Amman", "2021-10-29", "2021-10-28T21:00:00Z", "2021-10-29T22:00:00Z"},
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
		{"Asia/Kathmandu", "2026-03-02", "2026-03-01T18:15:00Z", "2026-03-02T18:15:00Z"},
		{"Pacific/Apia", "2026-03-02", "2026-03-01T11:00:00Z", "2026-03-02T11:00:00Z"},
	} {
		from, to := storetest.Must[time.Time](t)(time.Parse(time.RFC3339, c.from)), storetest.Must[time.Time](t)(time.Parse(time.RFC3339, c.to))
		m := open(t)
		if strings.HasPrefix(c.zone, "A") { // days are kept where the merchant is, and asked for anywhere
			m.at(c.zone)
		}
		p := m.program("Shoes", "UTC")
		m.clicks(p, m.affiliate(p), from, to.Add(-time.Second), from, from.Add(-time.Second), to) // of the third one, one is not payable
		m.rollUp()
		ask := func(by report.Granularity) report.Report {
			return m.report(m.ctx, asked(func(in *report.Input) { in.From, in.To, in.TimeZone, in.Granularity = c.day, c.day, c.zone, by }))
		}
		r := ask(report.Day)
		if len(r.Rows) != 1 || !r.Rows[0].From.Equal(from) || !r.Rows[0].To.Equal(to) || *r.Totals.ClicksUnique() != 3 || *r.Totals.Clicks() != 2 {
			t.Errorf("%s %s: %+v", c.zone, c.day, r.Rows)
		}
		hours := ask(report.Hour)
		first, last := hours.Rows[0], hours.Rows[len(hours.Rows)-1]
		if len(hours.Rows) != 2 || !first.From.Equal(from) || !last.To.Equal(to) || *first.ClicksUnique() != 2 || *last.ClicksUnique() != 1 {
			t.Errorf("%s %s by hours: %+v", c.zone, c.day, hours.Rows)
		}
	}
}

// Weeks begin on Mondays and months on firsts, both cut off by the days; 2026-03-02 is a Monday.
func TestQ69_WeeksAndMonths(t *testing.T) {
	t.Parallel()
	m := open(t)
	p := m.program("Shoes", "UTC")
	var at []time.Time
	for day := range 62 { // 1 March to 1 May
		at = append(at, time.Date(2026, 3, 1+day, 12, 0, 0, 0, time.UTC))
	}
	m.clicks(p, m.affiliate(p), at...)
	m.rollUp()
	spell := func(by report.Granularity, from, to string) (out []string) {
		r := m.report(m.ctx, asked(func(in *report.Input) { in.From, in.To, in.Granularity, in.Basis = from, to, by, report.BasisClick }))
		for _, row := range r.Rows {
			out = append(out, fmt.Sprint(row.From.Format("0102"), "-", row.To.Format("0102"), " ", *row.ClicksUnique()))
		}
		return out
	}
	if got, want := spell(report.Week, "2026-03-01", "2026-03-17"), []string{"0301-0302 1", "0302-0309 7", "0309-0316 7", "0316-0318 2"}; !slices.Equal(got, want) {
		t.Errorf("weeks %q, want %q", got, want)
	}
	if got, want := spell(report.Month, "2026-03-31", "2026-05-31"), []string{"0331-0401 1", "0401-0501 30", "0501-0601 1"}; !slices.Equal(got, want) {
		t.Errorf("months %q, want %q", got, want)
	}
}

// Q70: the same sale by three dates, and its payout by a fourth.
func TestQ70_EachBasisHasItsOwnDate(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	sold := w.sale("1", 8000, 0)
	w.clock.Advance(24 * time.Hour)
	storetest.Must[earn.CommissionApproveOutcome](t)(w.earn.CommissionApprove(w.ctx, earn.CommissionApproveInput{IDs: sold.CommissionIDs}))
	w.clock.Advance(24 * time.Hour)
	for _, op := range []string{"reserve", "settle"} {
		if err := w.pay(op); err != nil {
			t.Fatal(err)
		}
	}
	w.rollUp()
	for basis, want := range map[report.DateBasis]string{
		report.BasisClick:      "2026-03-02 0/0/0 1/0 ?% USD 80.00-0.00 0.00+10.00 0.00 epc ? aov 80.00 ros 8.00",
		report.BasisConversion: "2026-03-02 0/0/0 1/0 ?% USD 80.00-0.00 0.00+10.00 0.00 epc ? aov 80.00 ros 8.00",
		report.BasisApproval:   "2026-03-03 0/0/0 1/0 ?% USD 80.00-0.00 0.00+10.00 0.00 epc ? aov 80.00 ros 8.00",
		report.BasisPayout:     "2026-03-04 ? 0/0 ?% USD 0.00-0.00 0.00+0.00 10.00 epc ? aov ? ros ?",
	} {
		r := w.report(w.ctx, asked(func(in *report.Input) { in.Basis, in.Granularity = basis, report.Day }))
		if len(r.Rows) != 1 || r.Rows[0].From.Format(time.DateOnly)+" "+spellNumbers(r.Rows[0].Numbers) != want {
			t.Errorf("%s: %v, want %s", basis, r.Rows, want)
		}
	}
}

// Days are held against as many before, and against the same dates a year ago.
func TestDaysAreHeldAgainstEarlierOnes(t *testing.T) {
	t.Parallel()
	m := open(t)
	p := m.program("Shoes", "UTC")
	a, b := m.affiliate(p), m.affiliate(p)
	m.clicks(p, a, time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	m.clicks(p, b, time.Date(2025, 3, 2, 12, 0, 0, 0, time.UTC))
	m.rollUp()
	ask := func(c report.Compare) report.Report {
		return m.report(m.ctx, asked(by(report.ByAffiliate), func(in *report.Input) { in.From, in.To, in.Compare = "2026-03-02", "2026-03-02", c }))
	}
	r := ask(report.ComparePreviousPeriod)
	if len(r.Rows) != 1 || *r.Rows[0].Against.Clicks() != 1 || *r.Against.Clicks() != 1 || r.AgainstFrom.Format(time.DateOnly) != "2026-03-01" {
		t.Errorf("the day before: %+v", r)
	}
	r = ask(report.ComparePreviousYear)
	if len(r.Rows) != 1 || *r.Rows[0].Against.Clicks() != 0 || *r.Against.Clicks() != 1 || r.AgainstTo.Format(time.DateOnly) != "2025-03-03" {
		t.Errorf("the year before: %+v", r)
	}
	if r = ask(report.CompareNone); r.Against != nil || r.Rows[0].Against != nil {
		t.Errorf("against nothing: %+v", r)
	}
}

func TestReportsRefuseBadInputAndForeignRows(t *testing.T) {
	t.Parallel()
	m := open(t)
	other := newMarket(t, m.store, m.clock, m.Service)
	p, q := m.program("Shoes", "UTC"), other.program("Hats", "UTC")
	a, b := m.affiliate(p), other.affiliate(q)
	m.clicks(p, a, m.clock.Now())
	other.clicks(q, b, m.clock.Now(), m.clock.Now())
	m.rollUp()
	only := func(d report.Dimension, values ...string) func(*report.Input) {
		return func(in *report.Input) { in.Only = map[report.Dimension][]string{d: values} }
	}
	for _, c := range []struct {
		change func(*report.Input)
		code   problem.Code
		field  string
	}{
		{func(in *report.Input) { in.From = "March" }, problem.Invalid, "from"},
		{func(in *report.Input) { in.To = "2026-02-01" }, problem.Invalid, "to"},
		{func(in *report.Input) { in.TimeZone = "Mars/Olympus" }, problem.Invalid, "timeZone"},
		{func(in *report.Input) { in.TimeZone = "Local" }, problem.Invalid, "timeZone"},
		{func(in *report.Input) { in.Granularity, in.To = report.Hour, "2026-04-03" }, problem.Invalid, "granularity"},
		{func(in *report.Input) { in.Top = 0 }, problem.Invalid, "top"},
		{func(in *report.Input) { in.Top = 1001 }, problem.Invalid, "top"},
		{func(in *report.Input) { in.Order = report.OrderSales }, problem.Invalid, "currency"},
		{by(report.ByLink, report.ByLink), problem.Invalid, "dimensions"},
		{by(report.ByLink, report.ByCoupon, report.ByS1, report.ByS2), problem.Invalid, "dimensions"},
		{only(report.ByLink), problem.Invalid, "only"},
		{only(report.ByLink, make([]string, 101)...), problem.Invalid, "only"},
		{only(report.ByProgram, q), problem.NotFound, "programId"},
		{only(report.ByAffiliate, a, b), problem.NotFound, "affiliateId"},
	} {
		_, err := m.Report(m.ctx, asked(c.change))
		m.refuses(err, c.code, c.field)
	}
	_, err := m.Report(context.Background(), asked())
	m.refuses(err, problem.Unauthenticated, "")
	_, err = m.Report(m.as(m.affiliate(p)), asked(only(report.ByAffiliate, a)))
	m.refuses(err, problem.NotFound, "affiliateId")
	if r := m.report(m.ctx, asked()); *r.Totals.ClicksUnique() != 1 {
		t.Errorf("the merchant sees %d clicks, want its own", *r.Totals.ClicksUnique())
	}
	if r := m.report(m.as(m.affiliate(p)), asked()); *r.Totals.ClicksUnique() != 0 {
		t.Errorf("an affiliate sees another's clicks: %d", *r.Totals.ClicksUnique())
	}
}

// A report that is ahead of its rollups says so.
func TestAReportSaysWhenItIsBehind(t *testing.T) {
	t.Parallel()
	m := open(t)
	p := m.program("Shoes", "UTC")
	m.rollUp()
	m.clicks(p, m.affiliate(p), m.clock.Now())
	m.place()
	if r := m.report(m.ctx, asked()); r.Complete || *r.Totals.ClicksUnique() != 0 {
		t.Errorf("before its clicks are rolled up: complete %v, %d clicks", r.Complete, *r.Totals.ClicksUnique())
	}
	m.rollUp()
	if r := m.report(m.ctx, asked()); !r.Complete || *r.Totals.ClicksUnique() != 1 {
		t.Errorf("after: complete %v, %d clicks", r.Complete, *r.Totals.ClicksUnique())
	}
}

// at moves the merchant to a zone, before anything has happened.
func (m *market) at(zone string) {
	m.t.Helper()
	m.run(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE merchants SET time_zone = $2 WHERE id = $1`, m.merchant, zone)
		return err
	})
}

// reportsAgree: however a report is broken down, in whichever zone and periods, its rows
// and what is left over come to its totals, and those to the tallies (S6).
func (w *walk) reportsAgree(rt *rapid.T, tallied map[string][6]int64) {
	w.market.t.Helper()
	in := asked(func(in *report.Input) {
		in.From, in.To = "2026-02-20", "2026-03-20"
		in.Basis = rapid.SampledFrom([]report.DateBasis{report.BasisClick, report.BasisConversion}).Draw(rt, "basis")
		in.Granularity = rapid.SampledFrom([]report.Granularity{report.Whole, report.Hour, report.Day, report.Week, report.Month}).Draw(rt, "periods")
		in.TimeZone = rapid.SampledFrom([]string{"UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"}).Draw(rt, "zone")
		in.Top = rapid.IntRange(1, 5).Draw(rt, "top")
		in.Dimensions = rapid.SampledFrom([][]report.Dimension{nil, {report.ByAffiliate}, {report.ByCoupon, report.ByAffiliate}, {report.ByLink, report.ByS1, report.ByProgram}}).Draw(rt, "dimensions")
	})
	r := w.report(w.ctx, in)
	want := map[string][4]int64{}
	for key, n := range tallied {
		currency := key[strings.LastIndex(key, " ")+1:]
		sum := want[currency]
		for i := range sum {
			sum[i] += n[i]
		}
		if want[currency] = sum; currency == "" || sum == [4]int64{} {
			delete(want, currency)
		}
	}
	if got := sumUp(r.Totals); !maps.Equal(got, want) {
		rt.Errorf("totals %v, tallies %v", got, want)
	}
	rows := map[string][4]int64{}
	for _, row := range slices.Concat(r.Rows, r.Other) {
		for currency, n := range sumUp(row.Numbers) {
			sum := rows[currency]
			for i := range sum {
				sum[i] += n[i]
			}
			rows[currency] = sum
		}
	}
	maps.DeleteFunc(rows, func(_ string, n [4]int64) bool { return n == [4]int64{} })
	if !maps.Equal(rows, want) {
		rt.Errorf("%v: rows come to %v, totals to %v", in, rows, want)
	}
}

// sumUp is conversions, sales, refunded and commission by currency, in minor units.
func sumUp(n report.Numbers) map[string][4]int64 {
	out := map[string][4]int64{}
	for _, a := range n.Amounts() {
		var sum [4]int64
		sum[0] = a.Conversions()
		for i, text := range []string{a.Sales(), a.Refunded(), a.Commission()} {
			m, err := money.Parse(text, string(a.Currency))
			if err != nil {
				panic(err)
			}
			sum[i+1] = m.Minor
		}
		if sum != [4]int64{} {
			out[string(a.Currency)] = sum
		}
	}
	return out
}
