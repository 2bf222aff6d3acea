package manual_test

import (
	"testing"

	"github.com/tributary/tributary/pay/rail/manual"
	"github.com/tributary/tributary/pay/rail/railtest"
)

func TestListIsForReading(t *testing.T) {
	t.Parallel()
	railtest.Lists(t, manual.New(),
		"payout_id,affiliate_id,name,amount,currency,account,details",
		"pay_1,aff_1,'=cmd,10.50,USD,…3000,holder: Ada; iban: DE893000",
		"pay_2,aff_2,Bob,7,JPY,,email: @b",
		"pay_3,aff_3,Cy,0.001,KWD,,")
}

func TestAnyAccountWillDo(t *testing.T) {
	t.Parallel()
	railtest.Names(t, manual.New(), map[string]string{"phone": "123"}, "123")
	railtest.Lacks(t, manual.New(), map[string]string{"holder": "Ada"}, "")
}
