package csvfile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/pay/rail"
	"github.com/tributary/tributary/pay/rail/csvfile"
)

// items are a payout with details, one with others, and one with none.
func items() []rail.Item {
	return []rail.Item{
		{PayoutID: "pay_1", AffiliateID: "aff_1", Name: "=cmd", Amount: money.Of(1050, "USD"), Hint: "…3000",
			Details: map[string]string{"iban": "DE893000", "holder": "Ada"}},
		{PayoutID: "pay_2", AffiliateID: "aff_2", Name: "Bob", Amount: money.Of(7, "JPY"), Details: map[string]string{"email": "@b"}},
		{PayoutID: "pay_3", AffiliateID: "aff_3", Name: "Cy", Amount: money.Of(1, "KWD")},
	}
}

func TestListHasAColumnForEachDetail(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := csvfile.New().List(&out, items()); err != nil {
		t.Fatal(err)
	}
	want := "payout_id,affiliate_id,name,amount,currency,email,holder,iban\r\n" +
		"pay_1,aff_1,'=cmd,10.50,USD,,Ada,DE893000\r\n" +
		"pay_2,aff_2,Bob,7,JPY,'@b,,\r\n" +
		"pay_3,aff_3,Cy,0.001,KWD,,,\r\n"
	if out.String() != want {
		t.Errorf("got\n%q, want\n%q", out.String(), want)
	}
}

func TestTheHolderIsNamed(t *testing.T) {
	t.Parallel()
	if account, err := csvfile.New().Account(map[string]string{"holder": "Ada", "iban": "DE89"}); account != "DE89" || err != nil {
		t.Errorf("%q, %v", account, err)
	}
	_, err := csvfile.New().Account(map[string]string{"iban": "DE89"})
	if f, is := errors.AsType[rail.Fault](err); !is || f.Detail != "holder" {
		t.Errorf("details without a holder: %v", err)
	}
}
