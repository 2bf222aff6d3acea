package plan_test

import (
	"strings"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/facts"
)

func when(c plan.Condition) plan.Version {
	r := percent("1", plan.LevelProgram, "", "10")
	r.When = &c
	return version(r)
}

func tested(t plan.FieldTest) plan.Condition { return plan.Condition{Fields: []plan.FieldTest{t}} }

func TestC06_C08_WhatAConditionOnFactsMustSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want string
		when plan.Condition
	}{
		{"", plan.Condition{Countries: []string{"DE"}, Devices: []string{"TABLET"}, Channels: []string{"app"}, Categories: []string{"Mugs"}}},
		{"", tested(plan.FieldTest{Of: plan.OfCustomer, Name: "vip", Kind: facts.Boolean, Compare: plan.Is, Values: []string{"true"}})},
		{"INVALID rules.0.when.countries.1", plan.Condition{Countries: []string{"DE", "UK"}}},
		{"INVALID rules.0.when.not.devices.0", plan.Condition{Not: &plan.Condition{Devices: []string{"UNKNOWN"}}}},
		{"INVALID rules.0.when.channels.0", plan.Condition{Channels: []string{""}}},
		{"INVALID rules.0.when.fields.0.of", tested(plan.FieldTest{Of: "SHOP", Name: "a", Kind: facts.Text, Compare: plan.Is, Values: []string{"x"}})},
		{"", tested(plan.FieldTest{Of: plan.OfProfile, Name: "lifecycle_stage", Kind: facts.Text, Compare: plan.OneOf, Values: []string{"lead", "customer"}})},
		{"INVALID rules.0.when.fields.0.name", tested(plan.FieldTest{Of: plan.OfProfile, Name: "segments", Kind: facts.Text, Compare: plan.Is, Values: []string{"vip"}})},
		{"INVALID rules.0.when.fields.0.kind", tested(plan.FieldTest{Of: plan.OfProfile, Name: "segment", Kind: facts.Boolean, Compare: plan.Is, Values: []string{"true"}})},
		{"INVALID rules.0.when.fields.0.name", tested(plan.FieldTest{Of: plan.OfOrder, Name: "a b", Kind: facts.Text, Compare: plan.Is, Values: []string{"x"}})},
		{"INVALID rules.0.when.fields.0.compare", tested(plan.FieldTest{Of: plan.OfOrder, Name: "a", Kind: facts.Text, Compare: plan.AtLeast, Values: []string{"x"}})},
		{"INVALID rules.0.when.fields.0.compare", tested(plan.FieldTest{Of: plan.OfOrder, Name: "a", Kind: facts.Text, Compare: "LIKE", Values: []string{"x"}})},
		{"INVALID rules.0.when.fields.0.values", tested(plan.FieldTest{Of: plan.OfOrder, Name: "a", Kind: facts.Text, Compare: plan.Is, Values: []string{"x", "y"}})},
		{"INVALID rules.0.when.fields.0.values.1", tested(plan.FieldTest{Of: plan.OfOrder, Name: "a", Kind: facts.Number, Compare: plan.OneOf, Values: []string{"1", "1e3"}})},
	} {
		var got []string
		for _, f := range when(c.when).Validate() {
			got = append(got, string(f.Code)+" "+strings.Join(f.Field, "."))
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%+v: %q, want %q", c.when, s, c.want)
		}
	}
}

// A trace keeps of the facts only those that rules look at, and of an affiliate's
// fields those of everybody with credit.
func TestC08_N11_OnlyFactsThatRulesLookAtAreKept(t *testing.T) {
	t.Parallel()
	in := order("USD", 1000)
	in.Country, in.Device, in.Channel, in.Lines[0].Category = "DE", "MOBILE", "app", "Mugs"
	for _, name := range []string{"a", "b"} {
		in.Fields = append(in.Fields, plan.Field{Of: plan.OfOrder, Field: facts.Field{Name: name, Kind: facts.Text, Value: "x"}})
	}
	plain := evaluate(t, version(percent("1", plan.LevelProgram, "", "10")), order("USD", 1000))
	if r := evaluate(t, version(percent("1", plan.LevelProgram, "", "10")), in); string(r.Trace.Encode()) != string(plain.Trace.Encode()) {
		t.Error("facts that no rule looks at are in the trace")
	}
	r := evaluate(t, when(tested(plan.FieldTest{Of: plan.OfOrder, Name: "b", Kind: facts.Text, Compare: plan.Is, Values: []string{"x"}})), in)
	kept := r.Trace.Input
	if len(kept.Fields) != 1 || kept.Fields[0].Name != "b" || kept.Country+kept.Device+kept.Channel+kept.Lines[0].Category != "" || r.Amount.Minor != 100 {
		t.Errorf("%+v", kept)
	}
	if len(in.Fields) != 2 || in.Fields[0].Name != "a" {
		t.Errorf("the caller's input has become %+v", in.Fields)
	}
}
