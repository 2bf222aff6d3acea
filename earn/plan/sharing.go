package plan

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// MaxParties is how many may share the credit for one order.
const MaxParties = 200

// Party is one of several affiliates who share the credit. Its share is Num of
// the sum over all parties.
type Party struct {
	AffiliateID string
	GroupID     string // "" for none
	Num         int64  // 1 to 2^40
}

// shared gives the input with its parties by ascending id and, taken from them,
// the group and the share of its affiliate.
func (in Input) shared() (Input, error) {
	if len(in.Sharing) == 0 {
		return in, nil
	}
	bad := problem.At(problem.Invalid, "sharing", "must name at most %d affiliates once each, with shares above 0, and the input's among them", MaxParties)
	in.Sharing = slices.Clone(in.Sharing)
	slices.SortFunc(in.Sharing, func(a, b Party) int { return cmp.Compare(a.AffiliateID, b.AffiliateID) })
	own, den := Share{}, int64(0)
	for i, p := range in.Sharing {
		if len(in.Sharing) > MaxParties || p.Num < 1 || p.Num > 1<<40 || i > 0 && in.Sharing[i-1].AffiliateID == p.AffiliateID {
			return Input{}, bad
		}
		den += p.Num
		if p.AffiliateID == in.AffiliateID {
			own.Num, in.GroupID = p.Num, p.GroupID
		}
	}
	if own.Den = den; own.Num == 0 {
		return Input{}, bad
	}
	if in.Share = own; len(in.Sharing) == 1 {
		in.Share, in.Sharing = Share{Num: 1, Den: 1}, nil
	}
	return in, nil
}

// alone is the input of a party as if it had all of the credit.
func (in Input) alone(p Party) Input {
	in.AffiliateID, in.GroupID, in.Share, in.Sharing = p.AffiliateID, p.GroupID, Share{Num: 1, Den: 1}, nil
	return in
}

// portion is what the input's affiliate gets of a shared order. What each party
// would earn alone is computed under its own rule; its share of that is an exact
// fraction, and the sum of all these is rounded once, half away from zero, which
// under one rule for all changes nothing: the sum is then what one alone would
// earn. The parts are cut to whole minor units, and the units that are missing go
// to the largest remainders, ties by affiliate id. The affiliate's part is spread
// over the lines in proportion to what it would earn on them alone.
func (v Version) portion(in Input) ([]int64, error) {
	rules := map[Rule][]int64{} // most parties are under one rule
	wholes := make([]int64, len(in.Sharing))
	for i, p := range in.Sharing {
		alone := in.alone(p)
		rule, reason := v.choose(alone)
		amounts, known := rules[rule]
		if !known && reason == ReasonNone {
			var err error
			if amounts, _, err = rule.apply(alone); err != nil {
				return nil, err
			}
			rules[rule] = amounts
		}
		for _, a := range amounts {
			wholes[i] += a
		}
	}
	own, _ := v.choose(in)
	return spread(in.allocate(wholes), rules[own], in.Lines)
}

// allocate gives the own part of what the parties would each earn alone.
func (in Input) allocate(wholes []int64) int64 {
	den, sum := big.NewInt(in.Share.Den), new(big.Int)
	parts, rests := make([]int64, len(wholes)), make([]*big.Int, len(wholes))
	var given int64
	for i, p := range in.Sharing {
		exact := new(big.Int).Mul(big.NewInt(wholes[i]), big.NewInt(p.Num))
		sum.Add(sum, exact)
		part, rest := new(big.Int).QuoRem(exact, den, new(big.Int))
		parts[i], rests[i] = part.Int64(), rest
		given += parts[i]
	}
	double := new(big.Int).Add(new(big.Int).Lsh(sum, 1), den) // half away from zero: ⌊(2s + d) / 2d⌋
	missing := new(big.Int).Quo(double, new(big.Int).Lsh(den, 1)).Int64() - given
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rests[b].Cmp(rests[a]) })
	for _, i := range order[:missing] {
		parts[i]++
	}
	own := slices.IndexFunc(in.Sharing, func(p Party) bool { return p.AffiliateID == in.AffiliateID })
	return parts[own]
}

// spread gives the part of each line, in proportion to the amounts.
func spread(part int64, amounts []int64, lines []LineIn) ([]int64, error) {
	weights := make([]money.Part, len(amounts))
	for i, a := range amounts {
		weights[i].Weight = a
		if i < len(lines) {
			weights[i].ID = lines[i].ID
		}
	}
	out, err := money.Split(part, weights)
	if err != nil {
		return nil, tooLarge(err)
	}
	return out, nil
}
