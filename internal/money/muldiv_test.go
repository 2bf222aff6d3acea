package money_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/money"
)

const (
	most  = math.MaxInt64
	least = math.MinInt64
)

func TestQ15_MulDivByHand(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		a, num, den, want int64
		err               error
	}{
		{a: 5, num: 1, den: 2, want: 3},   // 2.5
		{a: -5, num: 1, den: 2, want: -3}, // −2.5
		{a: 5, num: -1, den: 2, want: -3},
		{a: 5, num: 1, den: -2, want: -3},
		{a: -5, num: -1, den: 2, want: 3},
		{a: -5, num: -1, den: -2, want: -3},
		{a: 7, num: 1, den: 2, want: 4},             // 3.5
		{a: 1, num: 1, den: 3, want: 0},             // 0.33
		{a: 2, num: 1, den: 3, want: 1},             // 0.67
		{a: 12345, num: 125, den: 1000, want: 1543}, // 1543.125
		{a: 0, num: 9, den: 7, want: 0},
		{a: most, num: most, den: most, want: most},
		{a: most, num: 1, den: 2, want: 4611686018427387904}, // 4611686018427387903.5
		{a: least, num: 1, den: 2, want: -4611686018427387904},
		{a: least, num: 1, den: least, want: 1},
		{a: most, num: 2, den: 3, want: 6148914691236517205}, // 18446744073709551614/3 = …204.67
		{a: least, num: 1, den: 1, err: money.ErrRange},      // no amount: it has no negative
		{a: least, num: -1, den: 1, err: money.ErrRange},
		{a: most, num: 2, den: 1, err: money.ErrRange},
		{a: most, num: most, den: 1, err: money.ErrRange},
		{a: least, num: least, den: most, err: money.ErrRange},
		{a: 8198552921648689607, num: 9, den: 4, err: money.ErrRange}, // (4·2^64 − 1)/4 rounds to 2^64
		{a: 1, num: 1, den: 0, err: money.ErrRange},
		{a: 0, num: 0, den: 0, err: money.ErrRange},
	} {
		got, err := money.MulDiv(row.a, row.num, row.den)
		if got != row.want || !errors.Is(err, row.err) {
			t.Errorf("%d·%d/%d = %d, %v, want %d, %v", row.a, row.num, row.den, got, err, row.want, row.err)
		}
	}
}

// integer draws small numbers (for ties), any number, and the edges.
var integer = rapid.OneOf(
	rapid.Int64Range(-20, 20),
	rapid.Int64(),
	rapid.SampledFrom([]int64{least, least + 1, most, most - 1, 1 << 62, 1 << 32, -1 << 32}),
)

func TestQ15_MulDivIsExactAndOdd(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			a, num, den := integer.Draw(t, "a"), integer.Draw(t, "num"), integer.Draw(t, "den")
			want, kind := exact(a, num, den)
			seen[kind]++
			got, err := money.MulDiv(a, num, den)
			if (err != nil) != (kind == "out of range") || err == nil && got != want {
				t.Fatalf("%d·%d/%d = %d, %v, want %d (%s)", a, num, den, got, err, want, kind)
			}
			if a == least {
				continue
			}
			mirror, mirrorErr := money.MulDiv(-a, num, den)
			if mirror != -got || !errors.Is(mirrorErr, err) {
				t.Fatalf("f(%d) = %d, %v but f(%d) = %d, %v", a, got, err, -a, mirror, mirrorErr)
			}
		}
	})
	for _, kind := range []string{"whole", "tie", "up", "down", "out of range"} {
		if seen[kind] == 0 {
			t.Errorf("no case %q was drawn: %v", kind, seen)
		}
	}
}

// exact works a·num/den out with big integers and says how it was rounded.
func exact(a, num, den int64) (int64, string) {
	if den == 0 {
		return 0, "out of range"
	}
	product := new(big.Int).Mul(big.NewInt(a), big.NewInt(num))
	q, r := new(big.Int).QuoRem(product, big.NewInt(den), new(big.Int))
	kind := "whole"
	if r.Sign() != 0 {
		twice := new(big.Int).Lsh(r, 1)
		kind = [3]string{"down", "tie", "up"}[twice.CmpAbs(big.NewInt(den))+1]
	}
	if kind == "tie" || kind == "up" {
		q.Add(q, big.NewInt(int64(product.Sign()*big.NewInt(den).Sign())))
	}
	if q.CmpAbs(big.NewInt(most)) > 0 {
		return 0, "out of range"
	}
	return q.Int64(), kind
}
