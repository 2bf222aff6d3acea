package attribution

import (
	"cmp"
	"math/big"
	"math/bits"
	"time"
)

// Model names how clicks divide the credit where clicks decide.
type Model string

// The models.
const (
	ModelFirst         Model = "FIRST"           // the first click has all of it
	ModelLast          Model = "LAST"            // the last visit; a direct one leaves nobody to credit
	ModelLastNonDirect Model = "LAST_NON_DIRECT" // the last click, whatever direct visits came after it
	ModelLinear        Model = "LINEAR"          // every click alike
	ModelPosition      Model = "POSITION"        // the first, the last and the middle by percentages
	ModelTimeDecay     Model = "TIME_DECAY"      // the later the more, by half-life
)

// ruleOfModel names every model's rule.
var ruleOfModel = map[Model]Rule{
	ModelFirst: RuleFirstClick, ModelLast: RuleLastClick, ModelLastNonDirect: RuleLastClick,
	ModelLinear: RuleLinear, ModelPosition: RulePosition, ModelTimeDecay: RuleTimeDecay,
}

// weigher gives each touch of a line its weight, in integers of any common unit,
// not negative and not all zero. The line holds at least one touch, oldest first.
// It may look at nothing but the policy and the line, which are what is frozen: a
// model made from data gets what it has learnt as a parameter of the policy.
// Weights sum below 2^48.
type weigher func(p Policy, line []Touch) []int64

// models are those that share credit.
var models = map[Model]weigher{ModelLinear: linear, ModelPosition: position, ModelTimeDecay: timeDecay}

func (p Policy) model() Model { return cmp.Or(p.Model, ModelLastNonDirect) }

// Models gives every model, in the order in which they are told.
func Models() []Model {
	return []Model{ModelFirst, ModelLast, ModelLastNonDirect, ModelLinear, ModelPosition, ModelTimeDecay}
}

// What a comparison asks of a model that the policy has no parameters for.
const (
	usualEnds     = 40 // percent for the first and for the last
	usualHalfLife = 7 * 24 * time.Hour
)

// As is the policy with another model and all else alike: with the parameters it has
// for that model, or the usual ones.
func (p Policy) As(m Model) Policy {
	if m == p.model() {
		return p
	}
	p.Model, p.First, p.Last, p.HalfLife = m, 0, 0, 0
	switch m {
	case ModelPosition:
		p.First, p.Last = usualEnds, usualEnds
	case ModelTimeDecay:
		p.HalfLife = usualHalfLife
	}
	if m.shares() {
		p.OnSuspended = SuspendedNext
	}
	return p
}

// shares reports whether the model may credit more than one touch.
func (m Model) shares() bool { return models[m] != nil }

func linear(_ Policy, line []Touch) []int64 {
	weights := make([]int64, len(line))
	for i := range weights {
		weights[i] = 1
	}
	return weights
}

// position counts in parts of 100 × the touches in the middle.
func position(p Policy, line []Touch) []int64 {
	weights, middle := make([]int64, len(line)), int64(len(line)-2)
	switch {
	case middle < 0:
		weights[0] = 1
		return weights
	case middle == 0:
		weights[0], weights[1] = p.First, p.Last
		return weights
	}
	for i := range weights {
		weights[i] = 100 - p.First - p.Last
	}
	weights[0], weights[len(line)-1] = p.First*middle, p.Last*middle
	return weights
}

// timeDecay weighs a click 2^(−age/half-life), age being the time from it to the
// last click of the line, which is what two clicks differ by whenever the sale
// was. It is fixed point with decayBits bits, always cut and never rounded: the
// last click weighs 2^decayBits, one that is a half-life older exactly half, and
// one that is more than decayBits half-lives older nothing.
func timeDecay(p Policy, line []Touch) []int64 {
	weights, last := make([]int64, len(line)), line[len(line)-1].At
	halfLife := max(p.HalfLife, time.Second)
	for i, t := range line {
		age := last.Sub(t.At)
		weights[i] = decayed(age/halfLife, age%halfLife, halfLife)
	}
	return weights
}

// decayBits is how finely time decay weighs.
const decayBits = 30

// decayed gives 2^decayBits × 2^−(halves + rest/halfLife). The fraction is taken
// as 32 binary digits, cut; each that is set multiplies by its root of one half.
func decayed(halves, rest, halfLife time.Duration) int64 {
	if halves > decayBits {
		return 0
	}
	hi, lo := uint64(rest)>>32, uint64(rest)<<32
	fraction, _ := bits.Div64(hi, lo, uint64(halfLife))
	weight := uint64(1) << 62
	for i, root := range halfRoots {
		if fraction&(1<<(31-i)) != 0 {
			hi, lo := bits.Mul64(weight, root)
			weight = hi<<2 | lo>>62
		}
	}
	return int64(weight >> (62 - decayBits) >> halves)
}

// halfRoots are ½^(½), ½^(¼), ½^(⅛) … in parts of 2^62, each the whole square
// root of the one before, cut.
var halfRoots = func() (roots [32]uint64) {
	root := new(big.Int).Lsh(big.NewInt(1), 61)
	for i := range roots {
		root.Sqrt(root.Lsh(root, 62))
		roots[i] = root.Uint64()
	}
	return roots
}()

// reduce gives the shares their common denominator, the sum of their weights, in
// lowest terms.
func reduce(shares []Share) {
	var sum, divisor int64
	for _, s := range shares {
		sum += s.Num
		for divisor, s.Num = s.Num, divisor; s.Num != 0; {
			divisor, s.Num = s.Num, divisor%s.Num
		}
	}
	for i := range shares {
		shares[i].Num, shares[i].Den = shares[i].Num/divisor, sum/divisor
	}
}
