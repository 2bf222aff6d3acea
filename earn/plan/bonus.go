package plan

import (
	"fmt"
	"slices"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// BonusKind is what a bonus is for.
type BonusKind string

// The kinds.
const (
	BonusGoal      BonusKind = "GOAL"
	BonusSignup    BonusKind = "SIGNUP"    // for an affiliate whose place in the program becomes active
	BonusRecruiter BonusKind = "RECRUITER" // for whoever recruited the affiliate
)

// Limits of bonuses.
const (
	MaxBonuses   = 20
	MaxMultiples = 100 // of one goal in one period
)

// Bonus is an amount that is paid once, beside commission; caps do not count it.
type Bonus struct {
	Name   string // the same name in another version of the program is the same bonus
	Kind   BonusKind
	Amount money.Money

	// Of a goal: what is counted, how long, and how much of it.
	Metric Metric
	Period Period
	Count  int64       // of MetricCount
	Goal   money.Money // of the other metrics, in the currency of Amount
	Every  bool        // for each multiple, at most MaxMultiples
	Keep   bool        // kept when the sum falls below the goal

	FirstSale bool // of a recruiter: when the recruit's first sale is approved
}

// Times gives how often a goal is reached by a sum.
func (b Bonus) Times(sum int64) int {
	goal := b.Count + b.Goal.Minor
	switch {
	case goal < 1 || sum < goal:
		return 0
	case !b.Every:
		return 1
	}
	return int(min(sum/goal, MaxMultiples))
}

// Explain tells how a bonus came about, the nth of its goal.
func (b Bonus) Explain(v Version, nth int) Explanation {
	text := map[BonusKind]string{BonusSignup: "Joined the program", BonusRecruiter: "Recruited an affiliate who joined the program"}[b.Kind]
	switch {
	case b.FirstSale:
		text = "Recruited an affiliate whose first sale was approved"
	case b.Kind == BonusGoal:
		goal := fmt.Sprintf("%d sales", b.Count)
		if b.Metric != MetricCount {
			goal = fmt.Sprintf("%s of %s", b.Goal, map[Metric]string{MetricRevenue: "revenue", MetricCommission: "commission"}[b.Metric])
		}
		text = fmt.Sprintf("Reached %s in %s", goal, b.Period.word())
		if b.Every {
			text += fmt.Sprintf(" for the %d. time", nth)
		}
	}
	return Explanation{
		VersionID: v.ID, Number: v.Number, Amount: b.Amount,
		Rule:  Rule{Level: LevelProgram, Kind: KindFixed, Fixed: b.Amount},
		Steps: []Step{{Kind: StepTotal, After: b.Amount.Minor, Text: fmt.Sprintf("%s, bonus %q: %s.", text, b.Name, b.Amount)}},
	}
}

// Bonus finds a bonus by name.
func (v Version) Bonus(name string) (Bonus, bool) {
	i := slices.IndexFunc(v.Bonuses, func(b Bonus) bool { return b.Name == name })
	if i < 0 {
		return Bonus{}, false
	}
	return v.Bonuses[i], true
}

func (v *Version) writeBonuses(w *canon.Writer) {
	w.List(len(v.Bonuses))
	for _, b := range v.Bonuses {
		for _, s := range [...]string{b.Name, string(b.Kind), string(b.Metric), string(b.Period)} {
			w.String(s)
		}
		writeMoney(w, b.Amount)
		w.Int(b.Count)
		writeMoney(w, b.Goal)
		for _, one := range [...]bool{b.Every, b.Keep, b.FirstSale} {
			w.Bool(one)
		}
	}
}

func (v *Version) readBonuses(r *canon.Reader) {
	for range r.List() {
		v.Bonuses = append(v.Bonuses, Bonus{
			Name: r.String(), Kind: BonusKind(r.String()), Metric: Metric(r.String()), Period: Period(r.String()),
			Amount: readMoney(r), Count: r.Int(), Goal: readMoney(r), Every: r.Bool(), Keep: r.Bool(), FirstSale: r.Bool(),
		})
	}
}

// bonuses checks a version's bonuses.
func (c *checker) bonuses(list []Bonus) {
	if len(list) > MaxBonuses {
		c.add(problem.TooLarge, "bonuses", "must be at most 20")
		return
	}
	for i, b := range list {
		at := fmt.Sprintf("bonuses.%d.", i)
		switch {
		case !facts.Name(b.Name):
			c.add(problem.Invalid, at+"name", "must be 1 to 32 of a–z, A–Z, 0–9, _ and -")
		case !c.once("bonus " + b.Name):
			c.add(problem.Taken, at+"name", "is the name of an earlier bonus")
		}
		if c.amount(at+"amount", b.Amount); b.Amount.Minor == 0 {
			c.add(problem.AmountRange, at+"amount", "must not be nothing")
		}
		if !slices.Contains([]BonusKind{BonusGoal, BonusSignup, BonusRecruiter}, b.Kind) {
			c.add(problem.Invalid, at+"kind", "must be GOAL, SIGNUP or RECRUITER")
		}
		if b.FirstSale && b.Kind != BonusRecruiter {
			c.add(problem.Invalid, at+"firstSale", "is for RECRUITER")
		}
		c.goal(at, b)
	}
}

func (c *checker) goal(at string, b Bonus) {
	if b.Kind != BonusGoal {
		if b.Metric != "" || b.Period != "" || b.Count != 0 || b.Goal != (money.Money{}) || b.Every || b.Keep {
			c.add(problem.Invalid, at+"metric", "is for GOAL, as are period, count, goal, every and keep")
		}
		return
	}
	c.period(at+"period", b.Period)
	switch counts := b.Metric == MetricCount; {
	case !slices.Contains([]Metric{MetricCount, MetricRevenue, MetricCommission}, b.Metric):
		c.add(problem.Invalid, at+"metric", "must be COUNT, REVENUE or COMMISSION")
	case counts && (b.Count < 1 || b.Goal != (money.Money{})):
		c.add(problem.Invalid, at+"count", "must be 1 or more, and there is no goal")
	case !counts && (b.Count != 0 || b.Goal.Minor < 1):
		c.add(problem.Invalid, at+"goal", "must be above zero, and there is no count")
	case !counts && b.Goal.Currency != b.Amount.Currency:
		c.add(problem.CurrencyMismatch, at+"goal", "must be in the currency of the amount")
	}
}
