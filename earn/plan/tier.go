package plan

import (
	"math/big"

	"github.com/tributary/tributary/internal/money"
)

// Metric is what moves an affiliate from tier to tier: of its own sales in the
// program and the period that earned and were not rejected (Q27).
type Metric string

// The metrics.
const (
	MetricCount      Metric = "COUNT"      // how many
	MetricRevenue    Metric = "REVENUE"    // their lines after discount, less what was given back
	MetricCommission Metric = "COMMISSION" // what was earned, less what was taken back
)

// TierMode says what a tier that is reached changes (Q26).
type TierMode string

// The modes.
const (
	// Prospective: an order is under the tier that was reached before it.
	Prospective TierMode = "PROSPECTIVE"
	// Marginal: what lies above a threshold is under its tier, so that one order may
	// be under several; of revenue and percentages only.
	Marginal TierMode = "MARGINAL"
)

// Tiers are the terms of a rule by what an affiliate has sold in a period. Below the
// first tier the rule's own terms hold.
type Tiers struct {
	Metric Metric
	Mode   TierMode
	Period Period
	Steps  []Tier // by ascending threshold
	Counts Counts // which sales count; empty for all
}

// Tier is what holds from a threshold on, which belongs to it (Q25).
type Tier struct {
	Count  int64       // the threshold of MetricCount
	Amount money.Money // of the other metrics
	Rate   money.Rate
	Fixed  money.Money
}

func (t Tier) threshold() int64 { return t.Count + t.Amount.Minor }

// Counter is what an affiliate had in a rule's period before the order; several for
// one rule add up.
type Counter struct {
	RuleID, AffiliateID string
	Before              int64 // a number of sales, or minor units
}

// counted gives what the input's affiliate had before the order, for a rule.
func (in *Input) counted(rule string) (before int64) {
	for _, c := range in.Counters {
		if c.RuleID == rule && c.AffiliateID == in.AffiliateID {
			before += c.Before
		}
	}
	return before
}

// tiered gives the rule with the terms of the tier that was reached.
func (r *Rule) tiered(before int64) *Rule {
	if r.Tiers == nil {
		return r
	}
	out := *r
	for _, t := range r.Tiers.Steps {
		if before >= t.threshold() {
			out.Rate, out.Fixed = t.Rate, t.Fixed
		}
	}
	return &out
}

// marginal gives what a rule pays on each of its lines, from what was sold before
// on: the part of a line's revenue within a tier is under that tier's percentage,
// and the sum of the parts is rounded once per line. Lines follow each other by id.
func (e *evaluation) marginal(r *Rule, w *worked) error {
	at := e.in.counted(r.ID)
	for k, i := range w.lines {
		l := &e.lines[i]
		exact := r.across(at, l.sold())
		exact.Mul(exact, big.NewRat(l.base(), 100))
		exact.Mul(exact, big.NewRat(e.in.Share.Num, e.in.Share.Den))
		amount, ok := wholeOf(exact)
		if !ok {
			return tooLarge(nil)
		}
		w.pays[k], at = amount, at+l.sold()
	}
	return nil
}

// across gives the percentage that holds on average for so much sold from an
// amount on; of nothing sold the one that holds there.
func (r *Rule) across(from, sold int64) *big.Rat {
	if sold == 0 {
		return percentage(r.tiered(from).Rate)
	}
	sum, until := new(big.Rat), from+sold
	rate, begin := r.Rate, int64(0)
	add := func(end int64) {
		if part := min(end, until) - max(begin, from); part > 0 {
			sum.Add(sum, new(big.Rat).Mul(percentage(rate), big.NewRat(part, sold)))
		}
	}
	for _, t := range r.Tiers.Steps {
		add(t.threshold())
		rate, begin = t.Rate, t.threshold()
	}
	add(until)
	return sum
}

func percentage(r money.Rate) *big.Rat { return big.NewRat(r.Num, pow10(int(r.Scale))) }

// wholeOf rounds half away from zero what is not negative; false beyond an int64.
func wholeOf(x *big.Rat) (int64, bool) {
	two := big.NewInt(2)
	num := new(big.Int).Add(new(big.Int).Mul(x.Num(), two), x.Denom())
	num.Quo(num, new(big.Int).Mul(x.Denom(), two))
	return num.Int64(), num.IsInt64()
}
