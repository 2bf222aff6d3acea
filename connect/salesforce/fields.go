package salesforce

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/internal/egress"
)

// Objects of Salesforce that are written.
const (
	contact     = "Contact"
	opportunity = "Opportunity"
)

var objects = map[connect.Kind]string{connect.KindCustomer: contact, connect.KindAffiliate: contact, connect.KindDeal: opportunity}

// keys are the fields that a kind is known by: external ids, which Salesforce keeps
// unique.
var keys = map[connect.Kind]string{
	connect.KindCustomer: "Tributary_Customer_Id__c", connect.KindAffiliate: "Tributary_Affiliate_Id__c", connect.KindDeal: "Tributary_Conversion_Id__c",
}

const (
	fieldEmail    = "Email"
	fieldLastName = "LastName"
	// fieldCustomer is where an opportunity looks up the contact of its customer.
	fieldCustomer = "Tributary_Customer__c"
)

// Kinds are what is taken.
func (Provider) Kinds() []connect.Kind {
	return []connect.Kind{connect.KindCustomer, connect.KindAffiliate, connect.KindDeal}
}

// own is a field of ours. Amounts have four places: no currency has more.
type own struct {
	label, kind string // as the metadata has it
	length      int    // of a text, in characters
	places      int    // of a number
	tracked     bool   // its changes are kept
}

// ours are the fields that metadata/ makes, by object and name.
var ours = map[string]map[string]own{
	contact: {
		"Tributary_Customer_Id__c": {"Tributary customer", "Text", 64, 0, false}, "Tributary_Affiliate_Id__c": {"Tributary affiliate", "Text", 64, 0, false},
		"Tributary_Source__c": {"Acquisition source", "Text", 64, 0, false}, "Tributary_Referred_By__c": {"Referred by (affiliate)", "Text", 64, 0, false},
		"Tributary_Referred_By_Name__c": {"Referred by (name)", "Text", 255, 0, false}, "Tributary_Orders__c": {"Orders", "Number", 0, 0, false},
		"Tributary_Lifetime_Value__c": {"Lifetime value", "Number", 0, 4, false}, "Tributary_Refunded__c": {"Refunded", "Number", 0, 4, false},
		"Tributary_Currency__c":       {"Currency of the values", "Text", 3, 0, false},
		"Tributary_First_Order_At__c": {"First order", "DateTime", 0, 0, false}, "Tributary_Last_Order_At__c": {"Last order", "DateTime", 0, 0, false},
		"Tributary_Affiliate_Status__c": {"Affiliate status", "Text", 64, 0, false},
		"Tributary_Segment__c":          {"Segment", "Text", 200, 0, true}, "Tributary_Lifecycle_Stage__c": {"Lifecycle stage", "Text", 200, 0, true},
	},
	opportunity: {
		"Tributary_Conversion_Id__c": {"Tributary conversion", "Text", 64, 0, false}, "Tributary_Order__c": {"Order", "Text", 255, 0, false},
		"Tributary_Status__c": {"Order status", "Text", 64, 0, false}, "Tributary_Source__c": {"Acquisition source", "Text", 64, 0, false},
		"Tributary_Affiliate_Id__c": {"Credited affiliate", "Text", 64, 0, false}, "Tributary_Affiliate_Name__c": {"Credited affiliate (name)", "Text", 255, 0, false},
		"Tributary_Refunded__c": {"Refunded", "Number", 0, 4, false}, "Tributary_Currency__c": {"Currency of the order", "Text", 3, 0, false},
		"Tributary_Program__c": {"Program", "Text", 255, 0, false}, "Tributary_Channel__c": {"Channel", "Text", 255, 0, false},
		fieldCustomer: {"Customer", "Lookup", 0, 0, false},
	},
}

// slot is what a field of ours takes.
func (f own) slot() mapping.Slot {
	switch {
	case f.kind == "Number" && f.places == 0:
		return mapping.Slot{Kind: mapping.Integer}
	case f.kind == "Number":
		return mapping.Slot{Kind: mapping.Decimal}
	case f.kind == "DateTime":
		return mapping.Slot{Kind: mapping.Instant}
	}
	return mapping.Slot{Kind: mapping.Text, Most: f.length, Locked: f.kind == "Lookup"}
}

// standard are fields that every org has of its own.
var standard = map[string]map[string]mapping.Slot{
	contact: {fieldEmail: {Kind: mapping.Text, Most: 80}, fieldLastName: {Kind: mapping.Text, Most: 80}, "FirstName": {Kind: mapping.Text, Most: 40}},
	opportunity: {
		"Name": {Kind: mapping.Text, Most: 120}, "Amount": {Kind: mapping.Decimal}, "CloseDate": {Kind: mapping.Text, Most: 10}, "StageName": {Kind: mapping.Text, Most: 255},
	},
}

// Defaults says what is written where the merchant has said nothing.
func (Provider) Defaults(k connect.Kind) (mapping.Document, map[string]mapping.Slot) {
	slots := maps.Clone(standard[objects[k]])
	for name, f := range ours[objects[k]] {
		slots[name] = f.slot()
	}
	slots[keys[k]] = mapping.Slot{Kind: mapping.Text, Locked: true} // it is what the record is known by
	return mapping.Document{Fields: defaults[k]}, slots
}

// field is one that goes out as it is.
func field(source, target string, steps ...mapping.Transform) mapping.Field {
	return mapping.Field{Source: source, Target: target, Direction: mapping.Out, Transforms: steps}
}

func cut(places int) mapping.Transform { return mapping.Transform{Do: mapping.Cut, Places: places} }

// stages of Salesforce's own sales process, by where an order stands.
var stages = mapping.Transform{Do: mapping.Table, Table: map[string]string{
	"PENDING": "Negotiation/Review", "ACCEPTED": "Closed Won", "PARTIALLY_REFUNDED": "Closed Won", "REFUNDED": "Closed Lost", "CANCELLED": "Closed Lost", "CHARGED_BACK": "Closed Lost",
}}

var defaults = map[connect.Kind][]mapping.Field{
	connect.KindCustomer: {
		field("customer.email", fieldEmail), field("customer.name", fieldLastName, cut(80)),
		field("customer.source", "Tributary_Source__c"), field("affiliate.id", "Tributary_Referred_By__c"), field("affiliate.name", "Tributary_Referred_By_Name__c", cut(255)),
		field("customer.orders", "Tributary_Orders__c"), field("customer.lifetime_value", "Tributary_Lifetime_Value__c"), field("customer.refunded", "Tributary_Refunded__c"),
		field("customer.currency", "Tributary_Currency__c"), field("customer.first_ordered_at", "Tributary_First_Order_At__c"), field("customer.last_ordered_at", "Tributary_Last_Order_At__c"),
		{Source: "customer.lifecycle_stage", Target: "Tributary_Lifecycle_Stage__c", Direction: mapping.In},
		{Source: "customer.segment", Target: "Tributary_Segment__c", Direction: mapping.Both},
	},
	connect.KindAffiliate: {
		field("affiliate.email", fieldEmail), field("affiliate.name", fieldLastName, cut(80)), field("affiliate.status", "Tributary_Affiliate_Status__c"),
	},
	connect.KindDeal: {
		field("conversion.name", "Name", cut(120)), field("conversion.net", "Amount"), field("conversion.occurred_at", "CloseDate", mapping.Transform{Do: mapping.Day}),
		field("conversion.status", "StageName", stages), field("conversion.status", "Tributary_Status__c"), field("conversion.currency", "Tributary_Currency__c"),
		field("conversion.external_id", "Tributary_Order__c", cut(255)), field("conversion.source", "Tributary_Source__c"), field("affiliate.id", "Tributary_Affiliate_Id__c"),
		field("affiliate.name", "Tributary_Affiliate_Name__c", cut(255)), field("conversion.refunded", "Tributary_Refunded__c"),
		field("program.name", "Tributary_Program__c", cut(255)), field("conversion.channel", "Tributary_Channel__c", cut(255)),
	},
}

// kinds say what a value of a type is.
var kinds = map[string]mapping.Kind{
	"string": mapping.Text, "textarea": mapping.Text, "email": mapping.Text, "phone": mapping.Text, "url": mapping.Text, "picklist": mapping.Text, "combobox": mapping.Text,
	"reference": mapping.Text, "date": mapping.Text, "encryptedstring": mapping.Text, "multipicklist": mapping.List,
	"double": mapping.Decimal, "currency": mapping.Decimal, "percent": mapping.Decimal, "int": mapping.Integer, "boolean": mapping.Boolean, "datetime": mapping.Instant,
}

// described is a field as Salesforce describes it to the app's user, who sees only what
// it may.
type described struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Length     int    `json:"length"`
	Scale      int    `json:"scale"`
	ExternalID bool   `json:"externalId"`
	Unique     bool   `json:"unique"`
	Createable bool   `json:"createable"`
	Updateable bool   `json:"updateable"`
	Restricted bool   `json:"restrictedPicklist"`
	Picks      []struct {
		Value  string `json:"value"`
		Active bool   `json:"active"`
	} `json:"picklistValues"`
}

// describe asks for the fields of an object, and keeps their types.
func (a asking) describe(object string) (map[string]described, error) {
	var out struct {
		Fields []described `json:"fields"`
	}
	a.ctx = egress.Long(a.ctx)
	if err := a.ask(http.MethodGet, data+"/sobjects/"+object+"/describe", nil, &out); err != nil {
		return nil, err
	}
	all, types := map[string]described{}, map[string]string{}
	for _, f := range out.Fields {
		all[f.Name], types[f.Name] = f, f.Type
	}
	a.org.mu.Lock()
	a.org.types[object] = types
	a.org.mu.Unlock()
	return all, nil
}

func (f described) slot() mapping.Slot {
	slot := mapping.Slot{Kind: kinds[f.Type], Locked: !f.Createable || !f.Updateable}
	switch {
	case f.Type == "double" && f.Scale == 0:
		slot.Kind = mapping.Integer
	case slot.Kind == mapping.Text:
		slot.Most = f.Length
	}
	for _, p := range f.Picks {
		if f.Restricted && p.Active {
			slot.Values = append(slot.Values, p.Value)
		}
	}
	return slot
}

// Fields asks the org about the named fields. Those it does not have, or does not show to
// the app's user, are left out.
func (p Provider) Fields(ctx context.Context, call connect.Call, account string, c connect.Credentials, k connect.Kind, names []string) (map[string]mapping.Slot, error) {
	_, all := p.Defaults(k)
	if !slices.ContainsFunc(names, func(name string) bool { _, known := all[name]; return !known }) {
		return all, nil
	}
	there, err := p.asking(ctx, call, account, c).describe(objects[k])
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		f, has := there[name]
		if _, known := all[name]; !known && has && kinds[f.Type] != "" {
			all[name] = f.slot()
		}
	}
	return all, nil
}

// Prepare looks whether the fields of ours are there and may be written: the org's
// people make them, with metadata/. Errors: Unprepared names one that is missing.
func (p Provider) Prepare(ctx context.Context, call connect.Call, account string, c connect.Credentials) error {
	a := p.asking(ctx, call, account, c)
	var lacks []string
	for _, object := range []string{contact, opportunity} {
		there, err := a.describe(object)
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(ours[object])) {
			f, has := there[name]
			if !has || !f.Createable || !f.Updateable || isKey(object, name) && (!f.ExternalID || !f.Unique) {
				lacks = append(lacks, object+"."+name)
			}
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return connect.Unprepared(fmt.Sprintf("deploy the package: %d fields are missing or locked, first %s", len(lacks), strings.Join(lacks[:1], "")))
}

func isKey(object, name string) bool {
	for k, key := range keys {
		if objects[k] == object && key == name {
			return true
		}
	}
	return false
}
