package plan_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// What an affiliate is shown pays what the terms pay, and names nobody else: in 20 000
// plans and orders.
func TestN32_WhatAnAffiliateIsShownPaysTheSame(t *testing.T) {
	t.Parallel()
	d, fewer, nobody := dice{rand.New(rand.NewPCG(32, 1)), map[string]int{}}, 0, 0
	for n := range 20_000 {
		v, in := d.version(), d.input()
		v.Caps, v.Margin = nil, rate("40")
		who := plan.Whom{AffiliateID: in.AffiliateID, GroupID: in.GroupID, Fields: in.Fields}
		own := v.For(who)
		want, err := plan.Evaluate(v, in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := plan.Evaluate(own, in)
		if err != nil || got.Amount != want.Amount || !reflect.DeepEqual(got.Lines, want.Lines) {
			t.Fatalf("case %d: shown %+v pays %s, %+v pays %s: %v", n, own, got.Amount, v, want.Amount, err)
		}
		if own.Margin != (money.Rate{}) {
			t.Fatal("the margin is shown")
		}
		for _, r := range own.Rules {
			if strings.Contains(fmt.Sprintf("%+v", showWords(r)), "aff_2") || r.TargetID == "other" {
				t.Fatalf("%+v names another", r)
			}
		}
		if len(own.Rules) < len(v.Rules) {
			fewer++
		}
		if len(own.Rules) == 0 {
			nobody++
		}
	}
	if fewer < 5000 || nobody < 500 {
		t.Errorf("only %d with fewer rules, %d with none", fewer, nobody)
	}
}

// showWords are a rule's words, as changes tell them.
func showWords(r plan.Rule) string {
	for _, c := range (plan.Version{Rules: []plan.Rule{r}}).Changes(plan.Version{}) {
		if strings.HasPrefix(c.Path, "rules.") {
			return c.After
		}
	}
	return ""
}

func TestN32_BudgetsAndOthersClicksAreNotShown(t *testing.T) {
	t.Parallel()
	five := money.Of(5, "USD")
	v := plan.Version{
		Caps:   []plan.Cap{{Scope: plan.CapProgram, Amount: five}, {Scope: plan.CapAffiliate, Amount: five}},
		Clicks: []plan.Clicks{{Level: plan.LevelProgram, Amount: five}, {Level: plan.LevelAffiliate, TargetID: "bob", Amount: five}},
	}
	if own := v.For(plan.Whom{AffiliateID: "ann"}); len(own.Caps) != 1 || own.Caps[0].Scope != plan.CapAffiliate || len(own.Clicks) != 1 || own.Clicks[0].TargetID != "" {
		t.Errorf("%+v", own)
	}
}

// Terms that differ in their bytes differ in their changes, and equal ones do not: in
// 20 000 pairs of which one is the other with a single thing drawn anew.
func TestN32_EveryDifferenceIsTold(t *testing.T) {
	t.Parallel()
	d, met := dice{rand.New(rand.NewPCG(32, 2)), map[string]int{}}, map[string]int{}
	for range 20_000 {
		before, other := d.version(), d.version()
		after := before
		after.Rules = slices.Clone(before.Rules)
		switch what := d.IntN(8); {
		case what == 0:
			after.Base = other.Base
		case what == 1:
			after.Caps = other.Caps
		case what == 2:
			after.Bonuses = other.Bonuses
		case what == 3:
			after.HoldDays = 7
		case what == 4 && len(after.Rules) > 1:
			after.Rules[0], after.Rules[1] = after.Rules[1], after.Rules[0]
		case what == 5 && len(after.Rules) > 0:
			after.Rules = after.Rules[1:]
		case what == 6 && len(after.Rules) > 0 && len(other.Rules) > 0:
			after.Rules[0] = other.Rules[0]
		case what == 7:
			after.Precedence = other.Precedence
		}
		changes := after.Changes(before)
		if same := string(said(after)) == string(said(before)); same != (len(changes) == 0) {
			t.Fatalf("same %v, changes %+v:\n%+v\n%+v", same, changes, before, after)
		}
		for _, c := range changes {
			met[string(c.Kind)]++
			if c.Text() == "" || c.Path == "" || (c.Before == "") != (c.Kind == plan.Added) || (c.After == "") != (c.Kind == plan.Removed) {
				t.Fatalf("%+v", c)
			}
		}
	}
	if min(met["ADDED"], met["REMOVED"], met["CHANGED"]) < 1000 {
		t.Error(met)
	}
}

// said are the bytes of terms but for what only their place says.
func said(v plan.Version) []byte {
	rules := slices.Clone(v.Rules)
	for i := range rules {
		rules[i].ID = fmt.Sprintf("r%04d", i)
	}
	if v.Rules = rules; v.Precedence == plan.MostSpecific {
		v.Precedence = ""
	}
	return v.Encode()
}

// One rate that is raised is one change, wherever rules were put in and taken out.
func TestN32_ChangesInWords(t *testing.T) {
	t.Parallel()
	of := func(id, percent string, more ...func(*plan.Rule)) plan.Rule {
		r := plan.Rule{ID: id, Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: rate(percent)}
		for _, m := range more {
			m(&r)
		}
		return r
	}
	shoes := func(r *plan.Rule) { r.When = &plan.Condition{Categories: []string{"shoes"}} }
	gold := func(r *plan.Rule) { r.Level, r.TargetID = plan.LevelGroup, "grp_1" }
	before := plan.Version{HoldDays: 30, Rules: []plan.Rule{of("a", "10"), of("b", "12", shoes)}}
	after := plan.Version{HoldDays: 14, Rules: []plan.Rule{of("a", "15", gold), of("b", "10"), of("c", "12.5", shoes)}}
	var got []string
	for _, c := range after.Changes(before) {
		got = append(got, c.Text())
	}
	want := []string{
		"holdDays was 30 and is 14.",
		"rules.0 is new: level GROUP, targetId grp_1, kind PERCENT, percent 15.",
		"rules.2.percent was 12 and is 12.5.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
