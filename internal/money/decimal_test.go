package money_test

import (
	"errors"
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/money"
)

func TestQ18_ParseByHand(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		amount, currency string
		minor            int64
		text             string
	}{
		{"12.34", "USD", 1234, "12.34 USD"},
		{"12.3", "USD", 1230, "12.30 USD"},
		{"12", "USD", 1200, "12.00 USD"},
		{"-0.05", "USD", -5, "-0.05 USD"},
		{"-0", "USD", 0, "0.00 USD"},
		{"007.10", "USD", 710, "7.10 USD"},
		{"12.340000", "USD", 1234, "12.34 USD"},
		{"1234", "JPY", 1234, "1234 JPY"},
		{"10.00", "JPY", 10, "10 JPY"}, // zeros beyond the exponent change nothing
		{"0.005", "KWD", 5, "0.005 KWD"},
		{"1.5", "KWD", 1500, "1.500 KWD"},
		{"0.0001", "CLF", 1, "0.0001 CLF"},
		{"-38.1234", "CLF", -381234, "-38.1234 CLF"},
		{"92233720368547758.07", "USD", math.MaxInt64, "92233720368547758.07 USD"}, // 2^63 − 1
		{"-92233720368547758.07", "USD", -math.MaxInt64, "-92233720368547758.07 USD"},
		{"922337203685477.5807", "CLF", math.MaxInt64, "922337203685477.5807 CLF"},
		{strings.Repeat("0", 500) + "1", "JPY", 1, "1 JPY"},
	} {
		m, err := money.Parse(row.amount, row.currency)
		if err != nil || m.Minor != row.minor || m.String() != row.text {
			t.Errorf("%s %s: %d, %q, %v", row.amount, row.currency, m.Minor, m, err)
		}
	}
}

func TestQ22_ParseRefuses(t *testing.T) {
	t.Parallel()
	for want, rows := range map[error][]string{
		money.ErrSyntax: {"", "-", ".", "-.", ".5", "5.", "-.5", "+1", "--1", "1-", " 1", "1 ", "1\n", "1,5", "1.000,00",
			"1,000.00", "1.2.3", "1e3", "1E3", "0x10", "1_000", "NaN", "Inf", "٣", "1.5 USD", "$1", "1.-5", "−1"},
		money.ErrPrecision: {"1.234", "0.001", "-0.005", "1.0000001", "99999999999999999999.001"},
		money.ErrRange: {"92233720368547758.08", "-92233720368547758.08", "92233720368547759", "99999999999999999999",
			strings.Repeat("9", 10_000)},
	} {
		for _, amount := range rows {
			if m, err := money.Parse(amount, "USD"); !errors.Is(err, want) || m != (money.Money{}) {
				t.Errorf("%.40q: %v, %v, want %v", amount, m, err, want)
			}
		}
	}
	if _, err := money.Parse("10.50", "JPY"); !errors.Is(err, money.ErrPrecision) {
		t.Errorf("half a yen: %v", err)
	}
}

func TestDecimalOfTheLowestInteger(t *testing.T) {
	t.Parallel()
	if got := money.Of(math.MinInt64, "KWD").Decimal(); got != "-9223372036854775.808" {
		t.Errorf("Decimal() = %s", got)
	}
	if got := (money.Money{}).Decimal(); got != "0" {
		t.Errorf("the zero value is %q", got)
	}
}

// samples has two currencies of each exponent.
var samples = []money.Currency{"JPY", "KRW", "USD", "EUR", "KWD", "TND", "CLF", "UYW"}

func TestQ18_DecimalRoundTrip(t *testing.T) {
	t.Parallel()
	exponents, signs := map[int]int{}, map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(samples).Draw(t, "currency")
		m := money.Of(rapid.Int64Min(-math.MaxInt64).Draw(t, "minor"), c)
		exponents[c.Exponent()]++
		signs[m.IsNegative()]++
		zeros := strings.Repeat("0", rapid.IntRange(0, 3).Draw(t, "zeros"))
		if c.Exponent() == 0 && zeros != "" {
			zeros = "." + zeros
		}
		for _, text := range []string{m.Decimal(), m.Decimal() + zeros} {
			if back, err := money.Parse(text, string(c)); err != nil || back != m {
				t.Fatalf("%v was read from %s as %v, %v", m, text, back, err)
			}
		}
	})
	for _, e := range []int{0, 2, 3, 4} {
		if exponents[e] == 0 {
			t.Errorf("exponent %d was not drawn: %v", e, exponents)
		}
	}
	if signs[true] == 0 || signs[false] == 0 {
		t.Errorf("one sign only: %v", signs)
	}
}

var plain = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?\z`)

// FuzzParse judges every answer of Parse by exact rationals.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"12.34", "-0.005", "10.00", "92233720368547758.08", "1e3", ".5", "00.10"} {
		for i := range samples {
			f.Add(s, uint(i))
		}
	}
	f.Fuzz(func(t *testing.T, amount string, pick uint) {
		c := samples[pick%uint(len(samples))]
		m, err := money.Parse(amount, string(c))
		if want := judge(amount, c.Exponent()); !errors.Is(err, want) {
			t.Fatalf("Parse(%q, %s) = %v, %v, want %v", amount, c, m, err, want)
		}
		if err != nil {
			return
		}
		if scaled(amount, c.Exponent()).Cmp(new(big.Rat).SetInt64(m.Minor)) != 0 {
			t.Fatalf("Parse(%q, %s) = %d minor units", amount, c, m.Minor)
		}
		if again, err := money.Parse(m.Decimal(), string(c)); err != nil || again != m {
			t.Fatalf("%v came back as %v, %v", m, again, err)
		}
	})
}

// judge says which error amount deserves.
func judge(amount string, exponent int) error {
	if !plain.MatchString(amount) {
		return money.ErrSyntax
	}
	minor := scaled(amount, exponent)
	if !minor.IsInt() {
		return money.ErrPrecision
	}
	if minor.Num().CmpAbs(big.NewInt(math.MaxInt64)) > 0 {
		return money.ErrRange
	}
	return nil
}

// scaled gives amount·10^exponent exactly.
func scaled(amount string, exponent int) *big.Rat {
	r, _ := new(big.Rat).SetString(amount)
	shift := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exponent)), nil)
	return r.Mul(r, new(big.Rat).SetInt(shift))
}
