package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tributary/tributary/internal/money"
)

// ChangeKind is how something of two terms differs.
type ChangeKind string

// The kinds.
const (
	Added   ChangeKind = "ADDED"
	Removed ChangeKind = "REMOVED"
	Changed ChangeKind = "CHANGED"
)

// Change is a difference between terms: of a setting by its path, or of a whole rule,
// cap, bonus or terms for clicks by its place, in the words of Said.
type Change struct {
	Kind          ChangeKind
	Path          string // as "rules.0.percent"
	Before, After string // "" for what is new, or gone
}

// Text is the change in one sentence.
func (c Change) Text() string {
	switch c.Kind {
	case Added:
		return fmt.Sprintf("%s is new: %s.", c.Path, c.After)
	case Removed:
		return fmt.Sprintf("%s is gone: %s.", c.Path, c.Before)
	}
	return fmt.Sprintf("%s was %s and is %s.", c.Path, c.Before, c.After)
}

// Setting is one thing that terms say, in words, by the name that it has in the API.
type Setting struct{ Name, Value string }

// settings are what something says; what says nothing is left out.
type settings []Setting

func (s *settings) add(name, value string) {
	if value != "" {
		*s = append(*s, Setting{name, value})
	}
}

func (s *settings) money(name string, m money.Money) {
	if m.Currency != "" {
		s.add(name, m.String())
	}
}

func (s *settings) number(name string, n int64) {
	if n != 0 {
		s.add(name, strconv.FormatInt(n, 10))
	}
}

func (s *settings) flag(name string, on bool) {
	if on {
		s.add(name, "true")
	}
}

func (s settings) String() string {
	out := make([]string, len(s))
	for i, one := range s {
		out[i] = one.Name + " " + one.Value
	}
	return strings.Join(out, ", ")
}

func (s settings) get(name string) string {
	for _, one := range s {
		if one.Name == name {
			return one.Value
		}
	}
	return ""
}

// Differ gives what differs between two lists of settings, those of the second first,
// in their order. What was not said before is ADDED, what is said no more REMOVED.
func Differ(path string, before, after []Setting) (out []Change) {
	was, is := settings(before), settings(after)
	for _, s := range is {
		switch old := was.get(s.Name); {
		case old == "":
			out = append(out, Change{Added, path + s.Name, "", s.Value})
		case old != s.Value:
			out = append(out, Change{Changed, path + s.Name, old, s.Value})
		}
	}
	for _, s := range was {
		if is.get(s.Name) == "" {
			out = append(out, Change{Removed, path + s.Name, s.Value, ""})
		}
	}
	return out
}

// Changes gives what differs between terms and those before them. A rule is the same one
// when it is for the same affiliates under the same condition, or else, in the order of
// both, for the same affiliates.
func (v Version) Changes(before Version) []Change {
	return slices.Concat(
		Differ("", before.said(), v.said()),
		differAll("rules.", before.ruleItems(), v.ruleItems()),
		differAll("caps.", before.capItems(), v.capItems()),
		differAll("bonuses.", before.bonusItems(), v.bonusItems()),
		differAll("clicks.", before.clickItems(), v.clickItems()),
	)
}

// item is one of several: a rule, a cap, a bonus.
type item struct {
	said  settings
	close string // what makes it the same as one before
	loose string // what makes it so where nothing is closer
}

// differAll pairs items and tells how the pairs differ, which stand behind one that they
// stood before, which are new and which gone.
func differAll(path string, before, after []item) (out []Change) {
	of, last := paired(before, after), -1
	for i, a := range after {
		if of[i] < 0 {
			out = append(out, Change{Added, path + strconv.Itoa(i), "", a.said.String()})
			continue
		}
		out = append(out, Differ(path+strconv.Itoa(i)+".", before[of[i]].said, a.said)...)
		if of[i] < last {
			out = append(out, Change{Changed, path + strconv.Itoa(i) + ".place", strconv.Itoa(of[i]), strconv.Itoa(i)})
		}
		last = max(last, of[i])
	}
	for i, b := range before {
		if !slices.Contains(of, i) {
			out = append(out, Change{Removed, path + strconv.Itoa(i), b.said.String(), ""})
		}
	}
	return out
}

// paired gives for each item the place of the one before that it is, -1 for none. Equal
// ones go first, so that one that is inserted makes no other differ.
func paired(before, after []item) []int {
	of := slices.Repeat([]int{-1}, len(after))
	for _, same := range []func(a, b item) bool{
		func(a, b item) bool { return slices.Equal(a.said, b.said) },
		func(a, b item) bool { return a.close == b.close },
		func(a, b item) bool { return a.loose == b.loose },
	} {
		for i, a := range after {
			for j, b := range before {
				if of[i] < 0 && !slices.Contains(of, j) && same(b, a) {
					of[i] = j
				}
			}
		}
	}
	return of
}
