package rates_test

import (
	"context"
	"errors"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/rates"
)

type file string

func (f file) File(context.Context) ([]byte, error) { return []byte(f), nil }

func rate(t testing.TB, text string) money.Rate {
	t.Helper()
	return storetest.Must[money.Rate](t)(money.ParseRate(text))
}

// Worked out by hand: amount ÷ from × to, rounded once.
func TestQ15Q18Q20ExchangeByHand(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ amount, from, fromRate, to, toRate, want string }{
		{"10.00", "USD", "1.25", "EUR", "1", "8.00"},            // 10 ÷ 1.25
		{"10.00", "EUR", "1", "JPY", "163.25", "1633"},          // 1632.5 away from zero
		{"-10.00", "EUR", "1", "JPY", "163.25", "-1633"},        // the same below zero
		{"1000", "JPY", "160", "USD", "1.08", "6.75"},           // 6.25 × 1.08
		{"1.00", "USD", "1.08", "KWD", "0.33", "0.306"},         // 0.30555… to three digits
		{"0.01", "USD", "1.08", "JPY", "160", "1"},              // 1.48…
		{"0.01", "USD", "4", "EUR", "1", "0.00"},                // 0.0025
		{"0.02", "USD", "4", "EUR", "1", "0.01"},                // 0.005
		{"123.45", "GBP", "0.85555", "USD", "1.0923", "157.61"}, // 157.6123…
	} {
		m := storetest.Must[money.Money](t)(money.Parse(row.amount, row.from))
		got, err := rates.Exchange(m, rate(t, row.fromRate), rate(t, row.toRate), money.Currency(row.to))
		if err != nil || got.Decimal() != row.want {
			t.Errorf("%s %s at %s to %s at %s: %v, %v, want %s", row.amount, row.from, row.fromRate, row.to, row.toRate, got, err, row.want)
		}
	}
	most := money.Of(1<<62, "EUR")
	if _, err := rates.Exchange(most, money.Rate{Num: 1}, rate(t, "163.25"), "USD"); problem.CodeOf(err) != problem.AmountRange {
		t.Errorf("out of range: %v", err)
	}
	if _, err := rates.Exchange(most, money.Rate{}, rate(t, "1"), "USD"); problem.CodeOf(err) != problem.Invalid {
		t.Errorf("no rate: %v", err)
	}
}

// Against rationals: never further off than half a minor unit, the same mirrored
// at zero, for every number of digits.
func TestQ15ExchangeAgreesWithRationals(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(20, 15))
	all := []money.Currency{"JPY", "USD", "KWD", "CLF"} // 0, 2, 3, 4 digits
	half := big.NewRat(1, 2)
	for range 20_000 {
		from, to := all[rng.IntN(4)], all[rng.IntN(4)]
		a := money.Rate{Num: 1 + rng.Int64N(1e7), Scale: uint8(rng.IntN(7))}
		b := money.Rate{Num: 1 + rng.Int64N(1e7), Scale: uint8(rng.IntN(7))}
		m := money.Of(rng.Int64N(1e6)-5e5, from)
		got, err := rates.Exchange(m, a, b, to)
		mirrored, err2 := rates.Exchange(m.Neg(), a, b, to)
		if errors.Join(err, err2) != nil || mirrored.Minor != -got.Minor {
			t.Fatalf("%v %v %v %v: %v %v, %v %v", m, a, b, to, got, mirrored, err, err2)
		}
		exact := new(big.Rat).SetInt64(m.Minor)
		exact.Mul(exact, scaled(b.Num, to.Exponent()-int(b.Scale))).Quo(exact, scaled(a.Num, from.Exponent()-int(a.Scale)))
		off := exact.Sub(exact, new(big.Rat).SetInt64(got.Minor))
		if off.Abs(off).Cmp(half) > 0 {
			t.Fatalf("%v at %v to %v at %v: %v is off by %v", m, a, to, b, got, off)
		}
	}
}

// scaled is n · 10^e.
func scaled(n int64, e int) *big.Rat {
	ten := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(e, -e))), nil))
	if e < 0 {
		ten.Inv(ten)
	}
	return ten.Mul(ten, new(big.Rat).SetInt64(n))
}

// Friday 27 February and Monday 2 March: the weekend goes by Friday.
func TestQ20TheLastDayBeforeOrNone(t *testing.T) {
	t.Parallel()
	s := rates.New(storetest.Open(t))
	out, err := s.Import(t.Context(), file("Date,USD,JPY\n2026-03-02,1.25,160\n2026-02-27,1.20,150\n"))
	if err != nil || out != (rates.Outcome{Added: 4, First: "2026-02-27", Last: "2026-03-02"}) {
		t.Fatalf("%+v, %v", out, err)
	}
	for at, want := range map[string]string{
		"2026-02-27T00:00:00Z": "2026-02-27 10.00", // 12 ÷ 1.20
		"2026-03-01T23:59:59Z": "2026-02-27 10.00",
		"2026-03-02T00:00:00Z": "2026-03-02 9.60", // 12 ÷ 1.25
		"2026-03-09T23:00:00Z": "2026-03-02 9.60",
		"2026-03-10T00:00:00Z": "NOT_FOUND", "2026-02-26T23:59:59Z": "NOT_FOUND",
	} {
		when := storetest.Must[time.Time](t)(time.Parse(time.RFC3339, at))
		c, err := s.Convert(t.Context(), money.Of(1200, "USD"), "EUR", when)
		if got := c.Day + " " + c.Amount.Decimal(); got != want && string(problem.CodeOf(err)) != want {
			t.Errorf("%s: %s, %v, want %s", at, got, err, want)
		}
	}
	monday := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	if c, err := s.Convert(t.Context(), money.Of(1600, "JPY"), "USD", monday); err != nil || c.Amount != money.Of(1250, "USD") || c.Source != rates.ECB { // 10 × 1.25
		t.Errorf("across the base: %+v, %v", c, err)
	}
	if c, err := s.Convert(t.Context(), money.Of(5, "CLF"), "CLF", monday); err != nil || c.Amount.Minor != 5 || c.Source != "" {
		t.Errorf("nothing to convert: %+v, %v", c, err)
	}
}

// A file again adds nothing; one that says something else is refused whole.
func TestQ20WhatWasPublishedStays(t *testing.T) {
	t.Parallel()
	s := rates.New(storetest.Open(t))
	history := "Date,USD\n"
	for day := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2021; day = day.AddDate(0, 0, 1) {
		history += day.Format(time.DateOnly) + ",1.1\n"
	}
	for i, want := range []rates.Outcome{{366, 0, "2020-01-01", "2020-12-31"}, {0, 366, "2020-01-01", "2020-12-31"}} {
		if out, err := s.Import(t.Context(), file(history)); err != nil || out != want {
			t.Errorf("%d: %+v, %v", i, out, err)
		}
	}
	_, err := s.Import(t.Context(), file("Date,USD\n2021-01-01,1.3\n2020-06-01,1.2\n"))
	if problem.CodeOf(err) != problem.Conflict || !strings.Contains(err.Error(), "USD of 2020-06-01 is kept as 1.1") {
		t.Errorf("%v", err)
	}
	if c, err := s.Convert(t.Context(), money.Of(110, "USD"), "EUR", time.Date(2021, 1, 3, 0, 0, 0, 0, time.UTC)); err != nil || c.Day != "2020-12-31" {
		t.Errorf("a refused file left rates behind: %+v, %v", c, err)
	}
	if _, err := s.Import(t.Context(), file("hello")); problem.CodeOf(err) != problem.Invalid {
		t.Errorf("no file of the bank: %v", err)
	}
}
