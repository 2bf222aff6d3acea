package money_test

import (
	"errors"
	"testing"

	oracle "github.com/bojanz/currency"

	"github.com/tributary/tributary/internal/money"
)

func TestQ18_ExponentsByHand(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{
		"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0, "XOF": 0, "UGX": 0, "UYI": 0,
		"USD": 2, "EUR": 2, "GBP": 2, "INR": 2, "HUF": 2, "TWD": 2, "MGA": 2, "MRU": 2, "XAD": 2, "XCG": 2, "ZWG": 2, "BGN": 2,
		"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
		"CLF": 4, "UYW": 4,
	} {
		c, err := money.ParseCurrency(code)
		if err != nil || string(c) != code || c.Exponent() != want {
			t.Errorf("%s: %q with exponent %d, %v, want %d", code, c, c.Exponent(), err, want)
		}
	}
}

// TestQ18_TableAgreesWithCLDR holds the table against one that others keep.
func TestQ18_TableAgreesWithCLDR(t *testing.T) {
	t.Parallel()
	known := oracle.GetCurrencyCodes()
	if len(known) < 160 {
		t.Fatalf("the oracle knows only %d currencies", len(known))
	}
	for _, code := range known {
		digits, _ := oracle.GetDigits(code)
		c, err := money.ParseCurrency(code)
		if err != nil || c.Exponent() != int(digits) {
			t.Errorf("%s: exponent %d, %v, oracle says %d", code, c.Exponent(), err, digits)
		}
	}
	accepted := 0
	for _, code := range everyCode() {
		if _, err := money.ParseCurrency(code); err != nil {
			continue
		}
		accepted++
		if !oracle.IsValid(code) && code != "BGN" {
			t.Errorf("%s is unknown to the oracle", code)
		}
	}
	if want := len(known) + 1; accepted != want { // + BGN
		t.Errorf("%d currencies accepted, want %d", accepted, want)
	}
}

func TestQ19_UnknownCurrencyIsRefused(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"", "usd", "Usd", "US", "USDT", " USD", "USD ", "BTC", "XXX", "XTS", "XAU", "XDR", "HRK", "DEM", "ZWL", "ÜSD"} {
		if c, err := money.ParseCurrency(code); !errors.Is(err, money.ErrUnknownCurrency) || c != "" {
			t.Errorf("%q is accepted as %q, %v", code, c, err)
		}
		if m, err := money.Parse("1", code); !errors.Is(err, money.ErrUnknownCurrency) || m != (money.Money{}) {
			t.Errorf("an amount of %q is %v, %v", code, m, err)
		}
	}
}

// everyCode gives AAA to ZZZ.
func everyCode() []string {
	codes := make([]string, 0, 26*26*26)
	for n := range 26 * 26 * 26 {
		codes = append(codes, string([]byte{'A' + byte(n/676), 'A' + byte(n/26%26), 'A' + byte(n%26)}))
	}
	return codes
}
