package money_test

import (
	"errors"
	"testing"

	"github.com/tributary/tributary/internal/money"
)

func TestParseRateByHand(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		in   string
		rate money.Rate
		text string
		err  error
	}{
		{in: "12.5", rate: money.Rate{Num: 125, Scale: 1}, text: "12.5"},
		{in: "12.50", rate: money.Rate{Num: 125, Scale: 1}, text: "12.5"},
		{in: "100", rate: money.Rate{Num: 100}, text: "100"},
		{in: "100.0", rate: money.Rate{Num: 100}, text: "100"},
		{in: "0.000", text: "0"},
		{in: "-0.05", rate: money.Rate{Num: -5, Scale: 2}, text: "-0.05"},
		{in: "0.000000000001", rate: money.Rate{Num: 1, Scale: 12}, text: "0.000000000001"},
		{in: "1.0000000000000000", rate: money.Rate{Num: 1}, text: "1"},
		{in: "0.0000000000001", err: money.ErrPrecision}, // 13 digits
		{in: "9223372.036854775807", rate: money.Rate{Num: most, Scale: 12}, text: "9223372.036854775807"},
		{in: "9223372.036854775808", err: money.ErrRange},
		{in: "", err: money.ErrSyntax}, {in: ".5", err: money.ErrSyntax}, {in: "5.", err: money.ErrSyntax},
		{in: "5%", err: money.ErrSyntax}, {in: "1e2", err: money.ErrSyntax}, {in: "1.2345678901234x", err: money.ErrSyntax},
	} {
		got, err := money.ParseRate(row.in)
		if got != row.rate || !errors.Is(err, row.err) || err == nil && got.String() != row.text {
			t.Errorf("ParseRate(%q) = %#v %q, %v", row.in, got, got, err)
		}
	}
}

func TestQ15_PercentAndTimesByHand(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ amount, currency, rate, percent, times string }{
		{"12.34", "USD", "10", "1.23", "123.40"},          // 123.4 cents
		{"12.35", "USD", "10", "1.24", "123.50"},          // 123.5 cents
		{"-12.35", "USD", "10", "-1.24", "-123.50"},       // −123.5 cents
		{"999", "JPY", "12.5", "125", "12488"},            // 124.875 and 12487.5 yen
		{"1.005", "KWD", "50", "0.503", "50.250"},         // 502.5 fils
		{"1.0000", "CLF", "33.3333", "0.3333", "33.3333"}, // 3333.33
		{"0.01", "USD", "0.5", "0.00", "0.01"},            // 0.005 and 0.5 cents
		{"0.01", "USD", "-0.5", "0.00", "-0.01"},          // −0.005 and −0.5 cents
		{"80.00", "EUR", "0", "0.00", "0.00"},
		{"80.00", "EUR", "7.25", "5.80", "580.00"},
	} {
		m, err := money.Parse(row.amount, row.currency)
		if err != nil {
			t.Fatal(err)
		}
		rate, err := money.ParseRate(row.rate)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := m.Percent(rate); err != nil || got.String() != row.percent+" "+row.currency {
			t.Errorf("%v percent of %v = %v, %v, want %s", rate, m, got, err, row.percent)
		}
		if got, err := m.Times(rate); err != nil || got.String() != row.times+" "+row.currency {
			t.Errorf("%v × %v = %v, %v, want %s", m, rate, got, err, row.times)
		}
	}
}

func TestRateOutOfRange(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		minor int64
		rate  money.Rate
	}{
		"product too large": {most, money.Rate{Num: 1000}},
		"scale too large":   {1, money.Rate{Num: 1, Scale: money.RateScale + 1}},
		"scale absurd":      {1, money.Rate{Num: 1, Scale: 255}},
	} {
		m := money.Of(row.minor, "USD")
		if got, err := m.Times(row.rate); !errors.Is(err, money.ErrRange) || got != (money.Money{}) {
			t.Errorf("%s: Times = %v, %v", name, got, err)
		}
		if got, err := m.Percent(row.rate); !errors.Is(err, money.ErrRange) || got != (money.Money{}) {
			t.Errorf("%s: Percent = %v, %v", name, got, err)
		}
	}
}
