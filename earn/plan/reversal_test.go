package plan_test

import (
	"math/big"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/problem"
	"pgregory.net/rapid"
)

func TestQ03_ReversalDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                             string
		posted, base, refunded, reversed int64
		want                             int64
	}{
		// 200 × 500 / 1999 = 50.02… → 50
		{"first part", 200, 1999, 500, 0, 50},
		// 200 × 1000 / 1999 = 100.05… → 100, less 50
		{"second part", 200, 1999, 1000, 50, 50},
		{"the rest lands on zero", 200, 1999, 1999, 100, 100},
		{"the same message again", 200, 1999, 1000, 100, 0},
		{"nothing given back", 200, 1999, 0, 0, 0},
		// 1 × 1 / 2 = 0.5 → 1: the cent goes with the first half, nothing with the second
		{"half a cent", 1, 2, 1, 0, 1},
		{"and its other half", 1, 2, 2, 1, 0},
		// 100 × 1 / 3 = 33.33 → 33; × 2 / 3 = 66.67 → 67; then 100
		{"first third", 100, 3, 1, 0, 33},
		{"second third", 100, 3, 2, 33, 34},
		{"last third", 100, 3, 3, 67, 33},
		// a refund of 1000 undone down to 400: 200 × 400 / 1999 = 40.02… → 40, less 100
		{"given again", 200, 1999, 400, 100, -60},
		{"of a debit, mirrored", -200, 1999, 500, 0, -50},
		{"no base", 500, 0, 0, 0, 0},
		{"128 bits", 9e18, 8e18, 4e18, 0, 45e17},
	} {
		if got, err := plan.ReversalDue(c.posted, c.base, c.refunded, c.reversed); err != nil || got != c.want {
			t.Errorf("%s: %d (%v), want %d", c.name, got, err, c.want)
		}
	}
}

func TestQ03_ReversalDueRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                             string
		posted, base, refunded, reversed int64
		code                             problem.Code
	}{
		{"ErrAboveTheBase", 200, 1999, 2000, 0, problem.RefundExceeds},
		{"ErrNegativeRefund", 200, 1999, -1, 0, problem.RefundExceeds},
		{"ErrNoBase", 200, 0, 1, 0, problem.RefundExceeds},
		{"ErrReversedAbovePosted", 200, 1999, 0, 201, problem.Invalid},
		{"ErrReversedNegative", 200, 1999, 0, -1, problem.Invalid},
		{"ErrReversedOtherSign", -200, 1999, 0, 1, problem.Invalid},
	} {
		if _, err := plan.ReversalDue(c.posted, c.base, c.refunded, c.reversed); problem.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}

// The target is the exact fraction to the nearest unit, mirrors with the sign of
// what was posted, and does not depend on the steps that led to it.
func TestQ03_ReversalDueProperties(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	draws.Explore(t, seen, func(t *rapid.T) {
		posted := rapid.SampledFrom([]int64{1, 2, 99, 12_345, 1e15}).Draw(t, "posted")
		base := rapid.Int64Range(1, 1e15).Draw(t, "base")
		var back, reversed int64
		for back < base {
			back += rapid.Int64Range(1, base-back).Draw(t, "more")
			if rapid.SampledFrom([]bool{false, false, false, true}).Draw(t, "rest") {
				back = base
			}
			due, err := plan.ReversalDue(posted, base, back, reversed)
			mirrored, err2 := plan.ReversalDue(-posted, base, back, -reversed)
			if err != nil || err2 != nil || due < 0 || mirrored != -due {
				t.Fatalf("due %d, mirrored %d, %v, %v", due, mirrored, err, err2)
			}
			reversed += due
			if want := halfUp(new(big.Rat).Mul(big.NewRat(back, base), big.NewRat(posted, 1))); reversed != want {
				t.Fatalf("reversed %d, want %d", reversed, want)
			}
			seen[map[bool]string{true: "last", false: "part"}[back == base]]++
			seen[map[bool]string{true: "nothing due", false: "due"}[due == 0]]++
		}
		if reversed != posted {
			t.Fatalf("%d of %d reversed by the last refund", reversed, posted)
		}
	}, "part", "last", "nothing due", "due")
}

// refunds gives a state by line.
func refunds(lines map[string]int64) plan.Refunded { return plan.Refunded{Lines: lines} }

func TestQ03_PercentByLine(t *testing.T) {
	t.Parallel()
	v := version(percent("r", plan.LevelProgram, "", "7.5"))
	v.RefundPolicy = plan.RefundPolicy{Mode: plan.RefundKeep} // is for fixed rules only
	// 1999 → 149.925 → 150; 333 → 24.975 → 25; a gift card of 5000 → 0. Posted: 175.
	trace := evaluate(t, v, gift(order("USD", 1999, 333, 5000), 2)).Trace
	for _, c := range []struct {
		name     string
		refunded plan.Refunded
		reversed int64
		want     int64
	}{
		// 150 × 1000 / 1999 = 75.03… → 75
		{"a part of a line", refunds(map[string]int64{"a": 1000}), 0, 75},
		{"all of the other line", refunds(map[string]int64{"b": 333}), 0, 25},
		{"both, after the first part", refunds(map[string]int64{"a": 1000, "b": 333}), 75, 25},
		{"the gift card", refunds(map[string]int64{"c": 5000}), 0, 0},
		{"a line that came later", refunds(map[string]int64{"z": 999}), 0, 0},
		{"everything, line by line", refunds(map[string]int64{"a": 1999, "b": 333, "c": 5000}), 100, 75},
		{"cancelled", plan.Refunded{Whole: true}, 100, 75},
		{"undone", plan.Refunded{}, 100, -100},
	} {
		if got, err := trace.Due(v, c.refunded, c.reversed); err != nil || got != c.want {
			t.Errorf("%s: %d (%v), want %d", c.name, got, err, c.want)
		}
	}
}

func TestQ04_FixedAmount(t *testing.T) {
	t.Parallel()
	// 500 over 2000 : 999 is 333 + 167 (see TestFixedSplitsByLargestRemainder).
	const free, some, atLimit, all = 0, 1, 2, 3
	states := [...]plan.Refunded{
		free:    {},
		some:    refunds(map[string]int64{"a": 1499}), // 1499 of 2999 = 49.98 %
		atLimit: refunds(map[string]int64{"a": 1500}), // 1500 of 2999 = 50.01 %
		all:     refunds(map[string]int64{"a": 2000, "b": 999}),
	}
	for _, c := range []struct {
		name   string
		policy plan.RefundPolicy
		want   [4]int64 // reversed in all, by state
	}{
		// 333 × 1499 / 2000 = 249.58… → 250; 333 × 1500 / 2000 = 249.75 → 250; 333 + 167
		{"no policy means proportional", plan.RefundPolicy{}, [4]int64{0, 250, 250, 500}},
		{"proportional", plan.RefundPolicy{Mode: plan.RefundProportional}, [4]int64{0, 250, 250, 500}},
		{"all or nothing at 50 %", plan.RefundPolicy{Mode: plan.RefundAllOrNothing, AtPercent: 50}, [4]int64{0, 0, 500, 500}},
		{"all or nothing at 1 %", plan.RefundPolicy{Mode: plan.RefundAllOrNothing, AtPercent: 1}, [4]int64{0, 500, 500, 500}},
		{"all or nothing at 100 %", plan.RefundPolicy{Mode: plan.RefundAllOrNothing, AtPercent: 100}, [4]int64{0, 0, 0, 500}},
		{"keep", plan.RefundPolicy{Mode: plan.RefundKeep}, [4]int64{0, 0, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ofVersion := version(fixed("r", plan.LevelProgram, "", 500, "USD"))
			ofVersion.RefundPolicy = c.policy
			ofRule := version(fixed("r", plan.LevelProgram, "", 500, "USD"))
			ofRule.Rules[0].Refund = c.policy
			for state, refunded := range states {
				for where, v := range map[string]plan.Version{"version": ofVersion, "rule": ofRule} {
					trace := evaluate(t, v, order("USD", 2000, 999)).Trace
					if got, err := trace.Due(v, refunded, 0); err != nil || got != c.want[state] {
						t.Errorf("policy of the %s, state %d: %d (%v), want %d", where, state, got, err, c.want[state])
					}
				}
			}
		})
	}
}

func TestQ04_ThresholdIsInclusive(t *testing.T) {
	t.Parallel()
	v := version(fixed("r", plan.LevelProgram, "", 500, "USD"))
	v.RefundPolicy = plan.RefundPolicy{Mode: plan.RefundAllOrNothing, AtPercent: 25}
	trace := evaluate(t, v, order("USD", 400)).Trace
	// 25 % of 400 is 100
	for back, want := range map[int64]int64{99: 0, 100: 500, 101: 500} {
		if got, err := trace.Due(v, refunds(map[string]int64{"a": back}), 0); err != nil || got != want {
			t.Errorf("%d back: %d (%v), want %d", back, got, err, want)
		}
	}
}

func TestQ04_ZeroBaseGoesOnlyWithTheWholeOrder(t *testing.T) {
	t.Parallel()
	for mode, want := range map[plan.RefundMode]int64{
		plan.RefundProportional: 500, plan.RefundAllOrNothing: 500, plan.RefundKeep: 0,
	} {
		v := version(onZero(fixed("r", plan.LevelProgram, "", 500, "USD")))
		v.RefundPolicy = plan.RefundPolicy{Mode: mode, AtPercent: 50}
		trace := evaluate(t, v, order("USD")).Trace
		if got, err := trace.Due(v, plan.Refunded{}, 0); err != nil || got != 0 {
			t.Errorf("%s, nothing given back: %d, %v", mode, got, err)
		}
		if got, err := trace.Due(v, plan.Refunded{Whole: true}, 0); err != nil || got != want {
			t.Errorf("%s, cancelled: %d (%v), want %d", mode, got, err, want)
		}
	}
}

func TestDueRefuses(t *testing.T) {
	t.Parallel()
	v := version(percent("r", plan.LevelProgram, "", "10"))
	trace := evaluate(t, v, order("USD", 1000)).Trace
	other := v
	other.Number++
	for _, c := range []struct {
		name     string
		v        plan.Version
		refunded map[string]int64
		reversed int64
		code     problem.Code
	}{
		{"ErrOtherVersion", other, nil, 0, problem.Conflict},
		{"ErrAboveTheLine", v, map[string]int64{"a": 1001}, 0, problem.RefundExceeds},
		{"ErrReversedAbovePosted", v, nil, 101, problem.Invalid},
		{"ErrReversedNegative", v, nil, -1, problem.Invalid},
	} {
		if _, err := trace.Due(c.v, refunds(c.refunded), c.reversed); problem.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}
