package levels_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/internal/money"
)

// told shows a result in a line: member, level, what became of it, and its parts.
func told(s levels.Sale, r levels.Result) string {
	var all []string
	for _, step := range r.Steps {
		one := fmt.Sprintf("%s@%d", s.Upline[step.Member].AffiliateID, step.Level)
		switch step.Outcome {
		case levels.Paid:
			one += fmt.Sprintf("=%d", step.Amount)
		case levels.Held:
			one += fmt.Sprintf("=%d held", step.Amount)
		default:
			one += " " + strings.ToLower(string(step.Outcome))
		}
		all = append(all, one)
	}
	return strings.Join(all, ", ")
}

// rate of "5", terms of "5 sale, 20 lower, 18 net".
func rate(text string) money.Rate {
	r, err := money.ParseRate(text)
	if err != nil {
		panic(err)
	}
	return r
}

func terms(text string) (t levels.Terms) {
	modes := map[string]levels.Mode{"sale": levels.OfSale, "lower": levels.OfLower, "net": levels.NetOverride}
	for one := range strings.SplitSeq(text, ", ") {
		pct, mode, _ := strings.Cut(one, " ")
		t.Levels = append(t.Levels, levels.Term{Mode: modes[mode], Rate: rate(pct)})
	}
	return t
}

func (g golden) terms() levels.Terms {
	t := terms(g.levels)
	t.OnInactive, t.OnUnqualified, t.AndAbove, t.Cut = g.policy, g.policy, g.above, g.cut
	if g.max != "" {
		t.MaxTotal = rate(g.max)
	}
	if g.qualify {
		t.Qualification = levels.Qualification{Days: 30, Sales: 2, Amount: money.Of(5000, "USD")}
	}
	return t
}

// upline of "A B! C$ D~ E:2:5000": active, suspended, the buyer, archived, and
// with so many own sales of so much in all.
func upline(text string) (all []levels.Member) {
	for one := range strings.FieldsSeq(text) {
		m := levels.Member{Status: levels.StatusActive}
		name, activity, _ := strings.Cut(one, ":")
		if activity != "" {
			_, err := fmt.Sscanf(activity, "%d:%d", &m.Sales, &m.Amount.Minor)
			if err != nil {
				panic(err)
			}
			m.Amount.Currency = "USD"
		}
		m.AffiliateID = strings.TrimRight(name, "!$~")
		m.Buyer = strings.HasSuffix(name, "$")
		switch {
		case strings.HasSuffix(name, "!"):
			m.Status = "SUSPENDED"
		case strings.HasSuffix(name, "~"):
			m.Status = levels.StatusArchived
		}
		all = append(all, m)
	}
	return all
}

func (g golden) sale() levels.Sale {
	s := levels.Sale{Currency: "USD", Upline: upline(g.upline)}
	for i := 0; i < len(g.lines); i += 2 {
		s.Lines = append(s.Lines, levels.Line{ID: fmt.Sprintf("l%d", i/2), Base: g.lines[i], Commission: g.lines[i+1]})
	}
	return s
}

type golden struct {
	id      string
	lines   []int64 // base and the seller's commission, line by line, in minor units
	levels  string
	upline  string
	policy  levels.Policy
	above   bool
	qualify bool
	max     string
	cut     levels.CutOrder
	want    string
}

const (
	three = "5 sale, 20 lower, 18 net"
	ten   = "5 sale, 4 sale, 3 sale, 2 sale, 1 sale, 0.9 sale, 0.8 sale, 0.7 sale, 0.6 sale, 0.5 sale"
	dozen = "a b c! d e f g! h i j k l"
)

var sale, odd = []int64{10000, 1000}, []int64{99999, 9999}

// The sums are done by hand: 5 % of 10000 is 500, 20 % of that 100, and 18 % of
// 10000 is 1800, less 1000 for the seller, 500 and 100. Of 99999, 5 % is 4999.95.
var goldens = []golden{
	{"C22 three modes", sale, three, "a b c d", "", false, false, "", "", "a@1=500, b@2=100, c@3=200"},
	{"C20 nobody above", sale, three, "", "", false, false, "", "", ""},
	{"C20 a short upline", sale, three, "a", "", false, false, "", "", "a@1=500"},
	// c: 1800 − 1000 − 500. d stands at level 4, of which there is none.
	{"N19 Q56 skip, 3", sale, three, "a b! c d", levels.Skip, false, false, "", "", "a@1=500, b@2 lost, c@3=300"},
	// c moves into level 2: 20 % of a's 500. d: 1800 − 1000 − 500 − 100.
	{"N19 Q56 compress, 3", sale, three, "a b! c d", levels.Compress, false, false, "", "", "a@1=500, b@2 passed, c@2=100, d@3=200"},
	{"N19 Q56 hold, 3", sale, three, "a b! c d", levels.Hold, false, false, "", "", "a@1=500, b@2=100 held, c@3=200"},
	{"N19 Q56 stop, 3", sale, three, "a b! c d", levels.Stop, false, false, "", "", "a@1=500, b@2 stopped"},
	// The commission below b is the seller's: 20 % of 1000. c: 1800 − 1000 − 200.
	{"N19 the first is lost", sale, three, "a! b c", levels.Skip, false, false, "", "", "a@1 lost, b@2=200, c@3=600"},
	{"N19 all are passed", sale, three, "a! b! c! d!", levels.Compress, false, false, "", "", "a@1 passed, b@1 passed, c@1 passed, d@1 passed"},
	{"N19 C21 skip, 10", odd, ten, dozen, levels.Skip, false, false, "", "", "a@1=5000, b@2=4000, c@3 lost, d@4=2000, e@5=1000, f@6=900, g@7 lost, h@8=700, i@9=600, j@10=500"},
	{"N19 C21 compress, 10", odd, ten, dozen, levels.Compress, false, false, "", "", "a@1=5000, b@2=4000, c@3 passed, d@3=3000, e@4=2000, f@5=1000, g@6 passed, h@6=900, i@7=800, j@8=700, k@9=600, l@10=500"},
	{"N19 C21 hold, 10", odd, ten, dozen, levels.Hold, false, false, "", "", "a@1=5000, b@2=4000, c@3=3000 held, d@4=2000, e@5=1000, f@6=900, g@7=800 held, h@8=700, i@9=600, j@10=500"},
	{"N19 C21 stop, 10", odd, ten, dozen, levels.Stop, false, false, "", "", "a@1=5000, b@2=4000, c@3 stopped"},
	// 500, 250, 125, 62.5, 31.5, 16, 8, 4, 2, 1: each half away from zero.
	{"C22 Q60 half of the lower, ten times", []int64{10000, 1000}, "50 lower", "a b c d e f g h i j", "", true, false, "", "", "a@1=500, b@2=250, c@3=125, d@4=63, e@5=32, f@6=16, g@7=8, h@8=4, i@9=2, j@10=1"},
	// 16 % of 10000 is 1600, and 1000 + 500 + 100 were earned: nothing is left, never less.
	{"Q60 a net override of nothing", sale, "5 sale, 20 lower, 16 net, 15 net", "a b c d", "", false, false, "", "", "a@1=500, b@2=100, c@3=0, d@4=0"},
	// 5 % of 150 is 7.5, twice 8; of 300 it would be 15.
	{"Q17 rounding by line", []int64{150, 0, 150, 0}, "5 sale", "a", "", false, false, "", "", "a@1=16"},
	// 17.5 % of 10000 is 1750, of which the seller has 1000.
	{"Q61 the farthest first", sale, "5 sale, 3 sale, 2 sale", "a b c", "", false, false, "17.5", levels.FarthestFirst, "a@1=500, b@2=250, c@3=0"},
	{"Q61 all alike", sale, "5 sale, 3 sale, 2 sale", "a b c", "", false, false, "17.5", levels.Proportional, "a@1=375, b@2=225, c@3=150"},
	// 15 % of 999 is 149.85, which is 149 and not 150: 49 are left beside 100; 4 % is 39.96 and 3 % 29.97.
	{"Q61 a maximum is not rounded up", []int64{999, 100}, "4 sale, 3 sale", "a b", "", false, false, "15", "", "a@1=40, b@2=9"},
	{"Q61 alike, to the last unit", []int64{999, 100}, "4 sale, 3 sale", "a b", "", false, false, "15", levels.Proportional, "a@1=28, b@2=21"},
	{"Q61 the seller alone is more", sale, "5 sale, 3 sale", "a b", "", false, false, "5", "", "a@1=0, b@2=0"},
	// 13 % leaves 300 of a's 500; b's half is of the 300, and nothing is left for it.
	{"Q60 Q61 an override follows the cut", sale, "5 sale, 50 lower", "a b", "", false, false, "13", "", "a@1=300, b@2=0"},
	{"Q61 what is held counts", sale, "5 sale, 3 sale", "a! b", levels.Hold, false, false, "16", "", "a@1=500 held, b@2=100"},
	{"Q62 the buyer, skip", sale, three, "a b$ c", levels.Skip, false, false, "", "", "a@1=500, b@2 lost, c@3=300"},
	{"Q62 the buyer, compress", sale, three, "a b$ c", levels.Compress, false, false, "", "", "a@1=500, b@2 passed, c@2=100"},
	{"Q62 the buyer is not held for", sale, three, "a b c$", levels.Hold, false, false, "", "", "a@1=500, b@2=100, c@3 lost"},
	{"Q62 the buyer, stop", sale, three, "a$ b c", levels.Stop, false, false, "", "", "a@1 stopped"},
	{"N19 who left is not held for", sale, three, "a~ b", levels.Hold, false, false, "", "", "a@1 lost, b@2=200"},
	// Two own sales of 50.00 in all: one less of either is too little, the bound is enough.
	{"C23 own activity", sale, "1 sale", "a:1:5000 b:2:4999 c:2:5000 d:3:5001", levels.Compress, false, true, "", "", "a@1 passed, b@1 passed, c@1=100"},
	{"C23 own activity, held", sale, "1 sale, 2 sale", "a:1:9000 b:2:5000", levels.Hold, false, true, "", "", "a@1=100 held, b@2=200"},
	{"Q50 a sale of nothing", []int64{0, 0}, three, "a b c", "", false, false, "", "", "a@1=0, b@2=0, c@3=0"},
}

func TestN19_C20_C21_C22_C23_Q56_Q60_Q61_Q62_Golden(t *testing.T) {
	t.Parallel()
	for _, g := range goldens {
		t.Run(g.id, func(t *testing.T) {
			t.Parallel()
			if faults := g.terms().Validate(); len(faults) > 0 {
				t.Fatal(faults)
			}
			r, err := g.terms().Evaluate(g.sale())
			if got := told(g.sale(), r); err != nil || got != g.want {
				t.Errorf("\ngot  %s, %v\nwant %s", got, err, g.want)
			}
		})
	}
}

// Digits of a currency change nothing in minor units: yen without any, dinars
// with three. 10 % of 12345 is 1234.5, of 1235 123.5, of 124 12.4, of 12 1.2.
func TestQ18_LevelsInEveryExponent(t *testing.T) {
	t.Parallel()
	for _, c := range []money.Currency{"JPY", "USD", "KWD"} {
		g := golden{lines: []int64{123450, 12345}, levels: "10 lower", upline: "a b c d e", above: true}
		s := g.sale()
		s.Currency = c
		r, err := g.terms().Evaluate(s)
		if got := told(s, r); err != nil || got != "a@1=1235, b@2=124, c@3=12, d@4=1, e@5=0" {
			t.Errorf("%s: %s, %v", c, got, err)
		}
	}
}

// N16: what a maximum leaves of a level is divided over its lines to the last
// unit. 5 % of 100 is 5 on each of three lines; 10 of the 15 are left.
func TestN16_ACutLevelIsDividedOverItsLines(t *testing.T) {
	t.Parallel()
	g := golden{lines: []int64{100, 0, 100, 0, 100, 0}, levels: "5 sale", upline: "a", max: "3.5"}
	r, err := g.terms().Evaluate(g.sale())
	if err != nil || fmt.Sprint(r.Steps[0].Parts, r.Steps[0].Before, r.Room) != "[4 3 3] 15 10" {
		t.Errorf("%+v, %v", r, err)
	}
}
