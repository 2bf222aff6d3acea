package graph

import (
	"fmt"
	"strconv"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track/order"
)

// fields turns custom fields of the API into the rooms'.
func (f *faults) fields(path string, in []*model.CustomFieldInput) (out []facts.Field) {
	for i, one := range in {
		var values []facts.Field
		if one.Text != nil {
			values = append(values, facts.Field{Kind: facts.Text, Value: *one.Text})
		}
		if one.Number != nil {
			values = append(values, facts.Field{Kind: facts.Number, Value: *one.Number})
		}
		if one.Boolean != nil {
			values = append(values, facts.Field{Kind: facts.Boolean, Value: strconv.FormatBool(*one.Boolean)})
		}
		if len(values) != 1 {
			f.all = append(f.all, problem.At(problem.Invalid, fmt.Sprintf("%s.%d", path, i), "must say one of text, number and boolean"))
			continue
		}
		values[0].Name = one.Name
		out = append(out, values[0])
	}
	return out
}

// place maps what only terms look at.
func (f *faults) place(o *order.Order, in model.ConversionRecordInput) {
	o.Country, o.Channel, o.Fields = or(in.Country, ""), or(in.Channel, ""), f.fields("fields", in.Fields)
	if in.Device != nil && *in.Device != conversion.DeviceUNKNOWN {
		o.Device = order.Device(*in.Device)
	}
	if in.Customer != nil {
		o.Customer.Fields = f.fields("customer.fields", in.Customer.Fields)
	}
}

func mapAffiliateUpdate(in model.AffiliateUpdateInput) (roster.AffiliateUpdateInput, error) {
	var f faults
	out := roster.AffiliateUpdateInput{ID: in.ID, Name: in.Name, GroupID: in.GroupID, ParentID: in.ParentID, PayoutCurrency: in.PayoutCurrency, ExpectedVersion: in.ExpectedVersion}
	if in.Fields != nil {
		fields := f.fields("fields", in.Fields)
		out.Fields = &fields
	}
	return out, f.err()
}

// showFields turns custom fields of a row into the API's.
func showFields(packed map[string]string) []*model.CustomField {
	out := []*model.CustomField{}
	for _, f := range facts.Unpack(packed) {
		out = append(out, &model.CustomField{Name: f.Name, Kind: model.CustomFieldKind(f.Kind), Value: f.Value})
	}
	return out
}

func devices(in []conversion.Device) (out []string) {
	for _, d := range in {
		out = append(out, string(d))
	}
	return out
}

func showDevices(in []string) []conversion.Device {
	out := make([]conversion.Device, 0, len(in))
	for _, d := range in {
		out = append(out, conversion.Device(d))
	}
	return out
}

func fieldTests(in []*model.PlanFieldTestInput) (out []plan.FieldTest) {
	for _, t := range in {
		out = append(out, plan.FieldTest{Of: plan.FieldOf(t.Of), Name: t.Name, Kind: facts.Kind(t.Kind), Compare: plan.Comparison(t.Compare), Values: t.Values})
	}
	return out
}

func showFieldTests(in []plan.FieldTest) []*model.PlanFieldTest {
	out := make([]*model.PlanFieldTest, 0, len(in))
	for _, t := range in {
		out = append(out, &model.PlanFieldTest{Of: model.PlanFieldOf(t.Of), Name: t.Name, Kind: model.CustomFieldKind(t.Kind), Compare: model.PlanComparison(t.Compare), Values: t.Values})
	}
	return out
}
