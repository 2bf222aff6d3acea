package plan_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

func (d dice) bonuses() (all []plan.Bonus) {
	for i := range max(0, d.IntN(4)-1) {
		b := plan.Bonus{Name: fmt.Sprint("b", i), Kind: plan.BonusGoal, Amount: money.Of(1+d.Int64N(900), "USD"), Metric: plan.MetricCount, Period: plan.Month, Count: 1 + d.Int64N(5), Every: d.one(2), Keep: d.one(2)}
		if d.one(2) {
			b.Metric, b.Count, b.Goal = plan.MetricRevenue, 0, money.Of(1+d.Int64N(900), "USD")
		}
		all = append(all, b)
	}
	return all
}

// goals: a goal is reached as often as it can be taken off the sum, and once where
// multiples do not count.
func (d dice) goals(t *testing.T, v plan.Version) {
	t.Helper()
	for _, b := range v.Bonuses {
		sum := d.Int64N(3000)
		want := 0
		for left := sum; left >= b.Count+b.Goal.Minor && (want == 0 || b.Every) && want < plan.MaxMultiples; left -= b.Count + b.Goal.Minor {
			want++
		}
		if got := b.Times(sum); got != want {
			t.Fatalf("%+v is reached %d times by %d, want %d", b, got, sum, want)
		}
		if d.seen[map[bool]string{true: "goal reached", false: "goal not reached"}[want > 0]]++; want > 1 {
			d.seen["goal of every multiple"]++
		}
	}
}

// telescopes: what the stages of a rule add up to is what the order earns at the last
// of them more than below the first, as the judge has both.
func (d dice) telescopes(t *testing.T, v plan.Version, r plan.Result) {
	t.Helper()
	if r.Amount.IsZero() || len(v.Caps) > 0 {
		return
	}
	all := func(rule string, before int64) (sum int64) {
		in := r.Trace.Input
		in.Counters = nil
		for _, c := range r.Trace.Input.Counters {
			if c.RuleID != rule {
				in.Counters = append(in.Counters, c)
			}
		}
		if before > 0 {
			in.Counters = append(in.Counters, plan.Counter{RuleID: rule, AffiliateID: in.AffiliateID, Before: before})
		}
		for _, byRule := range judged(v, in, map[string]int{}) {
			for _, n := range byRule {
				sum += n
			}
		}
		return sum
	}
	sums := map[string]int64{}
	for _, s := range v.Stages() {
		at, before, err := r.Trace.Restated(v, s)
		if err != nil {
			t.Fatal(err)
		}
		rule, _ := v.Rule(s.RuleID)
		step := rule.Tiers.Steps[s.Tier]
		sums[s.RuleID] += at.Amount.Minor - before.Amount.Minor
		if want := all(s.RuleID, step.Count+step.Amount.Minor) - all(s.RuleID, 0); sums[s.RuleID] != want {
			t.Fatalf("%d at stage %+v, want %d", sums[s.RuleID], s, want)
		}
		d.seen["restated"]++
	}
}

func TestC14_C16_Q63_WhatTermsOfAPeriodMustSay(t *testing.T) {
	t.Parallel()
	retro := func(change func(*plan.Version)) plan.Version {
		r := percent("1", plan.LevelProgram, "", "10")
		r.Tiers = &plan.Tiers{Metric: plan.MetricRevenue, Mode: plan.Retroactive, Period: plan.Month, Steps: []plan.Tier{{Amount: money.Of(100, "USD"), Rate: rate("20")}, {Amount: money.Of(200, "USD"), Rate: rate("20")}}}
		v := version(r)
		v.Bonuses = []plan.Bonus{{Name: "a", Kind: plan.BonusGoal, Amount: money.Of(1, "USD"), Metric: plan.MetricCount, Period: plan.Always, Count: 3}, {Name: "b", Kind: plan.BonusRecruiter, Amount: money.Of(1, "USD"), FirstSale: true}}
		v.HoldFrom = plan.FromApproval
		change(&v)
		return v
	}
	for _, c := range []struct {
		want   string
		change func(*plan.Version)
	}{
		{"", func(*plan.Version) {}},
		{"INVALID holdFrom", func(v *plan.Version) { v.HoldFrom = "PAYOUT" }},
		{"INVALID rules.0.tiers.counts", func(v *plan.Version) { v.Rules[0].Tiers.Counts = "PAID" }},
		{"INVALID rules.0.tiers.steps.1.rate", func(v *plan.Version) { v.Rules[0].Tiers.Steps[1].Rate = rate("19") }},
		{"INVALID rules.0.tiers.steps.0.rate", func(v *plan.Version) { v.Rules[0].Rate = rate("21") }},
		{"INVALID rules.0.tiers.mode", func(v *plan.Version) { v.Rules[0].Rate = rate("0") }},
		{"INVALID rules.0.tiers.steps.0.amount", func(v *plan.Version) { v.Rules[0].Tiers.Steps[0].Amount.Minor = 0 }},
		{"INVALID rules.0.tiers.mode", func(v *plan.Version) { v.Rules[0].PerOrder.Max = money.Of(5, "USD") }},
		{"INVALID caps", func(v *plan.Version) {
			v.Caps = []plan.Cap{{Scope: plan.CapProgram, Period: plan.Day, Amount: money.Of(1, "USD"), Over: plan.OverCut}}
		}},
		{"TAKEN bonuses.1.name", func(v *plan.Version) { v.Bonuses[1].Name = "a" }},
		{"INVALID bonuses.0.name", func(v *plan.Version) { v.Bonuses[0].Name = "a:b" }},
		{"INVALID bonuses.0.count", func(v *plan.Version) { v.Bonuses[0].Count = 0 }},
		{"INVALID bonuses.0.goal", func(v *plan.Version) { v.Bonuses[0].Metric = plan.MetricRevenue }},
		{"INVALID bonuses.0.period", func(v *plan.Version) { v.Bonuses[0].Period = "WEEK" }},
		{"INVALID bonuses.1.metric", func(v *plan.Version) { v.Bonuses[1].Every = true }},
		{"INVALID bonuses.0.firstSale", func(v *plan.Version) { v.Bonuses[0].FirstSale = true }},
		{"AMOUNT_RANGE bonuses.1.amount", func(v *plan.Version) { v.Bonuses[1].Amount.Minor = 0 }},
	} {
		v := retro(c.change)
		var got []string
		for _, f := range v.Validate() {
			got = append(got, string(f.Code)+" "+strings.Join(f.Field, "."))
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%q, want %q", s, c.want)
		}
	}
	v := retro(func(v *plan.Version) { v.Rules[0].Tiers.Counts = plan.CountsApproved })
	again, err := plan.DecodeVersion(v.Encode())
	if err != nil || !reflect.DeepEqual(again, v) {
		t.Errorf("%+v, %v", again, err)
	}
}
