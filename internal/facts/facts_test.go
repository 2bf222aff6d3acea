package facts_test

import (
	"reflect"
	"testing"

	"github.com/tributary/tributary/internal/facts"
)

func TestC06_CountriesAreCodesInCapitals(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{"US": true, "GB": true, "ZW": true, "AD": true, "UK": false, "us": false, "": false, "D ": false, "E D": false, "USA": false, "EU": false} {
		if facts.Country(code) != want {
			t.Errorf("%q is a country: %t", code, !want)
		}
	}
}

func TestC08_DecimalsAreComparedToTheLastDigit(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{"0": 0, "-0": 0, "1": 1_000_000, "1.5": 1_500_000, "-2.000001": -2_000_001, "007.10": 7_100_000, "999999999999.999999": 999_999_999_999_999_999} {
		if got, ok := facts.Decimal(s); !ok || got != want {
			t.Errorf("%q is %d, %t; want %d", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "-", ".5", "5.", "1e3", "+1", " 1", "1.0000001", "1000000000000", "1,5", "--1", "0x1"} {
		if got, ok := facts.Decimal(s); ok {
			t.Errorf("%q is read as %d", s, got)
		}
	}
}

func TestC08_FieldsHaveOneForm(t *testing.T) {
	t.Parallel()
	in := []facts.Field{{Name: "score", Kind: facts.Number, Value: "-007.50"}, {Name: "club", Kind: facts.Text, Value: "gold"}, {Name: "vip", Kind: facts.Boolean, Value: "true"}, {Name: "none", Kind: facts.Number, Value: "-0.0"}, {Name: "empty", Kind: facts.Text}}
	want := []facts.Field{{Name: "club", Kind: facts.Text, Value: "gold"}, {Name: "empty", Kind: facts.Text}, {Name: "none", Kind: facts.Number, Value: "0"}, {Name: "score", Kind: facts.Number, Value: "-7.5"}, {Name: "vip", Kind: facts.Boolean, Value: "true"}}
	if got := facts.Unpack(facts.Pack(in)); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if facts.Pack(nil) != nil || facts.Unpack(nil) != nil {
		t.Error("no fields are something")
	}
	for _, bad := range []facts.Field{{Kind: facts.Number, Value: "a"}, {Kind: facts.Boolean, Value: "yes"}, {Kind: facts.Text, Value: "\xff"}, {Kind: "DATE", Value: "2026-01-01"}, {Value: "x"}} {
		if bad.Kind.Fault(bad.Value) == "" {
			t.Errorf("%+v has no fault", bad)
		}
	}
}
