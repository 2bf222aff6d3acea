package shopify

import "testing"

func TestC06_CountryOfTheBillElseOfTheParcel(t *testing.T) {
	t.Parallel()
	at := func(code string) *address { return &address{Country: code} }
	for _, c := range []struct {
		body orderBody
		want string
	}{
		{orderBody{BillingAddress: at("de"), ShippingAddress: at("FR")}, "DE"},
		{orderBody{BillingAddress: at("ZZ"), ShippingAddress: at("FR")}, "FR"},
		{orderBody{BillingAddress: at(""), Customer: &customer{Address: at("US")}}, "US"},
		{orderBody{Customer: &customer{}}, ""},
	} {
		if got := c.body.country(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
