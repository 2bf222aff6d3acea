package money_test

import (
	"errors"
	"math"
	"testing"

	"github.com/tributary/tributary/internal/money"
)

func TestAddAndSub(t *testing.T) {
	t.Parallel()
	const most = math.MaxInt64
	for _, row := range []struct {
		a, b, sum, diff int64
		sumErr, diffErr error
	}{
		{a: 0, b: 0, sum: 0, diff: 0},
		{a: 5, b: 3, sum: 8, diff: 2},
		{a: -5, b: 3, sum: -2, diff: -8},
		{a: 5, b: -3, sum: 2, diff: 8},
		{a: most, b: 0, sum: most, diff: most},
		{a: -most, b: 0, sum: -most, diff: -most},
		{a: most, b: most, sumErr: money.ErrRange, diff: 0},
		{a: most, b: -most, sum: 0, diffErr: money.ErrRange},
		{a: most, b: 1, sumErr: money.ErrRange, diff: most - 1},
		{a: -most, b: 1, sum: -most + 1, diffErr: money.ErrRange}, // −(2^63−1)−1 = −2^63 has no negative
		{a: -most, b: -1, sumErr: money.ErrRange, diff: -most + 1},
		{a: math.MinInt64, b: 0, sumErr: money.ErrRange, diffErr: money.ErrRange},
		{a: 5, b: math.MinInt64, sum: math.MinInt64 + 5, diffErr: money.ErrRange},
		{a: 0, b: math.MinInt64, sumErr: money.ErrRange, diffErr: money.ErrRange},
	} {
		a, b := money.Of(row.a, "EUR"), money.Of(row.b, "EUR")
		sum, err := a.Add(b)
		check(t, "sum", row.a, row.b, sum, err, row.sum, row.sumErr)
		diff, err := a.Sub(b)
		check(t, "difference", row.a, row.b, diff, err, row.diff, row.diffErr)
	}
}

func check(t *testing.T, what string, a, b int64, got money.Money, err error, want int64, wantErr error) {
	t.Helper()
	expected := money.Of(want, "EUR")
	if wantErr != nil {
		expected = money.Money{}
	}
	if got != expected || !errors.Is(err, wantErr) {
		t.Errorf("%s of %d and %d: %v, %v, want %v, %v", what, a, b, got, err, expected, wantErr)
	}
}

func TestQ18_MixingCurrenciesIsAnError(t *testing.T) {
	t.Parallel()
	eur, jpy := money.Of(1, "EUR"), money.Zero("JPY")
	if _, err := eur.Add(jpy); !errors.Is(err, money.ErrMixed) {
		t.Errorf("Add: %v", err)
	}
	if _, err := eur.Sub(jpy); !errors.Is(err, money.ErrMixed) {
		t.Errorf("Sub: %v", err)
	}
	if _, err := eur.Cmp(jpy); !errors.Is(err, money.ErrMixed) {
		t.Errorf("Cmp: %v", err)
	}
}

func TestCmpSignAndNeg(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		a, b int64
		want int
	}{{1, 2, -1}, {2, 2, 0}, {3, 2, 1}, {-3, 2, -1}, {-math.MaxInt64, math.MaxInt64, -1}} {
		if got, err := money.Of(row.a, "EUR").Cmp(money.Of(row.b, "EUR")); err != nil || got != row.want {
			t.Errorf("Cmp(%d, %d) = %d, %v", row.a, row.b, got, err)
		}
	}
	for _, minor := range []int64{-7, 0, 7} {
		m := money.Of(minor, "EUR")
		if m.IsZero() != (minor == 0) || m.IsNegative() != (minor < 0) || m.Neg() != money.Of(-minor, "EUR") {
			t.Errorf("%v: zero %v, negative %v, neg %v", m, m.IsZero(), m.IsNegative(), m.Neg())
		}
	}
	if z := money.Zero("JPY"); z != money.Of(0, "JPY") {
		t.Errorf("Zero = %#v", z)
	}
}
