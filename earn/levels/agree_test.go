package levels_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
)

// judge is a second opinion in rationals, written from the package's comment and
// sharing none of its code: the amount of each member, by line, and what was held.
func judge(t levels.Terms, s levels.Sale) (amounts [][]int64, fates []levels.Outcome) {
	amounts, fates = make([][]int64, len(s.Upline)), make([]levels.Outcome, len(s.Upline))
	earned, total, paid := [][]int64{{}}, new(big.Rat), new(big.Rat)
	for _, l := range s.Lines {
		earned[0] = append(earned[0], l.Commission)
		total.Add(total, whole(l.Base))
		paid.Add(paid, whole(l.Commission))
	}
	left := new(big.Rat).Sub(whole(floor(new(big.Rat).Mul(total, hundredth(t.MaxTotal)))), paid)
	limited := t.MaxTotal.Num > 0
	if left.Sign() < 0 {
		left = new(big.Rat)
	}
	level := 0
	for i, m := range s.Upline {
		if level >= len(t.Levels) && !t.AndAbove {
			break
		}
		term := t.Levels[min(level, len(t.Levels)-1)]
		fates[i] = fate(t, m)
		if fates[i] == levels.Passed {
			continue
		}
		level++
		if fates[i] == levels.Stopped {
			break
		}
		if fates[i] == levels.Lost {
			continue
		}
		amounts[i] = shares(term, s.Lines, earned)
		if limited && t.Cut != levels.Proportional {
			amounts[i] = divided(floor(least(whole(sumOf(amounts[i])), left)), amounts[i])
			left.Sub(left, whole(sumOf(amounts[i])))
		}
		earned = append(earned, amounts[i])
	}
	if limited && t.Cut == levels.Proportional {
		all := make([]int64, len(amounts))
		for i := range amounts {
			all[i] = sumOf(amounts[i])
		}
		if whole(sumOf(all)).Cmp(left) > 0 {
			for i, part := range divided(floor(left), all) {
				amounts[i] = divided(part, amounts[i])
			}
		}
	}
	return amounts, fates
}

func fate(t levels.Terms, m levels.Member) levels.Outcome {
	policy, final := t.OnInactive, m.Buyer || m.Status == "ARCHIVED"
	if m.Status == "ACTIVE" && !m.Buyer {
		if m.Sales >= t.Qualification.Sales && m.Amount.Minor >= t.Qualification.Amount.Minor {
			return levels.Paid
		}
		policy = t.OnUnqualified
	}
	switch {
	case policy == levels.Compress:
		return levels.Passed
	case policy == levels.Stop:
		return levels.Stopped
	case policy == levels.Hold && !final:
		return levels.Held
	}
	return levels.Lost
}

func shares(t levels.Term, lines []levels.Line, earned [][]int64) (out []int64) {
	for i, l := range lines {
		of := l.Base
		if t.Mode == levels.OfLower {
			of = earned[len(earned)-1][i]
		}
		v := halfAway(new(big.Rat).Mul(whole(of), hundredth(t.Rate)))
		if t.Mode == levels.NetOverride {
			for _, below := range earned {
				v -= below[i]
			}
			v = max(v, 0)
		}
		out = append(out, v)
	}
	return out
}

// divided is a total by weights: floors, then one more for the largest rests.
func divided(total int64, weights []int64) []int64 {
	out, rests, all := make([]int64, len(weights)), make([]*big.Rat, len(weights)), whole(sumOf(weights))
	if all.Sign() == 0 {
		return out
	}
	order := make([]int, len(weights))
	for i, w := range weights {
		exact := new(big.Rat).Mul(whole(total), new(big.Rat).Quo(whole(w), all))
		out[i], order[i] = floor(exact), i
		rests[i] = exact.Sub(exact, whole(out[i]))
	}
	sort.SliceStable(order, func(a, b int) bool { return rests[order[a]].Cmp(rests[order[b]]) > 0 })
	for _, i := range order[:total-sumOf(out)] {
		out[i]++
	}
	return out
}

func whole(v int64) *big.Rat { return new(big.Rat).SetInt64(v) }

func hundredth(r money.Rate) *big.Rat {
	den := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(r.Scale)+2), nil)
	return new(big.Rat).SetFrac(big.NewInt(r.Num), den)
}

func floor(v *big.Rat) int64 { return new(big.Int).Quo(v.Num(), v.Denom()).Int64() } // of what is not negative

func halfAway(v *big.Rat) int64 { return floor(new(big.Rat).Add(v, big.NewRat(1, 2))) }

func least(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func sumOf(of []int64) (total int64) {
	for _, v := range of {
		total += v
	}
	return total
}

// Two evaluators agree on 100 000 random plans and sales, to the line; no sum
// passes the maximum but by what the seller alone earns; the same input gives the
// same output. Every mode, policy, outcome, order of cuts and depth occurs.
func TestN16_N19_TwoEvaluatorsAgree(t *testing.T) {
	t.Parallel()
	r, seen := rand.New(rand.NewPCG(56, 62)), map[string]int{}
	for n := range draws.Cases(100_000) {
		terms, sale := drawn(r)
		got, err := terms.Evaluate(sale)
		if err != nil {
			t.Fatal(err)
		}
		amounts, fates := judge(terms, sale)
		for _, step := range got.Steps {
			seen[string(step.Outcome)]++
			seen[string(step.Term.Mode)]++
			want := amounts[step.Member]
			if step.Outcome != fates[step.Member] || !slices.Equal(step.Parts, want) || step.Amount != sumOf(want) {
				t.Fatalf("%d: %+v\n%+v\nstep %+v\nwant %v %v", n, terms, sale, step, fates[step.Member], want)
			}
			fates[step.Member] = ""
			if step.Amount < step.Before {
				seen["cut"]++
			}
		}
		if slices.ContainsFunc(fates, func(f levels.Outcome) bool { return f != "" }) {
			t.Fatalf("%d: not all is told of %v", n, fates)
		}
		within(t, terms, sale, got)
		seen[fmt.Sprintf("depth %d", len(sale.Upline))]++
		seen[string(sale.Currency)]++
		seen["cut "+string(terms.Cut)]++
	}
	t.Log(seen)
	for _, must := range []string{"PAID", "HELD", "LOST", "PASSED", "STOPPED", "OF_SALE", "OF_LOWER", "NET_OVERRIDE", "depth 0", "depth 10", "JPY", "USD", "KWD", "cut", "cut FARTHEST_FIRST", "cut PROPORTIONAL"} {
		if seen[must] == 0 {
			t.Errorf("%s never occurred", must)
		}
	}
}

func within(t *testing.T, terms levels.Terms, sale levels.Sale, got levels.Result) {
	t.Helper()
	again, _ := terms.Evaluate(sale)
	if fmt.Sprint(again) != fmt.Sprint(got) {
		t.Fatal("twice the same is not the same")
	}
	var levelsSum, base, seller int64
	for _, s := range got.Steps {
		levelsSum += s.Amount
	}
	for _, l := range sale.Lines {
		base, seller = base+l.Base, seller+l.Commission
	}
	most := floor(new(big.Rat).Mul(whole(base), hundredth(terms.MaxTotal)))
	if terms.MaxTotal.Num > 0 && levelsSum > 0 && levelsSum+seller > most {
		t.Fatalf("%d and %d are more than %d\n%+v\n%+v", seller, levelsSum, most, terms, sale)
	}
}

func drawn(r *rand.Rand) (t levels.Terms, s levels.Sale) {
	policies := []levels.Policy{"", levels.Skip, levels.Compress, levels.Hold, levels.Stop}
	t.OnInactive, t.OnUnqualified = policies[r.IntN(5)], policies[r.IntN(5)]
	t.Cut, t.AndAbove = []levels.CutOrder{"", levels.FarthestFirst, levels.Proportional}[r.IntN(3)], r.IntN(4) == 0
	for range 1 + r.IntN(10) {
		mode := []levels.Mode{levels.OfSale, levels.OfLower, levels.NetOverride}[r.IntN(3)]
		t.Levels = append(t.Levels, levels.Term{Mode: mode, Rate: money.Rate{Num: 1 + r.Int64N(4000), Scale: uint8(r.IntN(4))}})
	}
	for i := range t.Levels {
		if t.Levels[i].Rate.Num > 100 && t.Levels[i].Rate.Scale == 0 {
			t.Levels[i].Rate.Scale = 2
		}
	}
	if r.IntN(3) > 0 {
		t.MaxTotal = money.Rate{Num: 1 + r.Int64N(400), Scale: uint8(1 + r.IntN(2))}
	}
	if r.IntN(2) == 0 {
		t.Qualification = levels.Qualification{Days: 30, Sales: r.Int64N(3), Amount: money.Of(r.Int64N(300), "USD")}
	}
	s.Currency = []money.Currency{"JPY", "USD", "KWD"}[r.IntN(3)]
	for i := range 1 + r.IntN(4) {
		base := r.Int64N([]int64{2, 1000, 10_000_000}[r.IntN(3)])
		s.Lines = append(s.Lines, levels.Line{ID: fmt.Sprintf("l%d", i), Base: base, Commission: base * r.Int64N(30) / 100})
	}
	for i := range r.IntN(11) {
		s.Upline = append(s.Upline, levels.Member{
			AffiliateID: fmt.Sprintf("a%d", i), Buyer: r.IntN(12) == 0, Sales: r.Int64N(3), Amount: money.Of(r.Int64N(300), "USD"),
			Status: []string{"ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED", "PENDING", "ARCHIVED"}[r.IntN(6)],
		})
	}
	return t, s
}
