package shopify

import (
	"strings"

	"github.com/tributary/tributary/internal/facts"
)

// country is where the buyer is: by the bill, else by the parcel, else by the
// customer's own address; "" when none of them says.
func (b *orderBody) country() string {
	addresses := []*address{b.BillingAddress, b.ShippingAddress}
	if b.Customer != nil {
		addresses = append(addresses, b.Customer.Address)
	}
	for _, a := range addresses {
		if a == nil {
			continue
		}
		if code := strings.ToUpper(strings.TrimSpace(a.Country)); facts.Country(code) {
			return code
		}
	}
	return ""
}
