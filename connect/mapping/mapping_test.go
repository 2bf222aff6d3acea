package mapping_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/connect/mapping"
)

var catalogue = mapping.Catalogue{
	Ours: map[string]mapping.Slot{
		"customer.referred_customer_id": {Kind: mapping.Text}, "customer.segment": {Kind: mapping.Text}, "customer.lifetime_minor": {Kind: mapping.Integer},
		"customer.created_at": {Kind: mapping.Instant, Locked: true}, "customer.tags": {Kind: mapping.List}, "customer.consent": {Kind: mapping.Boolean},
	},
	Theirs: map[string]mapping.Slot{
		"lead_source": {Kind: mapping.Text, Most: 40}, "stage": {Kind: mapping.Text, Values: []string{"lead", "customer"}}, "ltv": {Kind: mapping.Decimal},
		"since": {Kind: mapping.Text}, "labels": {Kind: mapping.Text}, "opt_in": {Kind: mapping.Boolean}, "id": {Kind: mapping.Text, Locked: true},
	},
}

const whole = `{"fields":[
	{"source":"customer.referred_customer_id","target":"lead_source","direction":"BOTH","transforms":[{"do":"PREFIX","text":"affiliate:"}],"required":true},
	{"source":"customer.segment","target":"stage","direction":"BOTH","transforms":[{"do":"TABLE","table":{"NEW":"lead","BUYER":"customer"}}],"default":"lead"},
	{"source":"customer.lifetime_minor","target":"ltv","direction":"BOTH","transforms":[{"do":"SHIFT","places":2}]},
	{"source":"customer.created_at","target":"since","direction":"OUT","transforms":[{"do":"DAY"},{"do":"CUT","places":7}]},
	{"source":"customer.tags","target":"labels","direction":"BOTH","transforms":[{"do":"JOIN","text":";"}]},
	{"source":"customer.consent","target":"opt_in","direction":"IN"}]}`

func decoded(t *testing.T, text string) mapping.Document {
	t.Helper()
	d, err := mapping.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The pair of the brief: who referred the customer is the lead's source, and back.
func TestS27_ReferredCustomerIsTheLeadSource(t *testing.T) {
	t.Parallel()
	d := decoded(t, whole)
	if faults := mapping.Check(d, catalogue); len(faults) > 0 {
		t.Fatal(faults)
	}
	ours := mapping.Record{
		"customer.referred_customer_id": "cus_1", "customer.segment": "BUYER", "customer.lifetime_minor": int64(-5),
		"customer.created_at": time.Date(2026, 3, 2, 23, 30, 0, 0, time.FixedZone("", -3600)), "customer.tags": []string{"a", "b"}, "customer.consent": true,
	}
	theirs := mapping.Record{"lead_source": "affiliate:cus_1", "stage": "customer", "ltv": "-0.05", "since": "2026-03", "labels": "a;b"}
	got, faults := mapping.Apply(d, catalogue, mapping.Out, ours)
	if len(faults) > 0 || !reflect.DeepEqual(got, theirs) {
		t.Errorf("out: %v, %v", got, faults)
	}
	theirs["opt_in"] = true
	got, faults = mapping.Apply(d, catalogue, mapping.In, theirs)
	delete(ours, "customer.created_at")
	if len(faults) > 0 || !reflect.DeepEqual(got, ours) {
		t.Errorf("back: %v, %v", got, faults)
	}
}

func TestS27_AWrongMapIsRefusedByItsPath(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ fields, want string }{
		{`{"source":"customer.age","target":"stage","direction":"OUT"}`, "fields.0.source"},
		{`{"source":"customer.segment","target":"color","direction":"OUT"}`, "fields.0.target"},
		{`{"source":"customer.segment","target":"stage","direction":"UP"}`, "fields.0.direction"},
		{`{"source":"customer.segment","target":"id","direction":"OUT"}`, "fields.0.target"},
		{`{"source":"customer.created_at","target":"since","direction":"BOTH","transforms":[{"do":"DAY"}]}`, "fields.0.source fields.0.transforms.0.do"},
		{`{"source":"customer.lifetime_minor","target":"lead_source","direction":"OUT"}`, "fields.0.target"},
		{`{"source":"customer.segment","target":"stage","direction":"OUT","transforms":[{"do":"TRIM"},{"do":"SHIFT","places":2}]}`, "fields.0.transforms.1.do"},
		{`{"source":"customer.segment","target":"stage","direction":"BOTH","transforms":[{"do":"LOWER"}]}`, "fields.0.transforms.0.do"},
		{`{"source":"customer.segment","target":"stage","direction":"BOTH","transforms":[{"do":"TABLE","table":{"A":"lead","B":"lead"}}]}`, "fields.0.transforms.0.do"},
		{`{"source":"customer.segment","target":"stage","direction":"OUT","transforms":[{"do":"GUESS"}]}`, "fields.0.transforms.0.do"},
		{`{"source":"customer.segment","target":"stage","direction":"OUT","transforms":[{"do":"CUT"}]}`, "fields.0.transforms.0.do"},
		{`{"source":"customer.segment","target":"stage","direction":"OUT","default":"other"}`, "fields.0.default"},
		{`{"source":"customer.lifetime_minor","target":"ltv","direction":"OUT","transforms":[{"do":"SHIFT"}],"default":"1,5"}`, "fields.0.default"},
		{`{"source":"customer.segment","target":"stage","direction":"OUT"},{"source":"customer.referred_customer_id","target":"stage","direction":"OUT"}`, "fields.1.target"},
		{`{"source":"customer.segment","target":"stage","direction":"IN"},{"source":"customer.segment","target":"lead_source","direction":"IN"}`, "fields.1.source"},
	} {
		var at []string
		for _, f := range mapping.Check(decoded(t, `{"fields":[`+row.fields+`]}`), catalogue) {
			at = append(at, strings.Join(f.Field, "."))
		}
		if got := strings.Join(at, " "); got != row.want {
			t.Errorf("%s: refused at %q, want %q", row.fields, got, row.want)
		}
	}
	for _, text := range []string{``, `{"fields":[{"surce":"a"}]}`, `{"fields":[]} {}`, `[]`} {
		if _, err := mapping.Decode([]byte(text)); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

// A value that does not fit stops itself alone, is named, and is not shown.
func TestS27_APreviewShowsWhatFitsAndWhatDoesNot(t *testing.T) {
	t.Parallel()
	d := decoded(t, whole)
	var got []string
	for _, row := range mapping.Preview(d, catalogue, mapping.Out, mapping.Record{"customer.segment": "SECRET", "customer.lifetime_minor": "12", "customer.tags": []string{"a;b"}}) {
		got = append(got, fmt.Sprint(row.To, "=", row.After, " ", row.Fault))
	}
	want := "lead_source=<nil> is required, and there is no value|stage=<nil> the value is none that it takes|ltv=<nil> the value is not of the kind that the catalogue says|since=<nil> |labels=<nil> the value is none that it takes"
	if text := strings.Join(got, "|"); text != want {
		t.Errorf("preview %s", text)
	}
	out, faults := mapping.Apply(d, catalogue, mapping.Out, mapping.Record{"customer.referred_customer_id": strings.Repeat("x", 31), "customer.lifetime_minor": int64(7)})
	if !reflect.DeepEqual(out, mapping.Record{"stage": "lead", "ltv": "0.07"}) || len(faults) != 1 || strings.Contains(faults[0].Error(), "xxx") {
		t.Errorf("%v, %v", out, faults)
	}
	in, faults := mapping.Apply(d, catalogue, mapping.In, mapping.Record{"lead_source": "organic", "ltv": "1.005"})
	if len(in) != 0 || len(faults) != 2 {
		t.Errorf("%v, %v", in, faults)
	}
}

func TestS27_AMerchantsFieldsLieOverTheDefaults(t *testing.T) {
	t.Parallel()
	defaults := decoded(t, whole)
	own := mapping.Document{Fields: []mapping.Field{{Target: "ltv", Off: true}, {Source: "customer.segment", Target: "lead_source", Direction: mapping.Out}}}
	var got []string
	for _, f := range own.Over(defaults).Fields {
		got = append(got, f.Source+">"+f.Target)
	}
	if text := strings.Join(got, " "); text != "customer.segment>stage customer.created_at>since customer.tags>labels customer.consent>opt_in customer.segment>lead_source" {
		t.Error(text)
	}
}

// Whatever goes out by a field that goes both ways comes back as it was, or is
// refused.
func TestS27_WhatGoesOutComesBack(t *testing.T) {
	t.Parallel()
	d, seen := decoded(t, whole), map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		ours := mapping.Record{
			"customer.referred_customer_id": rapid.StringN(0, 20, -1).Draw(t, "id"), "customer.segment": rapid.SampledFrom([]string{"NEW", "BUYER", "GONE"}).Draw(t, "segment"),
			"customer.lifetime_minor": rapid.Int64().Draw(t, "minor"), "customer.tags": rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("ab;")), 0, 3, -1), 0, 3).Draw(t, "tags"),
		}
		out, _ := mapping.Apply(d, catalogue, mapping.Out, ours)
		back, _ := mapping.Apply(d, catalogue, mapping.In, out)
		for _, f := range d.Fields {
			if _, went := out[f.Target]; !went || f.Direction != mapping.Both {
				continue
			}
			seen[f.Target]++
			if !reflect.DeepEqual(back[f.Source], ours[f.Source]) {
				t.Fatalf("%s: %#v came back as %#v", f.Source, ours[f.Source], back[f.Source])
			}
		}
	})
	for _, target := range []string{"lead_source", "stage", "ltv", "labels"} {
		if seen[target] < 20 {
			t.Errorf("the generator made %v", seen)
		}
	}
}
