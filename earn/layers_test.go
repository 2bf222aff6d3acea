package earn

import (
	"fmt"
	"maps"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/money"
	"pgregory.net/rapid"
)

// tenPercent rates lines "a", "b", … of the given amounts at 10 %.
func tenPercent(t testing.TB, amounts map[string]int64) layer {
	t.Helper()
	rate, _ := money.ParseRate("10")
	return rate1(t, plan.Rule{ID: "r", Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: rate}, amounts)
}

func rate1(t testing.TB, r plan.Rule, amounts map[string]int64) layer {
	t.Helper()
	v := plan.Version{ID: "plv", Number: 1, Rules: []plan.Rule{r}}
	in := plan.Input{AffiliateID: "aff", Currency: "USD"}
	for id, amount := range amounts {
		in.Lines = append(in.Lines, plan.LineIn{ID: id, Amount: money.Of(amount, "USD")})
	}
	result, err := plan.Evaluate(v, in)
	if err != nil {
		t.Fatal(err)
	}
	return layer{trace: result.Trace, version: v}
}

func TestQ49_WhatIsLeftFillsTheLayersFromTheBottom(t *testing.T) {
	t.Parallel()
	layers := []layer{tenPercent(t, map[string]int64{"a": 2000, "b": 1000}), tenPercent(t, map[string]int64{"a": 500})}
	for _, c := range []struct {
		name  string
		left  map[string]int64
		want  string // given back of the first and the second layer
		above string
	}{
		{"all of it", map[string]int64{"a": 2500, "b": 1000}, "map[a:0 b:0] map[a:0]", "map[]"},
		{"the upper layer goes first", map[string]int64{"a": 2100, "b": 1000}, "map[a:0 b:0] map[a:400]", "map[]"},
		{"then the lower", map[string]int64{"a": 1900, "b": 1000}, "map[a:100 b:0] map[a:500]", "map[]"},
		{"a line that is gone", map[string]int64{"a": 2500}, "map[a:0 b:1000] map[a:0]", "map[]"},
		{"a line that is new", map[string]int64{"a": 2500, "b": 1000, "c": 7}, "map[a:0 b:0] map[a:0]", "map[c:7]"},
		{"more of a line", map[string]int64{"a": 2600, "b": 1000}, "map[a:0 b:0] map[a:0]", "map[a:100]"},
	} {
		back, above := spread(layers, c.left, "")
		if got := fmt.Sprint(back[0], " ", back[1]); got != c.want || fmt.Sprint(above) != c.above {
			t.Errorf("%s: given back %s, above %v; want %s, %s", c.name, got, above, c.want, c.above)
		}
	}
}

func TestQ49_AnExchangeTakesNothingFromWhatWasPaidOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		back, above map[string]int64
		want        string
	}{
		{"same price", map[string]int64{"a": 500, "b": 0}, map[string]int64{"c": 500}, "map[a:0 b:0]"},
		{"dearer", map[string]int64{"a": 500, "b": 0}, map[string]int64{"c": 900}, "map[a:0 b:0]"},
		// 500 + 300 taken, 600 added: all of a, then 100 of b
		{"cheaper", map[string]int64{"a": 500, "b": 300}, map[string]int64{"c": 600}, "map[a:0 b:200]"},
		{"nothing added", map[string]int64{"a": 500, "b": 300}, nil, "map[a:500 b:300]"},
	} {
		if exchange(c.back, c.above); fmt.Sprint(c.back) != c.want {
			t.Errorf("%s: %v, want %s", c.name, c.back, c.want)
		}
	}
}

func TestLeftIgnoresGiftCards(t *testing.T) {
	t.Parallel()
	got := left([]*ent.ConversionLine{
		{ID: "a", AmountMinor: 1000, RefundedMinor: 300},
		{ID: "b", AmountMinor: 200, RefundedMinor: 300}, // made cheaper after a refund
		{ID: "c", AmountMinor: 5000, GiftCard: true},
	}, plan.Base{})
	if want := map[string]int64{"a": 700, "b": 0}; !maps.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
}

// Every minor unit is in exactly one place: left in a layer, given back of it, or
// above all of them.
func TestQ49_SpreadConservesEveryLine(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		amounts := rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), rapid.Int64Range(0, 5000), 1, 4)
		var layers []layer
		for i := range rapid.IntRange(1, 4).Draw(r, "layers") {
			layers = append(layers, tenPercent(t, amounts.Draw(r, fmt.Sprint("layer ", i))))
		}
		kept := amounts.Draw(r, "left")
		back, above := spread(layers, kept, "")
		for _, line := range []string{"a", "b", "c", "d"} {
			var covered, given int64
			for i, l := range layers {
				for _, x := range l.trace.Lines {
					if x.ID != line {
						continue
					}
					covered += x.Base
					given += back[i][line]
					if back[i][line] < 0 || back[i][line] > x.Base {
						r.Fatalf("layer %d gives back %d of %d", i, back[i][line], x.Base)
					}
				}
			}
			if covered-given+above[line] != kept[line] {
				r.Fatalf("line %s: %d covered, %d given back, %d above, but %d is left", line, covered, given, above[line], kept[line])
			}
			if above[line] > 0 && given > 0 {
				r.Fatalf("line %s is above the layers while %d is missing in them", line, given)
			}
			seen[map[bool]string{true: "given back", false: "kept"}[given > 0]]++
			seen[map[bool]string{true: "above", false: "within"}[above[line] > 0]]++
		}
	})
	for _, kind := range []string{"given back", "kept", "above", "within"} {
		if seen[kind] == 0 {
			t.Errorf("the generator never made %q: %v", kind, seen)
		}
	}
	t.Log(seen)
}
