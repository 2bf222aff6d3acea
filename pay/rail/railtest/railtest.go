// Package railtest is what the tests of every rail share: a batch of payouts
// whose details differ, and the question whether a rail takes an account.
package railtest

import (
	"errors"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/pay/rail"
)

// items are a payout with details, one with others, and one with none; two of
// them try to begin a formula.
func items() []rail.Item {
	return []rail.Item{
		{PayoutID: "pay_1", AffiliateID: "aff_1", Name: "=cmd", Amount: money.Of(1050, "USD"), Hint: "…3000",
			Details: map[string]string{"iban": "DE893000", "holder": "Ada"}},
		{PayoutID: "pay_2", AffiliateID: "aff_2", Name: "Bob", Amount: money.Of(7, "JPY"), Details: map[string]string{"email": "@b"}},
		{PayoutID: "pay_3", AffiliateID: "aff_3", Name: "Cy", Amount: money.Of(1, "KWD")},
	}
}

// Lists fails unless the rail's list of the batch is these lines.
func Lists(t *testing.T, r rail.Rail, lines ...string) {
	t.Helper()
	var out strings.Builder
	if err := r.List(&out, items()); err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(lines, "\r\n") + "\r\n"; out.String() != want {
		t.Errorf("got\n%q, want\n%q", out.String(), want)
	}
}

// Names fails unless these details name this account.
func Names(t *testing.T, r rail.Rail, details map[string]string, want string) {
	t.Helper()
	if account, err := r.Account(details); account != want || err != nil {
		t.Errorf("%q, %v; want %q", account, err, want)
	}
}

// Lacks fails unless these details are refused for want of this one; any fault
// will do when it is empty.
func Lacks(t *testing.T, r rail.Rail, details map[string]string, detail string) {
	t.Helper()
	_, err := r.Account(details)
	if f, is := errors.AsType[rail.Fault](err); !is || detail != "" && f.Detail != detail {
		t.Errorf("%v: %v, want a fault at %q", details, err, detail)
	}
}
