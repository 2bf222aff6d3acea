package hubspot

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/mapping"
)

// objects are what HubSpot calls a kind.
var objects = map[connect.Kind]string{connect.KindCustomer: "contacts", connect.KindAffiliate: "contacts", connect.KindDeal: "deals"}

// keys are the properties that a kind is known by, which HubSpot keeps unique.
var keys = map[connect.Kind]string{
	connect.KindCustomer: "tributary_customer_id", connect.KindAffiliate: "tributary_affiliate_id", connect.KindDeal: "tributary_conversion_id",
}

const propertyEmail = "email"

// Kinds are what is taken.
func (Provider) Kinds() []connect.Kind {
	return []connect.Kind{connect.KindCustomer, connect.KindAffiliate, connect.KindDeal}
}

// made is a property that Prepare makes, and its type as HubSpot has it.
type made struct{ label, kind string }

var properties = map[string]map[string]made{
	"contacts": {
		"tributary_customer_id": {"Tributary customer", "string"}, "tributary_affiliate_id": {"Tributary affiliate", "string"},
		"tributary_source": {"Acquisition source", "string"}, "tributary_referred_by": {"Referred by (affiliate)", "string"},
		"tributary_referred_by_name": {"Referred by (name)", "string"}, "tributary_orders": {"Orders", "number"},
		"tributary_lifetime_value": {"Lifetime value", "number"}, "tributary_refunded": {"Refunded", "number"}, "tributary_currency": {"Currency of the values", "string"},
		"tributary_first_order_at": {"First order", "datetime"}, "tributary_last_order_at": {"Last order", "datetime"},
		"tributary_affiliate_status": {"Affiliate status", "string"}, "tributary_segment": {"Segment", "string"},
	},
	"deals": {
		"tributary_conversion_id": {"Tributary conversion", "string"}, "tributary_order": {"Order", "string"}, "tributary_status": {"Order status", "string"},
		"tributary_source": {"Acquisition source", "string"}, "tributary_affiliate_id": {"Credited affiliate", "string"},
		"tributary_affiliate_name": {"Credited affiliate (name)", "string"}, "tributary_refunded": {"Refunded", "number"},
		"tributary_program": {"Program", "string"}, "tributary_channel": {"Channel", "string"},
	},
}

// forms are the form fields that HubSpot wants for a type.
var forms = map[string]string{"string": "text", "number": "number", "datetime": "date"}

// groups are HubSpot's own groups of properties, which every account has.
var groups = map[string]string{"contacts": "contactinformation", "deals": "dealinformation"}

// kinds say what a value of a type is.
var kinds = map[string]mapping.Kind{
	"string": mapping.Text, "enumeration": mapping.Text, "phone_number": mapping.Text, "number": mapping.Decimal,
	"date": mapping.Text, "datetime": mapping.Instant, "bool": mapping.Boolean,
}

// whole are the numbers of ours that have no decimals.
var whole = []string{"tributary_orders"}

// standard are fields that every account has of its own.
var standard = map[string]map[string]mapping.Slot{
	"contacts": {propertyEmail: {Kind: mapping.Text, Most: 320}, "firstname": {Kind: mapping.Text, Most: 1000}, "lifecyclestage": {Kind: mapping.Text}},
	"deals": {
		"dealname": {Kind: mapping.Text, Most: 1000}, "amount": {Kind: mapping.Decimal}, "deal_currency_code": {Kind: mapping.Text, Most: 3},
		"closedate": {Kind: mapping.Instant}, "pipeline": {Kind: mapping.Text}, "dealstage": {Kind: mapping.Text},
	},
}

// field is one that goes out as it is.
func field(source, target string, steps ...mapping.Transform) mapping.Field {
	return mapping.Field{Source: source, Target: target, Direction: mapping.Out, Transforms: steps}
}

// stages of HubSpot's default pipeline, by where an order stands.
var stages = mapping.Transform{Do: mapping.Table, Table: map[string]string{
	"PENDING": "contractsent", "ACCEPTED": "closedwon", "PARTIALLY_REFUNDED": "closedwon", "REFUNDED": "closedlost", "CANCELLED": "closedlost", "CHARGED_BACK": "closedlost",
}}

// Defaults says what is written where the merchant has said nothing.
func (Provider) Defaults(k connect.Kind) (mapping.Document, map[string]mapping.Slot) {
	slots := maps.Clone(standard[objects[k]])
	for name, m := range properties[objects[k]] {
		slots[name] = mapping.Slot{Kind: kinds[m.kind]}
		if slices.Contains(whole, name) {
			slots[name] = mapping.Slot{Kind: mapping.Integer}
		}
	}
	slots[keys[k]] = mapping.Slot{Kind: mapping.Text, Locked: true} // it is what the record is known by
	return mapping.Document{Fields: defaults[k]}, slots
}

var defaults = map[connect.Kind][]mapping.Field{
	connect.KindCustomer: {
		field("customer.email", propertyEmail), field("customer.name", "firstname"),
		field("customer.source", "tributary_source"), field("affiliate.id", "tributary_referred_by"), field("affiliate.name", "tributary_referred_by_name"),
		field("customer.orders", "tributary_orders"), field("customer.lifetime_value", "tributary_lifetime_value"), field("customer.refunded", "tributary_refunded"),
		field("customer.currency", "tributary_currency"), field("customer.first_ordered_at", "tributary_first_order_at"), field("customer.last_ordered_at", "tributary_last_order_at"),
		// The stage is HubSpot's own: it takes no step back from others.
		{Source: "customer.lifecycle_stage", Target: "lifecyclestage", Direction: mapping.In},
		{Source: "customer.segment", Target: "tributary_segment", Direction: mapping.Both},
	},
	connect.KindAffiliate: {
		field("affiliate.email", propertyEmail), field("affiliate.name", "firstname"), field("affiliate.status", "tributary_affiliate_status"),
	},
	connect.KindDeal: {
		field("conversion.name", "dealname"), field("conversion.net", "amount"), field("conversion.currency", "deal_currency_code"), field("conversion.occurred_at", "closedate"),
		field("conversion.status", "dealstage", stages), field("conversion.status", "tributary_status"),
		field("conversion.external_id", "tributary_order"), field("conversion.source", "tributary_source"), field("affiliate.id", "tributary_affiliate_id"),
		field("affiliate.name", "tributary_affiliate_name"), field("conversion.refunded", "tributary_refunded"), field("program.name", "tributary_program"), field("conversion.channel", "tributary_channel"),
	},
}

// property is one as HubSpot has it.
type property struct {
	Name           string   `json:"name"`
	Label          string   `json:"label"`
	Type           string   `json:"type"`
	FieldType      string   `json:"fieldType"`
	GroupName      string   `json:"groupName"`
	HasUniqueValue bool     `json:"hasUniqueValue,omitempty"`
	Options        []option `json:"options,omitempty"`
	Modification   *struct {
		ReadOnlyValue bool `json:"readOnlyValue"`
	} `json:"modificationMetadata,omitempty"`
}

type option struct {
	Value string `json:"value"`
}

func propertiesPath(object string) string { return "/crm/properties/" + version + "/" + object }

// Fields asks the account about the named fields. Those it does not have are left
// out. A field that HubSpot computes cannot be written.
func (p Provider) Fields(ctx context.Context, call connect.Call, _ string, c connect.Credentials, k connect.Kind, names []string) (map[string]mapping.Slot, error) {
	_, all := p.Defaults(k)
	for _, name := range names {
		if _, known := all[name]; known || !named.MatchString(name) {
			continue
		}
		var got property
		err := p.ask(ctx, call, c, http.MethodGet, propertiesPath(objects[k])+"/"+name, nil, &got)
		if errors.Is(err, connect.Answered(http.StatusNotFound)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		slot := mapping.Slot{Kind: kinds[got.Type], Locked: got.Modification != nil && got.Modification.ReadOnlyValue}
		for _, o := range got.Options {
			slot.Values = append(slot.Values, o.Value)
		}
		if slot.Kind == mapping.Boolean {
			slot.Values = nil
		}
		if slot.Kind != "" {
			all[name] = slot
		}
	}
	return all, nil
}

// Prepare makes the properties of ours that the account has not.
func (p Provider) Prepare(ctx context.Context, call connect.Call, _ string, c connect.Credentials) error {
	for _, object := range slices.Sorted(maps.Keys(properties)) {
		for _, name := range slices.Sorted(maps.Keys(properties[object])) {
			m := properties[object][name]
			err := p.ask(ctx, call, c, http.MethodPost, propertiesPath(object), property{
				Name: name, Label: m.label, Type: m.kind, FieldType: forms[m.kind], GroupName: groups[object], HasUniqueValue: isKey(object, name),
			}, nil)
			if err != nil && !errors.Is(err, connect.Answered(http.StatusConflict)) { // it is there
				return err
			}
		}
	}
	return nil
}

func isKey(object, name string) bool {
	for k, key := range keys {
		if objects[k] == object && key == name {
			return true
		}
	}
	return false
}
