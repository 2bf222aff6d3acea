package money_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
)

func parts(weights ...int64) []money.Part {
	p := make([]money.Part, len(weights))
	for i, w := range weights {
		p[i] = money.Part{ID: string(rune('a' + i)), Weight: w}
	}
	return p
}

func TestN16_SplitByHand(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		total int64
		parts []money.Part
		want  []int64
	}{
		{100, parts(1, 1, 1), []int64{34, 33, 33}},                             // 33⅓ each; a is first
		{100, []money.Part{{"c", 1}, {"a", 1}, {"b", 1}}, []int64{33, 34, 33}}, // the id decides, not the place
		{-100, parts(1, 1, 1), []int64{-34, -33, -33}},                         // the mirror
		{1000, parts(50, 30, 20), []int64{500, 300, 200}},                      // exact
		{101, parts(1, 2), []int64{34, 67}},                                    // 33⅔ and 67⅓
		{10, parts(1, 1, 1, 1, 1, 1, 1), []int64{2, 2, 2, 1, 1, 1, 1}},         // 1 3/7 each, 3 left over
		{5, parts(0, 1), []int64{0, 5}},                                        // no weight, no share
		{1, parts(1, 1), []int64{1, 0}},                                        // ½ each
		{2, parts(3, 3, 1), []int64{1, 1, 0}},                                  // 6/7, 6/7, 2/7
		{most, parts(1, 1), []int64{4611686018427387904, 4611686018427387903}}, // 2^62 − ½ each
		{most, parts(most), []int64{most}},                                     // all of it
		{3, parts(most-1, 1), []int64{3, 0}},                                   // 3 − 3/most and 3/most
		{0, parts(1, 2), []int64{0, 0}},                                        // nothing to share
		{0, parts(0, 0), []int64{0, 0}},                                        // nothing needs no weight
		{0, nil, []int64{}},                                                    // nobody, nothing
	} {
		got, err := money.Split(row.total, row.parts)
		if err != nil || !slices.Equal(got, row.want) {
			t.Errorf("Split(%d, %v) = %v, %v, want %v", row.total, row.parts, got, err, row.want)
		}
	}
}

func TestN16_SplitRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		total int64
		parts []money.Part
		want  error
	}{
		"negative weight":  {10, parts(2, -1), money.ErrParts},
		"repeated id":      {10, []money.Part{{"a", 1}, {"a", 2}}, money.ErrParts},
		"no weight":        {10, parts(0, 0), money.ErrParts},
		"no parts":         {10, nil, money.ErrParts},
		"weights overflow": {10, parts(most, 1), money.ErrRange},
		"three times most": {10, parts(most, most, most), money.ErrRange},
		"lowest integer":   {least, parts(1), money.ErrRange},
	} {
		if got, err := money.Split(row.total, row.parts); !errors.Is(err, row.want) || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// TestN16_SplitHundredThousand splits at random, from a fixed seed, over the
// shapes that matter, and asserts that each shape occurred.
func TestN16_SplitHundredThousand(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(16, 2026))
	seen := map[string]int{}
	for n := range draws.Cases(100_000) {
		total, p := randomSplit(r)
		if fault := judgeSplit(total, p, r, seen); fault != "" {
			t.Fatalf("case %d: Split(%d, %v): %s", n, total, p, fault)
		}
	}
	for _, shape := range []string{"negative", "positive", "zero", "one part", "many parts", "leftover", "exact", "tie", "no weight", "wide"} {
		if seen[shape] < draws.Cases(100) {
			t.Errorf("%q occurred %d times: %v", shape, seen[shape], seen)
		}
	}
}

// TestN16_SplitShrinks runs the same judge on drawn cases, which shrink to a small one when it fails.
func TestN16_SplitShrinks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Min(-most).Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, most/8), 1, 8).Draw(t, "weights")
		weights[0]++ // some weight, so that the split exists
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shuffle"), 0))
		if fault := judgeSplit(total, parts(weights...), r, map[string]int{}); fault != "" {
			t.Fatal(fault)
		}
	})
}

// randomSplit draws a total and 1–12 parts with some weight; a third of the
// cases have tiny weights (ties, zeros), a third span the whole range.
func randomSplit(r *rand.Rand) (int64, []money.Part) {
	limit := []int64{4, 10_000, most / 12}[r.IntN(3)]
	weights := make([]int64, 1+r.IntN(12))
	for i := range weights {
		weights[i] = r.Int64N(limit)
	}
	weights[0]++
	total := []int64{r.Int64N(50), r.Int64N(1_000_000), r.Int64()}[r.IntN(3)]
	if r.IntN(2) == 0 {
		total = -total
	}
	return total, parts(weights...)
}
