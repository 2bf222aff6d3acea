package plan

import (
	"fmt"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Limits of terms for clicks.
const (
	MaxClicks    = 100       // terms for clicks in a version
	MaxClicksDay = 1_000_000 // what a maximum may be
)

// Clicks is what clicks are paid: of the terms that are for an affiliate, its own
// hold, else its group's, else the program's. Only clicks that may earn are paid.
type Clicks struct {
	Level    Level
	TargetID string      // the group or affiliate; "" for LevelProgram
	Amount   money.Money // for each; zero pays none
	// Repeats pays several clicks of one network on a day; else the first alone.
	Repeats bool
	// Unidentified pays each click of visitors who allow no identifiers: nobody can
	// tell whether two of them are one visitor's. Else none of them.
	Unidentified bool
	MaxPerDay    int64 // the most that are paid on a day; 0 for no maximum
}

// Seen is what a day's clicks of an affiliate in a program were. Those that may earn
// and are identified are Clicks - Unpayable - Unidentified.
type Seen struct {
	Clicks       int64 // all of them
	Unpayable    int64 // of robots, repeated within minutes, on stopped links
	Unidentified int64 // may earn, of visitors who allow no identifiers
	Networks     int64 // from how many networks the others that may earn came
}

// Counted is what became of a day's clicks: its numbers sum to Seen.Clicks.
type Counted struct {
	Unpayable, Repeated, Unidentified, Over, Paid int64
}

// Count decides which of a day's clicks are paid.
func (c Clicks) Count(s Seen) Counted {
	out := Counted{Unpayable: s.Unpayable, Unidentified: s.Unidentified}
	may := s.Clicks - s.Unpayable - s.Unidentified
	if out.Paid = may; !c.Repeats {
		out.Paid, out.Repeated = s.Networks, may-s.Networks
	}
	if c.Unidentified {
		out.Paid, out.Unidentified = out.Paid+s.Unidentified, 0
	}
	if c.MaxPerDay > 0 && out.Paid > c.MaxPerDay {
		out.Paid, out.Over = c.MaxPerDay, out.Paid-c.MaxPerDay
	}
	return out
}

// ClicksOf gives the place of the terms for clicks of an affiliate and its group, -1
// for none.
func (v Version) ClicksOf(affiliate, group string) int {
	found := -1
	for i, c := range v.Clicks {
		mine := c.Level == LevelProgram || c.Level == LevelGroup && c.TargetID == group || c.Level == LevelAffiliate && c.TargetID == affiliate
		if mine && (found < 0 || rank(c.Level) > rank(v.Clicks[found].Level)) {
			found = i
		}
	}
	return found
}

func rank(l Level) int {
	return map[Level]int{LevelGroup: 1, LevelAffiliate: 2}[l]
}

// ClickTrace is how a commission for clicks came about: Before of the day's clicks
// had been paid when rows that came late were counted too.
type ClickTrace struct {
	Day    string // in the program's time zone, as 2026-03-02
	Place  int    // of the terms, among the version's
	Seen   Seen
	Before int64
}

// Amount is what the trace earns. Errors: the place is none, or the amount is more
// than can be written.
func (t ClickTrace) Amount(v Version) (money.Money, error) {
	if t.Place < 0 || t.Place >= len(v.Clicks) {
		return money.Money{}, problem.New(problem.Internal, "the version has no such terms for clicks")
	}
	c := v.Clicks[t.Place]
	minor, err := money.MulDiv(c.Amount.Minor, max(0, c.Count(t.Seen).Paid-t.Before), 1)
	return money.Of(minor, c.Amount.Currency), err
}

// Explain tells how the amount came about.
func (t ClickTrace) Explain(v Version) (Explanation, error) {
	sum, err := t.Amount(v)
	if err != nil {
		return Explanation{}, err
	}
	c := v.Clicks[t.Place]
	n := c.Count(t.Seen)
	e := Explanation{VersionID: v.ID, Number: v.Number, Amount: sum, Rule: Rule{Level: c.Level, TargetID: c.TargetID, Kind: KindFixed, Fixed: c.Amount}}
	for _, s := range [...]struct {
		n    int64
		text string
	}{
		{n.Unpayable, "may not earn"}, {n.Repeated, "repeat one of the same network"},
		{n.Unidentified, "are of visitors who allow no identifiers"}, {n.Over, "are above the most of a day"},
		{min(t.Before, n.Paid), "were paid before"},
	} {
		if s.n > 0 {
			e.Steps = append(e.Steps, Step{Kind: StepClicks, Text: fmt.Sprintf("Of %d clicks on %s, %d %s.", t.Seen.Clicks, t.Day, s.n, s.text)})
		}
	}
	e.Steps = append(e.Steps, Step{Kind: StepTotal, After: sum.Minor, Text: fmt.Sprintf("%d of %d clicks on %s × %s = %s.", max(0, n.Paid-t.Before), t.Seen.Clicks, t.Day, c.Amount, sum)})
	return e, nil
}

func (t *ClickTrace) numbers() [5]*int64 {
	return [5]*int64{&t.Seen.Clicks, &t.Seen.Unpayable, &t.Seen.Unidentified, &t.Seen.Networks, &t.Before}
}

// Encode gives the trace's canonical bytes.
func (t ClickTrace) Encode() []byte {
	w := canon.NewWriter(layoutSections)
	w.String(t.Day)
	w.Int(int64(t.Place))
	for _, n := range t.numbers() {
		w.Int(*n)
	}
	return w.Sum()
}

// DecodeClickTrace reads what Encode wrote and nothing else.
func DecodeClickTrace(b []byte) (t ClickTrace, err error) {
	if len(b) == 0 || b[0] != layoutSections {
		return t, errLayout
	}
	r, err := canon.NewReader(b)
	if err != nil {
		return t, err
	}
	t.Day, t.Place = r.String(), int(r.Int())
	for _, n := range t.numbers() {
		*n = r.Int()
	}
	return t, r.Done()
}

// clicksSection is what clicks are paid.
var clicksSection = section[Version]{
	name: "clicks",
	said: func(v *Version) bool { return len(v.Clicks) > 0 },
	write: func(v *Version, w *canon.Writer) {
		w.List(len(v.Clicks))
		for _, c := range v.Clicks {
			w.String(string(c.Level))
			w.String(c.TargetID)
			writeMoney(w, c.Amount)
			w.Bool(c.Repeats)
			w.Bool(c.Unidentified)
			w.Int(c.MaxPerDay)
		}
	},
	read: func(v *Version, r *canon.Reader) {
		for range r.List() {
			v.Clicks = append(v.Clicks, Clicks{Level: Level(r.String()), TargetID: r.String(), Amount: readMoney(r), Repeats: r.Bool(), Unidentified: r.Bool(), MaxPerDay: r.Int()})
		}
	},
}

// clicks checks a version's terms for clicks.
func (c *checker) clicks(list []Clicks) {
	if len(list) > MaxClicks {
		c.add(problem.TooLarge, "clicks", "must be at most 100")
		return
	}
	for i, one := range list {
		at := fmt.Sprintf("clicks.%d.", i)
		switch {
		case one.Level != LevelProgram && one.Level != LevelGroup && one.Level != LevelAffiliate:
			c.add(problem.Invalid, at+"level", "must be PROGRAM, GROUP or AFFILIATE")
		case (one.Level == LevelProgram) != (one.TargetID == ""):
			c.add(problem.Invalid, at+"targetId", "is for GROUP and AFFILIATE, and needed there")
		case !c.once(fmt.Sprintf("clicks %s %s", one.Level, one.TargetID)):
			c.add(problem.Taken, at+"targetId", "has terms for clicks already")
		}
		c.amount(at+"amount", one.Amount)
		if one.MaxPerDay < 0 || one.MaxPerDay > MaxClicksDay {
			c.add(problem.Invalid, at+"maxPerDay", "must be between 1 and 1000000")
		}
	}
}
