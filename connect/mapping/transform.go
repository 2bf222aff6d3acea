package mapping

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// Transform does one thing to a value.
type Transform struct {
	Do     string            `json:"do"`
	Text   string            `json:"text,omitempty"`   // of PREFIX and JOIN
	Places int               `json:"places,omitempty"` // of SHIFT: digits after the point; of CUT: characters
	Table  map[string]string `json:"table,omitempty"`  // of TABLE
}

// What transforms do. SHIFT makes a decimal of an integer of minor units.
const (
	Trim   = "TRIM"
	Lower  = "LOWER"
	Upper  = "UPPER"
	Cut    = "CUT"
	Prefix = "PREFIX"
	Table  = "TABLE"
	Join   = "JOIN"
	Shift  = "SHIFT"
	Day    = "DAY"
)

// deed is what a transform does: from kind to kind, there and, where there is a way,
// back.
type deed struct {
	from, to Kind
	there    func(Transform, any) (any, error)
	back     func(Transform, any) (any, error)
	sound    func(Transform) string // what is wrong with its settings
}

var errValue = errors.New("mapping: the value does not fit")

// deeds are all transforms.
var deeds = map[string]deed{
	Trim:   {from: Text, to: Text, there: onText(strings.TrimSpace)},
	Lower:  {from: Text, to: Text, there: onText(strings.ToLower)},
	Upper:  {from: Text, to: Text, there: onText(strings.ToUpper)},
	Cut:    {from: Text, to: Text, there: cut, sound: places(1, 10_000)},
	Prefix: {from: Text, to: Text, there: prefix, back: unprefix, sound: wantsText},
	Table:  {from: Text, to: Text, there: look, back: lookBack, sound: wantsTable},
	Join:   {from: List, to: Text, there: join, back: split, sound: wantsText},
	Shift:  {from: Integer, to: Decimal, there: shift, back: unshift, sound: places(0, 4)},
	Day:    {from: Instant, to: Text, there: day},
}

func onText(do func(string) string) func(Transform, any) (any, error) {
	return func(_ Transform, v any) (any, error) { return do(v.(string)), nil }
}

func places(least, most int) func(Transform) string {
	return func(t Transform) string {
		if t.Places < least || t.Places > most {
			return "places is out of its range"
		}
		return ""
	}
}

func wantsText(t Transform) string {
	if t.Text == "" {
		return "text must not be empty"
	}
	return ""
}

func wantsTable(t Transform) string {
	if len(t.Table) == 0 {
		return "table must not be empty"
	}
	return ""
}

func cut(t Transform, v any) (any, error) {
	text := v.(string)
	if utf8.RuneCountInString(text) <= t.Places {
		return text, nil
	}
	return string([]rune(text)[:t.Places]), nil
}

func prefix(t Transform, v any) (any, error) { return t.Text + v.(string), nil }

func unprefix(t Transform, v any) (any, error) {
	rest, had := strings.CutPrefix(v.(string), t.Text)
	if !had {
		return nil, errValue
	}
	return rest, nil
}

func look(t Transform, v any) (any, error) {
	to, known := t.Table[v.(string)]
	if !known {
		return nil, errValue
	}
	return to, nil
}

func lookBack(t Transform, v any) (any, error) {
	for from, to := range t.Table {
		if to == v.(string) {
			return from, nil
		}
	}
	return nil, errValue
}

// injective reports whether a table has a way back.
func (t Transform) injective() bool {
	seen := map[string]bool{}
	for _, to := range t.Table {
		if seen[to] {
			return false
		}
		seen[to] = true
	}
	return true
}

// join refuses a list that could not be told apart again.
func join(t Transform, v any) (any, error) {
	for _, one := range v.([]string) {
		if one == "" || strings.Contains(one, t.Text) {
			return nil, errValue
		}
	}
	out := strings.Join(v.([]string), t.Text)
	if len(splitText(t, out)) != len(v.([]string)) {
		return nil, errValue
	}
	return out, nil
}

func split(t Transform, v any) (any, error) { return splitText(t, v.(string)), nil }

func splitText(t Transform, text string) []string {
	if text == "" {
		return []string{}
	}
	return strings.Split(text, t.Text)
}

func day(_ Transform, v any) (any, error) { return v.(time.Time).UTC().Format(time.DateOnly), nil }
