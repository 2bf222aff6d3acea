package csvfile_test

import (
	"testing"

	"github.com/tributary/tributary/pay/rail/csvfile"
	"github.com/tributary/tributary/pay/rail/railtest"
)

func TestListHasAColumnForEachDetail(t *testing.T) {
	t.Parallel()
	railtest.Lists(t, csvfile.New(),
		"payout_id,affiliate_id,name,amount,currency,email,holder,iban",
		"pay_1,aff_1,'=cmd,10.50,USD,,Ada,DE893000",
		"pay_2,aff_2,Bob,7,JPY,'@b,,",
		"pay_3,aff_3,Cy,0.001,KWD,,,")
}

func TestTheHolderIsNamed(t *testing.T) {
	t.Parallel()
	railtest.Names(t, csvfile.New(), map[string]string{"holder": "Ada", "iban": "DE89"}, "DE89")
	railtest.Lacks(t, csvfile.New(), map[string]string{"iban": "DE89"}, "holder")
}
