package rail_test

import (
	"errors"
	"testing"

	"github.com/tributary/tributary/pay/rail"
)

// The good IBANs are the examples of the registry's own pages.
func TestDetailsAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, fault string }{
		{"iban", "DE89370400440532013000", ""},
		{"iban", "gb29 nwbk 6016 1331 9268 19", ""},
		{"iban", "NO9386011117947", ""},
		{"iban", "MT84MALT011000012345MTLCAST001S", ""},
		{"iban", "DE88370400440532013000", "iban"},
		{"iban", "DE89370400440532013001", "iban"},
		{"iban", "DE89370400440532010300", "iban"}, // two digits changed places
		{"iban", "=cmd()", "iban"},
		{"iban", "DE89", "iban"},
		{"iban", "", "iban"},
		{"iban", "DE8937040044053201３000", "iban"},
		{"bic", "DEUTDEFF", ""},
		{"bic", "deutdeff500", ""},
		{"bic", "DEUTDEFF5", "bic"},
		{"bic", "DEUT00FF", "bic"},
		{"intermediary_bic", "=1+1", "intermediary_bic"},
		{"email", "ada@example.org", ""},
		{"ibam", "DE89370400440532013000", "ibam"},
	} {
		err := rail.Check(map[string]string{"holder": "Ada", c.name: c.value})
		f, _ := errors.AsType[rail.Fault](err)
		if f.Detail != c.fault || (err == nil) != (c.fault == "") {
			t.Errorf("%s %q: %v, want a fault at %q", c.name, c.value, err, c.fault)
		}
	}
}
