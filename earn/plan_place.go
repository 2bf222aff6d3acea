package earn

import (
	"context"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/facts"
)

// place gives the plan where an order comes from, custom fields of it and its buyer, as
// the order told them, and the buyer's profile as it stood then: what a later order or a
// CRM says changes nothing of it.
func place(in *plan.Input, sale *ent.Conversion) {
	in.Country, in.Channel = sale.Country, sale.Channel
	if sale.Device != conversion.DeviceUNKNOWN {
		in.Device = string(sale.Device)
	}
	addFields(in, plan.OfOrder, "", sale.Fields)
	addFields(in, plan.OfCustomer, "", sale.CustomerFields)
	addFields(in, plan.OfProfile, "", sale.Profile)
}

func addFields(in *plan.Input, of plan.FieldOf, affiliateID string, packed map[string]string) {
	for _, f := range facts.Unpack(packed) {
		in.Fields = append(in.Fields, plan.Field{Of: of, AffiliateID: affiliateID, Field: f})
	}
}

// fieldsOf gives the plan the custom fields of everybody with credit, where it looks
// at any: as they are when the order is rated.
func fieldsOf(ctx context.Context, c *ent.Client, terms *plan.Terms, affiliates []string, in *plan.Input) error {
	if !terms.AffiliateFields() {
		return nil
	}
	rows, err := c.Affiliate.Query().Where(affiliate.IDIn(affiliates...), affiliate.FieldsNotNil()).All(ctx)
	for _, a := range rows {
		addFields(in, plan.OfAffiliate, a.ID, a.Fields)
	}
	return err
}
