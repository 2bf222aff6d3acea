package plan

import (
	"math/rand/v2"
	"testing"

	"github.com/tributary/tributary/internal/money"
)

// Of 100 clicks 10 may not earn; 15 of the other 90 are of visitors who allow no
// identifiers; the remaining 75 came from 40 networks, so 35 repeat.
var hundred = Seen{Clicks: 100, Unpayable: 10, Unidentified: 15, Networks: 40}

// What clicks come to, with the arithmetic by hand, at 0.05 each.
func TestC18_WhatClicksComeTo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why    string
		terms  Clicks
		seen   Seen
		before int64
		want   Counted
		pays   int64
	}{
		{"40 networks × 5", Clicks{}, hundred, 0, Counted{10, 35, 15, 0, 40}, 200},
		{"75 identified × 5", Clicks{Repeats: true}, hundred, 0, Counted{10, 0, 15, 0, 75}, 375},
		{"(40 + 15) × 5", Clicks{Unidentified: true}, hundred, 0, Counted{10, 35, 0, 0, 55}, 275},
		{"(75 + 15) × 5", Clicks{Repeats: true, Unidentified: true}, hundred, 0, Counted{10, 0, 0, 0, 90}, 450},
		{"at most 30: 30 × 5", Clicks{MaxPerDay: 30}, hundred, 0, Counted{10, 35, 15, 10, 30}, 150},
		{"at most 40 is no less", Clicks{MaxPerDay: 40}, hundred, 0, Counted{10, 35, 15, 0, 40}, 200},
		{"38 were paid before: 2 × 5", Clicks{}, hundred, 38, Counted{10, 35, 15, 0, 40}, 10},
		{"more were paid than there are: nothing", Clicks{}, hundred, 41, Counted{10, 35, 15, 0, 40}, 0},
		{"no clicks", Clicks{}, Seen{}, 0, Counted{}, 0},
	} {
		c.terms.Level, c.terms.Amount = LevelProgram, money.Of(5, "USD")
		v := Version{Clicks: []Clicks{c.terms}}
		trace := ClickTrace{Day: "2026-03-02", Seen: c.seen, Before: c.before}
		if got := c.terms.Count(c.seen); got != c.want {
			t.Errorf("%s: %+v", c.why, got)
		}
		again, err := DecodeClickTrace(trace.Encode())
		if err != nil || again != trace {
			t.Errorf("%s: %+v is kept as %+v: %v", c.why, trace, again, err)
		}
		e, err := again.Explain(v)
		if err != nil || e.Amount != money.Of(c.pays, "USD") || e.Steps[len(e.Steps)-1].After != c.pays {
			t.Errorf("%s: %+v, %v", c.why, e, err)
		}
	}
}

// judgedClicks decides click by click, in the order of a slice of networks: 0 is one
// that may not earn, -1 one without an identifier.
func judgedClicks(c Clicks, networks []int) (n Counted) {
	seen := map[int]bool{}
	for _, of := range networks {
		switch {
		case of == 0:
			n.Unpayable++
		case of < 0 && !c.Unidentified:
			n.Unidentified++
		case of > 0 && !c.Repeats && seen[of]:
			n.Repeated++
		case c.MaxPerDay > 0 && n.Paid == c.MaxPerDay:
			n.Over++
		default:
			n.Paid++
		}
		seen[of] = true
	}
	return n
}

// A judge that looks at one click after the other comes to the same numbers.
func TestC18_AJudgeCountsClicksAlike(t *testing.T) {
	t.Parallel()
	d, met := rand.New(rand.NewPCG(18, 1)), Counted{}
	for range 20_000 {
		c := Clicks{Repeats: d.IntN(2) == 0, Unidentified: d.IntN(2) == 0, MaxPerDay: int64(d.IntN(4) * 3)}
		networks, seen, known := make([]int, d.IntN(20)), Seen{}, map[int]bool{}
		for i := range networks {
			networks[i] = d.IntN(8) - 1
			switch of := networks[i]; {
			case of == 0:
				seen.Unpayable++
			case of < 0:
				seen.Unidentified++
			case !known[of]:
				known[of] = true
				seen.Networks++
			}
		}
		seen.Clicks = int64(len(networks))
		got, want := c.Count(seen), judgedClicks(c, networks)
		if got != want {
			t.Fatalf("%+v of %v: %+v, the judge says %+v", c, networks, got, want)
		}
		met.Repeated, met.Unidentified, met.Over, met.Paid = met.Repeated+got.Repeated, met.Unidentified+got.Unidentified, met.Over+got.Over, met.Paid+got.Paid
	}
	if min(met.Repeated, met.Unidentified, met.Over, met.Paid) < 1000 {
		t.Errorf("too little of something: %+v", met)
	}
}

func TestC18_TheNearestTermsForClicksHold(t *testing.T) {
	t.Parallel()
	v := Version{Clicks: []Clicks{
		{Level: LevelAffiliate, TargetID: "ann"}, {Level: LevelProgram}, {Level: LevelGroup, TargetID: "gold"},
	}}
	for _, c := range []struct {
		who, group string
		want       int
	}{{"ann", "gold", 0}, {"bob", "gold", 2}, {"bob", "", 1}, {"gold", "ann", 1}} {
		if got := v.ClicksOf(c.who, c.group); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	if got := (Version{Clicks: v.Clicks[:1]}).ClicksOf("bob", ""); got != -1 {
		t.Error(got)
	}
}

func TestC18_TermsForClicksThatCannotBe(t *testing.T) {
	t.Parallel()
	five := money.Of(5, "USD")
	for path, c := range map[string]Clicks{
		"clicks.0.level":     {Level: "OTHER", Amount: five},
		"clicks.0.targetId":  {Level: LevelGroup, Amount: five},
		"clicks.0.amount":    {Level: LevelProgram, Amount: money.Of(-5, "USD")},
		"clicks.0.maxPerDay": {Level: LevelProgram, Amount: five, MaxPerDay: MaxClicksDay + 1},
	} {
		if got := refusals(Version{Clicks: []Clicks{c}}); len(got) != 1 || got[0] != path {
			t.Errorf("%s: %v", path, got)
		}
	}
	twice := Clicks{Level: LevelProgram, Amount: five}
	if got := refusals(Version{Clicks: []Clicks{twice, twice}}); len(got) != 1 || got[0] != "clicks.1.targetId" {
		t.Error(got)
	}
}

func refusals(v Version) (paths []string) {
	for _, f := range v.Validate() {
		path := ""
		for i, part := range f.Field {
			if i > 0 {
				path += "."
			}
			path += part
		}
		paths = append(paths, path)
	}
	return paths
}
