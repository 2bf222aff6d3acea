package pay_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/pay"
)

// A month of one affiliate, typed by hand. February: 80.00 owed. March: + 50.00
// earned, − 12.34 taken back, a payout of 117.66 reserved and settled, + 5.00.
func TestStatementIsOpeningRowsAndClosingToTheCent(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	d.owe(a, 8000, "USD")
	from := d.clock.Now().Add(time.Hour)
	d.clock.Advance(2 * time.Hour)
	d.owe(a, 5000, "USD")
	d.owe(a, -1234, "USD")
	d.owe(a, 999, "EUR") // another account
	d.clock.Advance(time.Hour)
	batch := d.batch("2026-03") // 80.00 + 50.00 − 12.34 = 117.66
	d.approve(batch)
	d.clock.Advance(time.Hour)
	_, ids := d.payouts(batch)
	storetest.Must[pay.PayoutOutcome](d.t)(d.PayoutSettle(d.ctx, pay.PayoutSettleInput{ID: ids[a]}))
	d.clock.Advance(time.Hour)
	d.owe(a, 500, "USD")
	to := d.clock.Now().Add(time.Hour)
	d.clock.Advance(2 * time.Hour)
	d.owe(a, 7777, "USD") // April
	st := storetest.Must[pay.Statement](d.t)(d.Statement(d.as(a), pay.StatementInput{Currency: "USD", From: from, To: to}))
	got := []string{"opening " + st.Opening.Decimal()}
	for _, r := range st.Rows {
		got = append(got, fmt.Sprintf("%s %s %s %s", r.Kind, r.Pending.Decimal(), r.Payable.Decimal(), r.Reserved.Decimal()))
	}
	got = append(got, "closing "+st.Closing.Decimal(), "paid "+st.Paid.Decimal())
	want := []string{
		"opening 80.00",
		"ADJUSTMENT 0.00 50.00 0.00",
		"ADJUSTMENT 0.00 -12.34 0.00",
		"RESERVATION 0.00 -117.66 117.66",
		"PAYOUT 0.00 0.00 -117.66",
		"ADJUSTMENT 0.00 5.00 0.00",
		"closing 5.00", // 80.00 + 50.00 − 12.34 − 117.66 + 5.00
		"paid 117.66",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
	if st.Rows[2].SubjectID != ids[a] || st.Rows[0].Memo != "by hand" {
		t.Errorf("rows say %+v", st.Rows)
	}
}

// Where the book says nothing, the row it is about says why.
func TestStatementRowsSayWhy(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a := d.affiliate()
	d.owe(a, 8000, "USD")
	_, ids := d.payouts(d.batch("one"))
	d.approve(d.batch("one"))
	storetest.Must[pay.PayoutOutcome](d.t)(d.PayoutSettle(d.ctx, pay.PayoutSettleInput{ID: ids[a], Reference: "B-17"}))
	st := storetest.Must[pay.Statement](d.t)(d.Statement(d.as(a), pay.StatementInput{Currency: "USD", From: d.clock.Now().Add(-time.Hour), To: d.clock.Now().Add(time.Hour)}))
	var got []string
	for _, r := range st.Rows {
		got = append(got, string(r.Kind)+" "+r.Memo)
	}
	if want := []string{"ADJUSTMENT by hand", "RESERVATION ", "PAYOUT B-17"}; !slices.Equal(got, want) {
		t.Errorf("rows say %q, want %q", got, want)
	}
}

func TestStatementsAndBalancesAreTheAffiliatesOwn(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	a, b := d.affiliate(), d.affiliate()
	d.owe(a, 1000, "USD")
	period := pay.StatementInput{AffiliateID: b, Currency: "USD", From: d.clock.Now(), To: d.clock.Now().Add(time.Hour)}
	_, err := d.Statement(d.as(a), period)
	d.refuses(err, problem.NotFound, "affiliateId")
	_, err = d.Balances(d.as(a), b)
	d.refuses(err, problem.NotFound, "affiliateId")
	if own := storetest.Must[[]pay.Balance](d.t)(d.Balances(d.as(a), "")); len(own) != 1 || own[0].AffiliateID != a || own[0].Payable.Minor != 1000 {
		t.Errorf("own balances: %+v", own)
	}
	_, err = d.Balances(d.ctx, "") // staff names whom it means
	d.refuses(err, problem.Invalid, "affiliateId")
	_, err = d.Balances(d.ctx, "aff_none")
	d.refuses(err, problem.NotFound, "affiliateId")
	period.Currency = "XXQ"
	_, err = d.Statement(d.ctx, period)
	d.refuses(err, problem.CurrencyUnknown, "currency")
	period.Currency, period.From = "USD", period.To.Add(time.Hour)
	_, err = d.Statement(d.ctx, period)
	d.refuses(err, problem.Invalid, "to")
}
