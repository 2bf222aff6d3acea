package connect

import (
	"context"
	"slices"
	"strings"

	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/customer"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/seal"
)

// Sources of a customer or a deal.
const (
	sourceAffiliate = "affiliate"
	sourceDirect    = "direct"
)

func text() mapping.Slot { return mapping.Slot{Kind: mapping.Text} }

// maxTold is how long a value may be that a CRM tells of a buyer.
const maxTold = 200

// ourFields are the fields that records of a kind have, by their paths. All are locked
// against the way in but those that a CRM may tell.
func ourFields(k Kind) map[string]mapping.Slot {
	all := map[string]mapping.Slot{"program.id": text(), "program.name": text(), "affiliate.id": text(), "affiliate.name": text()}
	switch k {
	case KindAffiliate:
		all["affiliate.email"], all["affiliate.status"] = text(), text()
	case KindCustomer:
		for _, path := range []string{"id", "referred_customer_id", "email", "name", "source", "currency", "segment", "lifecycle_stage"} {
			all["customer."+path] = text()
		}
		all["customer.orders"] = mapping.Slot{Kind: mapping.Integer}
		for _, path := range []string{"lifetime_value", "refunded"} {
			all["customer."+path], all["customer."+path+"_minor"] = mapping.Slot{Kind: mapping.Decimal}, mapping.Slot{Kind: mapping.Integer}
		}
		all["customer.first_ordered_at"], all["customer.last_ordered_at"] = mapping.Slot{Kind: mapping.Instant}, mapping.Slot{Kind: mapping.Instant}
	case KindDeal:
		for _, path := range []string{"id", "external_id", "order_number", "name", "kind", "status", "source", "currency", "country", "device", "channel"} {
			all["conversion."+path] = text()
		}
		for _, path := range []string{"total", "base", "refunded", "net", "tax", "shipping", "discount"} {
			all["conversion."+path] = mapping.Slot{Kind: mapping.Decimal}
		}
		all["conversion.occurred_at"] = mapping.Slot{Kind: mapping.Instant}
		all["conversion.coupon_codes"] = mapping.Slot{Kind: mapping.List}
		all["customer.id"] = text()
	}
	for path, slot := range all {
		if toldFields[path] != nil {
			slot.Most = maxTold
		}
		slot.Locked = toldFields[path] == nil
		all[path] = slot
	}
	return all
}

// kept are the fields whose remote value is left alone where we know none: it is the
// merchant's own.
var kept = []string{"customer.email", "customer.name", "affiliate.email", "affiliate.name"}

// reading reads records as they stand, of one integration's program.
type reading struct {
	*Service
	row     *ent.Integration
	program *ent.Program
	client  *ent.Client
	orders  map[string]string // by customer, the newest order that the integration told
}

func (s *Service) reading(ctx context.Context, row *ent.Integration) (*reading, error) {
	r := &reading{Service: s, row: row, client: s.store.Client(), orders: map[string]string{}}
	p, err := r.client.Program.Get(ctx, row.ProgramID)
	r.program = p
	return r, err
}

// records reads records of a kind by their ids. Those that are not there are left out.
func (r *reading) records(ctx context.Context, k Kind, ids []string) (map[string]mapping.Record, error) {
	out := map[string]mapping.Record{}
	var err error
	switch k {
	case KindAffiliate:
		err = r.affiliates(ctx, ids, out)
	case KindCustomer:
		err = r.customers(ctx, ids, out)
	case KindDeal:
		err = r.deals(ctx, ids, out)
	}
	for _, rec := range out {
		rec["program.id"], rec["program.name"] = r.program.ID, r.program.Name
	}
	return out, err
}

// say writes a text, unless it is empty.
func say(rec mapping.Record, path, value string) {
	if value != "" {
		rec[path] = value
	}
}

func (r *reading) affiliates(ctx context.Context, ids []string, out map[string]mapping.Record) error {
	rows, err := r.client.Affiliate.Query().Where(affiliate.IDIn(ids...)).All(ctx)
	for _, a := range rows {
		rec := mapping.Record{"affiliate.id": a.ID, "affiliate.status": string(a.Status)}
		say(rec, "affiliate.name", a.Name)
		say(rec, "affiliate.email", a.Email)
		out[a.ID] = rec
	}
	return err
}

func (r *reading) customers(ctx context.Context, ids []string, out map[string]mapping.Record) error {
	rows, err := r.client.Customer.Query().Where(customer.IDIn(ids...)).All(ctx)
	if err != nil {
		return err
	}
	sales, err := r.client.Conversion.Query().Where(conversion.ProgramID(r.row.ProgramID), conversion.CustomerIDIn(ids...)).
		Order(ent.Asc(conversion.FieldOccurredAt, conversion.FieldID)).
		Select(conversion.FieldID, conversion.FieldCustomerID, conversion.FieldStatus, conversion.FieldCurrency, conversion.FieldBaseMinor, conversion.FieldRefundedMinor, conversion.FieldOccurredAt, conversion.FieldSource, conversion.FieldOrderScope, conversion.FieldExternalID).All(ctx)
	if err != nil {
		return err
	}
	credit, err := r.credited(ctx, sales)
	if err != nil {
		return err
	}
	by := map[string][]*ent.Conversion{}
	for _, v := range sales {
		if by[*v.CustomerID] = append(by[*v.CustomerID], v); v.Source == sourceOf(r.row) && v.OrderScope == r.row.OrderScope {
			r.orders[*v.CustomerID] = v.ExternalID
		}
	}
	for _, c := range rows {
		if out[c.ID], err = r.customer(c, by[c.ID], credit); err != nil {
			return err
		}
	}
	return nil
}

// customer is one with the sum of its sales, in the program's currency. Its source is
// the first of them that somebody has the credit of.
func (r *reading) customer(c *ent.Customer, sales []*ent.Conversion, credit map[string]*ent.Affiliate) (mapping.Record, error) {
	rec := mapping.Record{"customer.id": c.ID, "customer.source": sourceDirect, "customer.currency": string(r.program.Currency)}
	for path, sealed := range map[string][]byte{"email": c.EmailSealed, "name": c.NameSealed} {
		if len(sealed) == 0 {
			continue
		}
		plain, err := r.store.Keys().Open(sealed, seal.AAD{Merchant: c.MerchantID, Table: "customers", Column: path + "_sealed", Row: c.ID})
		if err != nil {
			return nil, err
		}
		say(rec, "customer."+path, string(plain))
	}
	for path, field := range toldFields {
		if now := field.read(c); !now.at.IsZero() {
			rec[path] = nil // it was said, and is gone unless
			say(rec, path, now.value)
		}
	}
	value, refunded, orders := int64(0), int64(0), int64(0)
	for _, v := range sales {
		if a := credit[v.ID]; a != nil && rec["affiliate.id"] == nil {
			rec["customer.source"], rec["affiliate.id"], rec["customer.referred_customer_id"] = sourceAffiliate, a.ID, c.ID
			say(rec, "affiliate.name", a.Name)
		}
		if !stands(v) {
			continue
		}
		if orders++; orders == 1 {
			rec["customer.first_ordered_at"] = v.OccurredAt
		}
		rec["customer.last_ordered_at"] = v.OccurredAt
		if v.Currency == r.program.Currency {
			value, refunded = value+v.BaseMinor-v.RefundedMinor, refunded+v.RefundedMinor
		}
	}
	rec["customer.orders"] = orders
	for path, minor := range map[string]int64{"lifetime_value": value, "refunded": refunded} {
		rec["customer."+path], rec["customer."+path+"_minor"] = money.Of(minor, r.program.Currency).Decimal(), minor
	}
	return rec, nil
}

// stands reports whether a conversion counts for what a customer is worth.
func stands(v *ent.Conversion) bool {
	switch v.Status {
	case conversion.StatusACCEPTED, conversion.StatusPARTIALLY_REFUNDED, conversion.StatusREFUNDED:
		return true
	}
	return false
}

func (r *reading) deals(ctx context.Context, ids []string, out map[string]mapping.Record) error {
	rows, err := r.client.Conversion.Query().Where(conversion.ProgramID(r.row.ProgramID), conversion.IDIn(ids...)).All(ctx)
	if err != nil {
		return err
	}
	credit, err := r.credited(ctx, rows)
	for _, v := range rows {
		rec := mapping.Record{
			"conversion.id": v.ID, "conversion.external_id": v.ExternalID, "conversion.kind": string(v.Kind), "conversion.status": string(v.Status), "conversion.source": sourceDirect,
			"conversion.currency": string(v.Currency), "conversion.device": string(v.Device), "conversion.occurred_at": v.OccurredAt,
			"conversion.name": strings.TrimSpace("Order " + orElse(v.OrderNumber, v.ExternalID)),
		}
		for path, minor := range map[string]int64{
			"total": v.TotalMinor, "base": v.BaseMinor, "refunded": v.RefundedMinor, "net": v.BaseMinor - v.RefundedMinor, "tax": v.TaxMinor, "shipping": v.ShippingMinor, "discount": v.DiscountMinor,
		} {
			rec["conversion."+path] = money.Of(minor, v.Currency).Decimal()
		}
		for path, value := range map[string]string{"order_number": v.OrderNumber, "country": v.Country, "channel": v.Channel} {
			say(rec, "conversion."+path, value)
		}
		if len(v.CouponCodes) > 0 {
			rec["conversion.coupon_codes"] = v.CouponCodes
		}
		if v.CustomerID != nil {
			rec["customer.id"] = *v.CustomerID
		}
		if a := credit[v.ID]; a != nil {
			rec["conversion.source"], rec["affiliate.id"] = sourceAffiliate, a.ID
			say(rec, "affiliate.name", a.Name)
		}
		out[v.ID] = rec
	}
	return err
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// credited finds who has the credit of conversions now. Where several share it, one
// of them stands for them, always the same.
func (r *reading) credited(ctx context.Context, sales []*ent.Conversion) (map[string]*ent.Affiliate, error) {
	ids := make([]string, len(sales))
	for i, v := range sales {
		ids[i] = v.ID
	}
	rows, err := r.client.Attribution.Query().Where(attribution.ConversionIDIn(ids...)).
		Order(ent.Desc(attribution.FieldRevision), ent.Asc(attribution.FieldID)).
		Select(attribution.FieldID, attribution.FieldConversionID, attribution.FieldAffiliateID, attribution.FieldRevision, attribution.FieldCreatedAt).All(ctx)
	if err != nil {
		return nil, err
	}
	who, decided := map[string]string{}, map[string]*ent.Attribution{}
	for _, a := range rows {
		last := decided[a.ConversionID]
		if last == nil {
			decided[a.ConversionID], last = a, a
		}
		if a.AffiliateID != nil && who[a.ConversionID] == "" && a.CreatedAt.Equal(last.CreatedAt) {
			who[a.ConversionID] = *a.AffiliateID
		}
	}
	return r.named(ctx, who)
}

// named reads the affiliates.
func (r *reading) named(ctx context.Context, who map[string]string) (map[string]*ent.Affiliate, error) {
	var ids []string
	for _, a := range who {
		ids = append(ids, a)
	}
	slices.Sort(ids)
	rows, err := r.client.Affiliate.Query().Where(affiliate.IDIn(slices.Compact(ids)...)).All(ctx)
	people, out := map[string]*ent.Affiliate{}, map[string]*ent.Affiliate{}
	for _, a := range rows {
		people[a.ID] = a
	}
	for v, a := range who {
		out[v] = people[a]
	}
	return out, err
}
