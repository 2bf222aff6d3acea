package earn_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/rates"
	"github.com/tributary/tributary/roster"
)

// published keeps what one euro cost on a day: 1.08 US dollars, 162 yen, 0.33 dinars.
func (m *market) published(day string) {
	m.t.Helper()
	_, other, err := m.store.DoorRatesAdd(context.Background(), []store.PublishedRate{
		{Source: rates.ECB, Day: day, Currency: "USD", Mantissa: 10800, Scale: 4},
		{Source: rates.ECB, Day: day, Currency: "JPY", Mantissa: 162, Scale: 0},
		{Source: rates.ECB, Day: day, Currency: "KWD", Mantissa: 33, Scale: 2},
	})
	if m.must(err); other != nil {
		m.t.Fatal(other)
	}
}

// paidIn makes the affiliate's payout currency.
func (m *market) paidIn(affiliateID, currency string) {
	m.t.Helper()
	_, err := m.roster.AffiliateUpdate(m.ctx, roster.AffiliateUpdateInput{ID: affiliateID, PayoutCurrency: &currency})
	m.must(err)
}

// abroad is a market with rates of today whose one affiliate is paid in a currency.
func abroad(t testing.TB, currency string, rules ...plan.Rule) (m *market, who string) {
	t.Helper()
	m, who = hired(t, rules...)
	m.published(m.clock.Now().Format(time.DateOnly))
	m.paidIn(who, currency)
	return m, who
}

// standsAt checks a merchant's account.
func (m *market) standsAt(when string, kind ledger.AccountKind, c money.Currency, want int64) {
	m.t.Helper()
	rows, err := m.ledger.Chart(m.ctx, c, time.Time{})
	m.must(err)
	got := int64(0)
	for _, r := range rows {
		if r.Kind == kind {
			got = r.Balance.Minor
		}
	}
	if got != want {
		m.t.Errorf("%s: %s has %d %s, want %d", when, kind, got, c, want)
	}
}

// The table is worked out by hand: ten percent, then divided by what a euro cost in
// the one currency, times what it cost in the other, rounded once.
func TestC31_Q09_CommissionIsConvertedAtTheRateOfItsDay(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		sold     money.Money
		in       money.Currency
		earned   int64
		paid     int64
		why      string
		from, to string
	}{
		{money.Of(19999, "USD"), "EUR", 2000, 1852, "199.99 × 10 % = 20.00; 20.00 ÷ 1.08 = 18.518…", "1.0800", "1"},
		{money.Of(10000, "USD"), "JPY", 1000, 1500, "100.00 × 10 % = 10.00; 10.00 ÷ 1.08 × 162 = 1500", "1.0800", "162"},
		{money.Of(10001, "JPY"), "USD", 1000, 667, "10 001 × 10 % = 1000; 1000 ÷ 162 × 1.08 = 6.666…", "162", "1.0800"},
		{money.Of(12345, "KWD"), "USD", 1235, 404, "12.345 × 10 % = 1.2345 → 1.235; ÷ 0.33 × 1.08 = 4.0418…", "0.33", "1.0800"},
		{money.Of(10000, "USD"), "KWD", 1000, 3056, "10.00 ÷ 1.08 × 0.33 = 3.0555…", "1.0800", "0.33"},
		{money.Of(5000, "EUR"), "USD", 500, 540, "5.00 × 1.08 = 5.40", "1", "1.0800"},
	} {
		t.Run(fmt.Sprint(x.sold, " in ", x.in), func(t *testing.T) {
			t.Parallel()
			m, who := abroad(t, string(x.in), percent("10"))
			out := m.accept(m.sale("1", m.clicked(who), x.sold.Currency, x.sold.Minor))
			m.books(x.why, who, x.in, x.paid, 0)
			m.books("nothing in the order's currency", who, x.sold.Currency, 0, 0)
			m.standsAt(x.why, ledger.ExpenseAccount, x.sold.Currency, -x.earned)
			m.standsAt(x.why, ledger.ExchangeAccount, x.sold.Currency, x.earned)
			m.standsAt(x.why, ledger.ExchangeAccount, x.in, -x.paid)
			e, err := m.ExplainCommission(m.ctx, out.CommissionIDs[0])
			m.must(err)
			day := m.clock.Now().Format(time.DateOnly)
			if got := e.Exchange; got == nil || got.Amount != money.Of(x.paid, x.in) || got.From != x.from || got.To != x.to || got.Source != "ECB" || got.Day != day {
				t.Errorf("%s: explained as %+v", x.why, got)
			}
			if e.Amount != money.Of(x.earned, x.sold.Currency) {
				t.Errorf("%s: earned %s", x.why, e.Amount)
			}
			m.approve(out.CommissionIDs...)
			m.books("approved", who, x.in, 0, x.paid)
			m.drain(who, x.in)
			m.sound()
		})
	}
}

// sound runs the book's own checks.
func (m *market) sound() {
	m.t.Helper()
	found, err := m.ledger.Verify(m.ctx, nil)
	if m.must(err); len(found) > 0 {
		m.t.Errorf("the book: %+v", found)
	}
}

// 10.00 USD are 1500 JPY. Of 33.33 given back 3.33 are taken back, 499.5 → 500 JPY;
// of 66.66 in all 6.67, 1000.5 → 1001 JPY; of everything everything. The rate of a
// later day changes nothing.
func TestQ09_N17_ARefundIsTakenBackAtTheRateOfTheSale(t *testing.T) {
	t.Parallel()
	m, who := abroad(t, "JPY", percent("10"))
	o := m.sale("1", m.clicked(who), "USD", 10000)
	out := m.accept(o)
	_, _, err := m.store.DoorRatesAdd(context.Background(), []store.PublishedRate{{Source: rates.ECB, Day: "2026-03-03", Currency: "JPY", Mantissa: 300, Scale: 0}})
	m.must(err)
	m.clock.Advance(26 * time.Hour)
	m.refund(o, "r1", 3333)
	m.books("a third", who, "JPY", 1000, 0)
	m.approve(out.CommissionIDs...)
	m.books("approved", who, "JPY", 0, 1000)
	m.refund(o, "r2", 3333)
	m.books("two thirds", who, "JPY", 0, 499)
	m.drain(who, "JPY")
	m.refund(o, "r3", 3334)
	m.books("all, after a payout of 499", who, "JPY", 0, -499)
	m.sameCurrency()
	for _, kind := range []ledger.AccountKind{ledger.ExpenseAccount, ledger.ExchangeAccount} {
		m.standsAt("all", kind, "USD", 0)
		m.standsAt("all", kind, "JPY", 0)
	}
	m.sound()
}

// Refunds that come to everything leave nothing in either currency, however they are
// cut and in whatever order they come; a chargeback won gives the same back.
func TestQ09_N17_AnyRefundsOfEverythingLeaveNothingInEitherCurrency(t *testing.T) {
	t.Parallel()
	seed := draws.Seed(t, 0)
	r := rand.New(rand.NewPCG(seed, 0))
	for n, pair := range [][2]money.Currency{{"USD", "JPY"}, {"JPY", "KWD"}, {"KWD", "USD"}, {"USD", "KWD"}, {"KWD", "JPY"}, {"EUR", "USD"}} {
		m, who := abroad(t, string(pair[1]), percent("7.3"))
		total := 1000 + r.Int64N(1_000_000)
		o := m.sale(fmt.Sprint(n), m.clicked(who), pair[0], total)
		out := m.accept(o)
		start, _ := m.balance(who, pair[1])
		if r.IntN(2) == 0 {
			m.approve(out.CommissionIDs...)
		}
		_, err := m.chargedBack(o, "cb", 1+total/3)
		m.must(err)
		_, err = m.ended(o, "cb", true)
		m.must(err)
		pending, payable := m.balance(who, pair[1])
		if pending+payable != start || start == 0 {
			t.Errorf("%v of %d: %d before the chargeback was lost and won, %d after", pair, total, start, pending+payable)
		}
		for i, left := 0, total; left > 0; i++ {
			part := min(left, 1+r.Int64N(total/3))
			m.refund(o, fmt.Sprint("r", i), part)
			left -= part
		}
		m.books(fmt.Sprint(pair, " of ", total), who, pair[1], 0, 0)
		m.books(fmt.Sprint(pair, " of ", total), who, pair[0], 0, 0)
		for _, c := range pair {
			m.standsAt(fmt.Sprint(pair, total), ledger.ExpenseAccount, c, 0)
			m.standsAt(fmt.Sprint(pair, total), ledger.ExchangeAccount, c, 0)
		}
		m.sound()
	}
}

// Without a rate the sale is accrued in its own currency and waits; it is not
// approved, may be given back, and is converted once when the rate comes.
func TestC31_Q20_ACommissionWaitsForItsRate(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	m.paidIn(who, "JPY")
	o := m.sale("1", m.clicked(who), "USD", 10000)
	out := m.accept(o)
	m.books("accrued as earned", who, "USD", 1000, 0)
	_, err := m.CommissionApprove(m.ctx, earn.CommissionApproveInput{IDs: out.CommissionIDs})
	m.refuses(err, problem.State, "ids.0")
	m.refund(o, "r1", 3333)
	m.books("a part taken back", who, "USD", 667, 0)
	m.converts(0)
	m.published(m.clock.Now().AddDate(0, 0, -8).Format(time.DateOnly))
	m.converts(0)
	m.published(m.clock.Now().AddDate(0, 0, -7).Format(time.DateOnly))
	m.clock.Advance(31 * 24 * time.Hour)
	if n, err := m.ApproveDue(m.ctx, 10); n != 0 || err != nil {
		t.Errorf("the schedule approved %d, %v", n, err)
	}
	m.converts(1)
	m.converts(0)
	m.books("1500 − 499.5", who, "JPY", 1000, 0)
	m.books("converted", who, "USD", 0, 0)
	m.approve(out.CommissionIDs...)
	m.refund(o, "r2", 6667)
	m.books("all given back", who, "JPY", 0, 0)
	m.standsAt("all given back", ledger.ExchangeAccount, "USD", 0)
	m.standsAt("all given back", ledger.ExpenseAccount, "USD", 0)
	m.sound()
	want := []string{"commission.accrued", "commission.reversed", "commission.converted", "commission.approved", "commission.reversed"}
	if got := m.said(out.CommissionIDs[0]); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("events %v", got)
	}
}

func (m *market) converts(want int) {
	m.t.Helper()
	if n, err := m.ConvertWaiting(m.ctx, 1); n != want || err != nil {
		m.t.Errorf("converted %d, %v; want %d", n, err, want)
	}
}

// The program's currency is for those who ask for none; a rejection takes both sides
// back; what is decided anew is converted at the rate of the sale.
func TestC31_ProgramsCurrencyRejectionAndAnotherDecision(t *testing.T) {
	t.Parallel()
	m, ada := abroad(t, "JPY", percent("10"))
	bob, eur := m.affiliate("bob"), "EUR"
	_, err := m.roster.ProgramUpdate(m.ctx, roster.ProgramUpdateInput{ID: m.program, PayoutCurrency: &eur})
	m.must(err)
	out := m.accept(m.sale("1", m.clicked(ada), "USD", 10000))
	m.books("ada's own", ada, "JPY", 1500, 0)
	_, err = m.Reattribute(m.ctx, earn.ReattributeInput{ConversionID: out.ConversionID, AffiliateID: bob, Reason: "his"})
	m.must(err)
	m.books("ada's taken back", ada, "JPY", 0, 0)
	m.books("the program's: 10.00 ÷ 1.08", bob, "EUR", 926, 0)
	rows := m.commissions(out.ConversionID)
	for _, c := range rows {
		if c.AffiliateID == bob {
			_, err = m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: c.ID, Reason: "no"})
			m.must(err)
		}
	}
	m.books("rejected", bob, "EUR", 0, 0)
	for _, c := range []money.Currency{"USD", "JPY", "EUR"} {
		m.standsAt("rejected", ledger.ExchangeAccount, c, 0)
	}
	m.sound()
}

// What was given by hand is taken back once, with both reasons, after a payout too.
func TestC30_AnAdjustmentIsTakenBackOnce(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	for _, x := range []struct{ amount, after int64 }{{2500, 0}, {-700, 0}} {
		out, err := m.CommissionAdjust(m.ctx, earn.CommissionAdjustInput{AffiliateID: who, ProgramID: m.program, Amount: money.Of(x.amount, "USD"), Reason: "promised", ReasonCode: commission.ReasonCodeGOODWILL})
		m.must(err)
		m.books("given", who, "USD", 0, x.amount)
		_, err = m.CommissionAdjustReverse(m.ctx, earn.CommissionAdjustReverseInput{ID: out.CommissionID, Reason: "a mistake"})
		m.must(err)
		m.books("taken back", who, "USD", 0, x.after)
		_, err = m.CommissionAdjustReverse(m.ctx, earn.CommissionAdjustReverseInput{ID: out.CommissionID, Reason: "again"})
		m.refuses(err, problem.State, "id")
		c := m.store.Client().Commission.GetX(m.ctx, out.CommissionID)
		if c.Status != "REVERSED" || c.Reason != "promised" || c.UndoneBecause != "a mistake" || *c.ReasonCode != "GOODWILL" || c.ReversedMinor != x.amount {
			t.Errorf("%+v", c)
		}
	}
	earned := m.accept(m.sale("1", m.clicked(who), "USD", 1000))
	_, err := m.CommissionAdjustReverse(m.ctx, earn.CommissionAdjustReverseInput{ID: earned.CommissionIDs[0], Reason: "no"})
	m.refuses(err, problem.State, "id")
	m.sound()
}

// A fee of 3.00 USD is 3.00 ÷ 1.08 × 162 = 450 JPY to whom 10.00 USD were 1500 JPY.
func TestQ09_AFeeIsTakenInTheCurrencyThatIsPaid(t *testing.T) {
	t.Parallel()
	m, who := abroad(t, "JPY", percent("10"))
	o := m.sale("1", m.clicked(who), "USD", 10000)
	m.approve(m.accept(o).CommissionIDs...)
	lost := refundOf(o, "cb", 5000)
	lost.Fee = money.Of(300, "USD")
	_, err := m.ChargebackOpen(m.ctx, earn.ChargebackInput{Refund: lost, FeeShared: true})
	m.must(err)
	m.books("half of it and the fee: 750 − 450", who, "JPY", 0, 300)
	m.books("nothing in dollars", who, "USD", 0, 0)
	m.sound()
}

// What was paid out in yen is not taken back where the merchant bears it.
func TestQ02_Q09_TheMerchantBearsWhatWasPaidOutInAnotherCurrency(t *testing.T) {
	t.Parallel()
	m, who := bearing(t, earn.Recovery{Mode: planversion.RecoveryABSORB})
	m.published(m.clock.Now().Format(time.DateOnly))
	m.paidIn(who, "JPY")
	o := m.sale("1", m.clicked(who), "USD", 10000)
	m.approve(m.accept(o).CommissionIDs...)
	_, payable := m.balance(who, "JPY")
	m.drain(who, "JPY")
	m.refund(o, "r1", 10000)
	if m.books("borne", who, "JPY", 0, 0); payable == 0 {
		t.Error("nothing was paid out")
	}
	m.sound()
}

// sameCurrency reports whether every reversal names a transaction in its own currency.
func (m *market) sameCurrency() {
	m.t.Helper()
	in := map[string]money.Currency{}
	for _, e := range m.store.Client().LedgerEntry.Query().AllX(m.ctx) {
		in[e.TransactionID] = e.Currency
	}
	for _, x := range m.store.Client().LedgerTransaction.Query().AllX(m.ctx) {
		if x.ReversesID != "" && in[x.ID] != in[x.ReversesID] {
			m.t.Errorf("%s in %s takes back %s in %s", x.ID, in[x.ID], x.ReversesID, in[x.ReversesID])
		}
	}
}
