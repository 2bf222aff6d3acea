package plan_test

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"github.com/tributary/tributary/earn/plan"
)

// The judge computes a plan a second time, from the rules as docs/rules.md and the
// package comment state them, in rationals, and without a line of the evaluator's.

type judge struct {
	v     plan.Version
	in    plan.Input
	rules []plan.Rule
	lines []plan.LineIn
	pays  map[string]map[string]int64 // by line and rule
	seen  map[string]int
}

func judged(v plan.Version, in plan.Input, seen map[string]int) map[string]map[string]int64 {
	j := &judge{v: v, in: in, rules: slices.Clone(v.Rules), lines: slices.Clone(in.Lines), pays: map[string]map[string]int64{}, seen: seen}
	slices.SortFunc(j.rules, func(a, b plan.Rule) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(j.lines, func(a, b plan.LineIn) int { return cmp.Compare(a.ID, b.ID) })
	if len(j.lines) == 0 {
		j.lines = []plan.LineIn{{}}
	}
	for _, l := range j.lines {
		j.pays[l.ID] = map[string]int64{}
	}
	switch v.Precedence {
	case plan.Sum:
		for _, r := range j.rules {
			j.give(r, j.pay(r, j.matching(r)))
		}
	case plan.Best:
		j.best()
	default:
		j.firsts()
	}
	j.cap(plan.CapProgram)
	j.cap(plan.CapAffiliate)
	return j.pays
}

// cap: of what all rules pay, no more than is left of each cap in the currency.
func (j *judge) cap(scope plan.CapScope) {
	for i, c := range j.v.Caps {
		left, sum, all := c.Amount.Minor, int64(0), map[string]int64{}
		for _, u := range j.in.Used {
			if u.Cap == i {
				left -= u.Minor
			}
		}
		for line, byRule := range j.pays {
			for rule, v := range byRule {
				all[line+"\x00"+rule], sum = v, sum+v
			}
		}
		if c.Scope != scope || c.Amount.Currency != j.in.Currency || sum <= max(0, left) {
			continue
		}
		if left = max(0, left); c.Over == plan.OverNothing {
			left = 0
		}
		j.seen["capped "+string(c.Over)]++
		for key, v := range shares(left, all) {
			line, rule, _ := strings.Cut(key, "\x00")
			if delete(j.pays[line], rule); v > 0 {
				j.pays[line][rule] = v
			}
		}
	}
}

// reached gives the terms of a rule at what was counted before: the last tier whose
// threshold is not above it.
func (j *judge) reached(r plan.Rule, at int64) plan.Rule {
	if r.Tiers != nil {
		for _, t := range r.Tiers.Steps {
			if t.Count <= at && t.Amount.Minor <= at {
				r.Rate, r.Fixed = t.Rate, t.Fixed
			}
		}
	}
	return r
}

func (j *judge) before(r plan.Rule) (n int64) {
	for _, c := range j.in.Counters {
		if c.RuleID == r.ID && c.AffiliateID == j.in.AffiliateID {
			n = c.Before
		}
	}
	return n
}

// average gives the percentage of a line that was sold from an amount on, unit by
// unit where tiers are crossed.
func (j *judge) average(r plan.Rule, from, sold int64) *big.Rat {
	sum, at := new(big.Rat), from
	for at < from+sold {
		end := from + sold
		for _, t := range r.Tiers.Steps {
			if t.Amount.Minor > at {
				end = min(end, t.Amount.Minor)
			}
		}
		rate, _ := new(big.Rat).SetString(j.reached(r, at).Rate.String())
		sum.Add(sum, rate.Mul(rate, big.NewRat(end-at, sold)))
		if at = end; at < from+sold {
			j.seen["across a threshold"]++
		}
	}
	if sold == 0 {
		sum.SetString(j.reached(r, from).Rate.String())
	}
	return sum
}

func (j *judge) sold(l plan.LineIn) int64 {
	if l.GiftCard && !j.v.Base.GiftCards {
		return 0
	}
	return l.Amount.Minor
}

func (j *judge) give(r plan.Rule, amounts map[string]int64) {
	for line, amount := range amounts {
		if amount > 0 {
			j.pays[line][r.ID] = amount
		}
	}
}

// best: each rule is computed on all lines it is for; on each line the one that
// pays most is kept, of equals the first.
func (j *judge) best() {
	for _, r := range j.rules {
		for line, amount := range j.pay(r, j.matching(r)) {
			beaten := true
			for _, other := range j.pays[line] {
				beaten = amount > other
			}
			if beaten && amount > 0 {
				j.pays[line] = map[string]int64{r.ID: amount}
			}
		}
	}
}

// firsts: each line goes to one rule; a rule is then computed on the lines it got.
func (j *judge) firsts() {
	got := map[string][]plan.LineIn{}
	for _, l := range j.lines {
		if r, ok := j.firstFor(l); ok {
			got[r.ID] = append(got[r.ID], l)
		}
	}
	for _, r := range j.rules {
		j.give(r, j.pay(r, got[r.ID]))
	}
}

func (j *judge) base(l plan.LineIn) int64 {
	if l.GiftCard && !j.v.Base.GiftCards {
		return 0
	}
	base := l.Amount.Minor
	for _, more := range []struct {
		with bool
		v    int64
	}{{j.v.Base.Tax, l.Tax}, {j.v.Base.Shipping, l.Shipping}, {j.v.Base.Discount, l.Discount}} {
		if more.with {
			base += more.v
		}
	}
	return base
}

// part gives the affiliate's share of minor units, rounded half away from zero.
func (j *judge) part(minor *big.Rat) int64 {
	x := new(big.Rat).Set(minor)
	if j.in.Share.Den > 0 {
		x.Mul(x, big.NewRat(j.in.Share.Num, j.in.Share.Den))
	}
	return halfUp(x)
}

// pay: base → rate → fixed → least and most per line → least and most per order.
func (j *judge) pay(r plan.Rule, lines []plan.LineIn) map[string]int64 {
	bases, total := map[string]int64{}, int64(0)
	for _, l := range lines {
		bases[l.ID] = j.base(l)
		total += bases[l.ID]
	}
	if len(lines) == 0 || total == 0 && !(r.Kind != plan.KindPercent && r.PayOnZero) {
		return nil
	}
	out, at, plain := map[string]int64{}, j.before(r), r
	r = j.reached(r, at)
	for _, l := range lines {
		if r.Kind != plan.KindFixed {
			rate, _ := new(big.Rat).SetString(r.Rate.String())
			if r.Tiers != nil && r.Tiers.Mode == plan.Marginal {
				rate = j.average(plain, at, j.sold(l))
				at += j.sold(l)
			}
			out[l.ID] = j.part(rate.Mul(rate, big.NewRat(bases[l.ID], 100)))
		}
	}
	before, onOrder, again := map[string]int64{}, int64(0), false
	for _, p := range j.in.Paid {
		if p.RuleID == r.ID {
			before[p.LineID], onOrder, again = before[p.LineID]+p.Minor, onOrder+p.Minor, true
		}
	}
	if r.Kind != plan.KindPercent && !again {
		for id, more := range shares(j.part(big.NewRat(r.Fixed.Minor, 1)), bases) {
			out[id] += more
		}
	}
	for id, base := range bases {
		out[id] = j.bounded(r.PerLine, out[id], before[id], base > 0)
	}
	var sum int64
	for _, v := range out {
		sum += v
	}
	if now := j.bounded(r.PerOrder, sum, onOrder, total > 0); now != sum {
		j.seen["bounded per order"]++
		if sum == 0 {
			return shares(now, bases)
		}
		return shares(now, out)
	}
	return out
}

// bounded: what was paid before counts; nothing is taken back here.
func (j *judge) bounded(c plan.Clamp, v, before int64, based bool) int64 {
	if c.Min.Currency != "" && based {
		v = max(v, j.part(big.NewRat(c.Min.Minor, 1))-before)
	}
	if c.Max.Currency != "" {
		v = max(0, min(v, j.part(big.NewRat(c.Max.Minor, 1))-before))
	}
	return v
}

// shares: in proportion, cut down, and the units left over go to the largest
// remainders, ties to the smaller id; evenly where no one has weight.
func shares(total int64, weights map[string]int64) map[string]int64 {
	sum := new(big.Rat)
	for _, w := range weights {
		sum.Add(sum, big.NewRat(w, 1))
	}
	type claim struct {
		id   string
		rest *big.Rat
	}
	var claims []claim
	out, left := map[string]int64{}, total
	for id, w := range weights {
		exact := big.NewRat(total, int64(len(weights)))
		if sum.Sign() > 0 {
			exact = new(big.Rat).Mul(big.NewRat(total, 1), new(big.Rat).Quo(big.NewRat(w, 1), sum))
		}
		out[id] = new(big.Int).Quo(exact.Num(), exact.Denom()).Int64()
		left -= out[id]
		claims = append(claims, claim{id, exact.Sub(exact, big.NewRat(out[id], 1))})
	}
	slices.SortFunc(claims, func(a, b claim) int { return cmp.Or(b.rest.Cmp(a.rest), cmp.Compare(a.id, b.id)) })
	for _, c := range claims[:left] {
		out[c.id]++
	}
	return out
}
