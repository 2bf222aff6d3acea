package server

import (
	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/hubspot"
	"github.com/tributary/tributary/connect/salesforce"
	"github.com/tributary/tributary/connect/shopify"
	"github.com/tributary/tributary/connect/stripe"
	"github.com/tributary/tributary/connect/woocommerce"
	"github.com/tributary/tributary/internal/egress"
)

// providers is the table of what can be connected: a line for each folder under
// connect that knows a kind of shop or CRM.
func (c Config) providers() map[string]connect.Provider {
	shops, sites := shopify.New(), woocommerce.New()
	if c.ShopBase != "" {
		played := func(string) string { return c.ShopBase }
		shops, sites = shopify.At(played), woocommerce.At(played)
	}
	return map[string]connect.Provider{
		hubspot.Name:     c.hubspot(),
		salesforce.Name:  c.salesforce(),
		shopify.Name:     shops,
		stripe.Name:      stripe.New(),
		woocommerce.Name: sites,
	}
}

// hubspot is played elsewhere when it is said where.
func (c Config) hubspot() hubspot.Provider {
	if c.HubSpotBase != "" {
		return hubspot.At(c.HubSpotBase)
	}
	return hubspot.New()
}

// salesforce is played elsewhere when it is said where.
func (c Config) salesforce() salesforce.Provider {
	if c.SalesforceBase != "" {
		return salesforce.At(c.SalesforceBase)
	}
	return salesforce.New()
}

// answerLimit is how much of a provider's answer is read: a batch of a hundred
// records comes back whole.
const answerLimit = 4 << 20

// caller calls providers: on the public internet, and on this machine only where
// shops are played there.
func (c Config) caller() *egress.Client {
	return egress.New(egress.Options{Guard: egress.Guard{Loopback: c.ShopBase != "" || c.HubSpotBase != "" || c.SalesforceBase != ""}, Answer: answerLimit})
}
