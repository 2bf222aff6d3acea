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
	var paid []Paid
	for _, x := range in.Paid {
		if x.AffiliateID == p.AffiliateID {
			paid = append(paid, x)
		}
	}
	in.Paid = paid
	return in
}

// portion is what the input's affiliate gets of a shared order, own being what it
// would get alone. What each party would earn alone is computed under its own rules;
// its share of that is an exact fraction, and the sum of all these is rounded once,
// half away from zero, which under one rule for all changes nothing: the sum is then
// what one alone would earn. The parts are cut to whole minor units, and the units
// that are missing go to the largest remainders, ties by affiliate id. The
// affiliate's part is spread over lines and rules in proportion to what it would
// earn on them alone.
func (t *Terms) portion(in Input, own Result) (r Result, err error) {
	common := t.common(in) // most parties are under the same rules
	wholes := make([]int64, len(in.Sharing))
	for i, p := range in.Sharing {
		alone := own
		if !common && p.AffiliateID != in.AffiliateID {
			if _, alone, err = t.alone(in.alone(p), false); err != nil {
				return Result{}, err
			}
		}
		wholes[i] = alone.Amount.Minor
	}
	r = own
	r.Amount = money.Of(in.allocate(wholes), in.Currency)
	if r.Lines, err = own.spread(r.Amount.Minor); err != nil {
		return Result{}, err
	}
	r.Trace.Input, r.Trace.Amount, r.Trace.Lines = in, r.Amount, r.Lines
	return r, nil
}

// Alone gives what each affiliate who shares the credit would have earned alone; the
// trace itself where nobody shares.
func (t Trace) Alone(v Version) (alone []Trace, err error) {
	if len(t.Input.Sharing) == 0 {
		return []Trace{t}, nil
	}
	terms := v.Ready()
	for _, p := range t.Input.Sharing {
		_, r, err := terms.alone(t.Input.alone(p), false)
		if err != nil {
			return nil, err
		}
		alone = append(alone, r.Trace)
	}
	return alone, nil
}

// common reports whether the rules cannot tell the parties from each other.
func (t *Terms) common(in Input) bool {
	return len(in.Paid)+len(in.Counters) == 0 && !slices.ContainsFunc(t.version.Rules, func(r Rule) bool {
		return r.Level != LevelProgram || r.When.names()
	})
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

// spread gives the lines with a part of what they earn, in proportion.
func (r Result) spread(part int64) ([]LineOut, error) {
	var weights []money.Part
	for _, l := range r.Lines {
		for _, p := range l.Parts {
			weights = append(weights, money.Part{ID: l.ID + "\x00" + p.RuleID, Weight: p.Amount})
		}
	}
	amounts, err := money.Split(part, weights)
	if err != nil {
		return nil, tooLarge(err)
	}
	lines := slices.Clone(r.Lines)
	for i := range lines {
		l := &lines[i]
		parts := l.Parts
		l.Parts, l.Commission = nil, 0
		for _, p := range parts {
			p.Amount, amounts = amounts[0], amounts[1:]
			if l.Commission += p.Amount; p.Amount > 0 {
				l.Parts = append(l.Parts, p)
			}
		}
	}
	return lines, nil
}
