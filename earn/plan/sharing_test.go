package plan_test

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"pgregory.net/rapid"
)

// parties are a, b, c … with these shares.
func parties(nums ...int64) (all []plan.Party) {
	for i, n := range nums {
		all = append(all, plan.Party{AffiliateID: string(rune('a' + i)), Num: n})
	}
	return all
}

// shared evaluates an order for each party, and gives its lines and its amount.
func shared(t testing.TB, v plan.Version, in plan.Input, all []plan.Party) (results []plan.Result, told string) {
	t.Helper()
	var text []string
	for _, p := range all {
		in.AffiliateID, in.Sharing = p.AffiliateID, all
		r, err := plan.Evaluate(v, in)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, l := range r.Lines {
			lines = append(lines, fmt.Sprint(l.Commission))
		}
		results, text = append(results, r), append(text, strings.Join(lines, "+"))
	}
	return results, strings.Join(text, " ")
}

func TestN16_SharesLeaveNoMinorUnitOver(t *testing.T) {
	t.Parallel()
	ten := version(percent("r", plan.LevelProgram, "", "10"))
	for _, c := range []struct {
		name  string
		v     plan.Version
		in    plan.Input
		nums  []int64
		lines string // of a, b, c …
	}{
		// 10 % of 100.00 = 10.00: 333⅓ each, the cent that is missing to the first.
		{"thirds of 10.00", ten, order("USD", 10_000), []int64{1, 1, 1}, "334 333 333"},
		// 10 % of 1000 = 100 yen: 33⅓ each.
		{"thirds of 100 yen", ten, order("JPY", 1000), []int64{1, 1, 1}, "34 33 33"},
		// 10 % of 10.000 dinar = 1.000: 40, 20, 40 of 100.
		{"40, 20, 40 of a dinar", ten, order("KWD", 10_000), []int64{2, 1, 2}, "400 200 400"},
		// 1 : 2 : 4 of 100: 14 2/7, 28 4/7, 57 1/7; 99 are given, the largest rest is b's.
		{"sevenths of 1.00", ten, order("USD", 1000), []int64{1, 2, 4}, "14 29 57"},
		// Each line earns 1; of the 3 everyone gets 1, spread over equal lines by id.
		{"three lines of a cent", ten, order("USD", 10, 10, 10), []int64{1, 1, 1}, "1+0+0 1+0+0 1+0+0"},
		// 19.99 × 10 % = 199.9 → 200 and 50.00 × 10 % = 500; halves of 700 are 350:
		// by 2 : 5 that is 100 and 250.
		{"halves on two lines", ten, order("USD", 1999, 5000), []int64{1, 1}, "100+250 100+250"},
		// A cent for two: the half that is missing goes to the first by id.
		{"half a cent", ten, order("USD", 10), []int64{1, 1}, "1 0"},
		// a gets 20 % by its own rule, alone 200, b 10 %, alone 100; halves.
		{"two rules", version(percent("r", plan.LevelProgram, "", "10"), percent("s", plan.LevelAffiliate, "a", "20")), order("USD", 1000), []int64{1, 1}, "100 50"},
		// alone 205 and 100: 102.5 and 50 are 152.5, rounded 153; the cent goes to a.
		{"two rules with a rest", version(percent("r", plan.LevelProgram, "", "10"), percent("s", plan.LevelAffiliate, "a", "20.5")), order("USD", 1000), []int64{1, 1}, "103 50"},
		// 5.00 fixed: 2 of 3 are 333⅓, 1 of 3 is 166⅔: the cent goes to b.
		{"a fixed amount", version(fixed("r", plan.LevelProgram, "", 500, "USD")), order("USD", 1000), []int64{2, 1}, "333 167"},
		{"a fixed amount on no line", version(onZero(fixed("r", plan.LevelProgram, "", 500, "USD"))), order("USD"), []int64{1, 1}, "250 250"},
		// b has no rule: its half stays with the merchant.
		{"one without a rule", version(percent("s", plan.LevelAffiliate, "a", "10")), order("USD", 1000), []int64{1, 1}, "50 0"},
	} {
		results, lines := shared(t, c.v, c.in, parties(c.nums...))
		if lines != c.lines {
			t.Errorf("%s: %s, want %s", c.name, lines, c.lines)
		}
		for _, r := range results {
			if e, err := plan.Explain(r.Trace, c.v); err != nil || e.Amount != r.Amount {
				t.Errorf("%s is explained as %v, %v", c.name, e.Amount, err)
			}
		}
	}
}

func TestN16_N17_SharingProperties(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	draws.Explore(t, seen, func(t *rapid.T) {
		v, in := drawVersion(t), drawInput(t)
		in.Share = plan.Share{}
		var all []plan.Party
		for i := range rapid.IntRange(2, 5).Draw(t, "parties") {
			all = append(all, plan.Party{AffiliateID: fmt.Sprintf("aff_%d", i), GroupID: rapid.SampledFrom([]string{"", "grp_1"}).Draw(t, "group"),
				Num: rapid.SampledFrom([]int64{1, 2, 3, 759_250_124, 1 << 30}).Draw(t, "num")})
		}
		sum, exact, den := int64(0), new(big.Rat), int64(0)
		for _, p := range all {
			den += p.Num
		}
		for _, p := range all {
			in.AffiliateID, in.GroupID, in.Sharing = p.AffiliateID, p.GroupID, nil
			alone := must(plan.Evaluate(v, in))
			in.Sharing = rapid.Permutation(all).Draw(t, "order")
			r := must(plan.Evaluate(v, in))
			sumsUp(t, r)
			back, err := plan.DecodeTrace(r.Trace.Encode())
			if err != nil || !bytes.Equal(back.Encode(), r.Trace.Encode()) {
				t.Fatalf("the trace does not survive: %v", err)
			}
			explains(t, v, r)
			goesBackWhole(t, v, r)
			sum += r.Amount.Minor
			exact.Add(exact, new(big.Rat).Mul(big.NewRat(p.Num, den), new(big.Rat).SetInt64(alone.Amount.Minor)))
		}
		seen[string(in.Currency)]++
		exact.Sub(exact, new(big.Rat).SetInt64(sum))
		if exact.Abs(exact).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("the parts sum to %d, %s off", sum, exact)
		}
		if uniform(v) && sum != must(plan.Evaluate(v, alone(in, all[0]))).Amount.Minor {
			t.Fatalf("the parts of one rule sum to %d", sum)
		}
	}, "USD", "JPY", "KWD", "CLF")
}

func alone(in plan.Input, p plan.Party) plan.Input {
	in.AffiliateID, in.GroupID, in.Sharing = p.AffiliateID, p.GroupID, nil
	return in
}

// uniform reports whether everybody is under the program's rules.
func uniform(v plan.Version) bool {
	for _, r := range v.Rules {
		if r.Level != plan.LevelProgram {
			return false
		}
	}
	return true
}

// goesBackWhole takes every line back, in two steps, and asks for nothing left.
func goesBackWhole(t *rapid.T, v plan.Version, r plan.Result) {
	if r.Rule.Refund.Mode != "" && r.Rule.Refund.Mode != plan.RefundProportional || v.RefundPolicy.Mode == plan.RefundKeep || v.RefundPolicy.Mode == plan.RefundAllOrNothing {
		return
	}
	half, full := map[string]int64{}, map[string]int64{}
	for _, l := range r.Lines {
		half[l.ID], full[l.ID] = l.Base/2, l.Base
	}
	first := must(r.Trace.Due(v, plan.Refunded{Lines: half}, 0))
	rest := must(r.Trace.Due(v, plan.Refunded{Lines: full, Whole: true}, first))
	if first+rest != r.Amount.Minor || first < 0 || rest < 0 {
		t.Fatalf("%d and %d went back of %v", first, rest, r.Amount)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestSharingRefuses(t *testing.T) {
	t.Parallel()
	v := version(percent("r", plan.LevelProgram, "", "10"))
	for name, all := range map[string][]plan.Party{
		"twice": {{AffiliateID: "a", Num: 1}, {AffiliateID: "a", Num: 1}}, "nothing": parties(1, 0),
		"too much": parties(1, 1<<40+1), "somebody else": {{AffiliateID: "x", Num: 1}, {AffiliateID: "y", Num: 1}},
		"too many": make([]plan.Party, plan.MaxParties+1),
	} {
		in := order("USD", 1000)
		in.AffiliateID, in.Sharing = "a", all
		if _, err := plan.Evaluate(v, in); problem.CodeOf(err) != problem.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := order("USD", 1000)
	in.AffiliateID, in.Sharing = "a", parties(7)
	if r, err := plan.Evaluate(v, in); err != nil || r.Amount != money.Of(100, "USD") || r.Trace.Encode()[0] != 1 {
		t.Errorf("one alone: %v, %v", r.Amount, err)
	}
}

// Stored traces of shared credit outlive the code too.
func TestN11_StoredBytesOfSharesStayReadable(t *testing.T) {
	t.Parallel()
	v := version(percent("r", plan.LevelProgram, "", "10"))
	results, _ := shared(t, v, order("USD", 1000), parties(1, 2))
	want := wire(byte(2), "plv_1", 3, "r", "", "a", "", "USD", 1, 3,
		"", "", uint(0), uint(0), 0, time.Time{}, 0, 0, 0, uint(0), uint(0), uint(0), // no facts that the rule looks at
		uint(2), "a", "", 1, "b", "", 2,
		uint(1), "a", 1000, false, "", "", 0, 0, 0,
		33, uint(1), 33, uint(1), "r", 33) // 10 % of 10.00, a third
	if got := results[0].Trace.Encode(); !bytes.Equal(got, want) {
		t.Errorf("got %x\nwant %x", got, want)
	}
}
