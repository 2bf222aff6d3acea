package mapping

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/tributary/tributary/internal/problem"
)

// Record is values by their paths: string, int64, bool, time.Time and []string, and
// string again for a decimal. What is not there is absent or nil.
type Record map[string]any

// Apply maps a record one way. What fits is mapped also where something else does
// not; the faults name the field of the document and show no value. The document
// must have passed Check with the same catalogue.
func Apply(d Document, c Catalogue, way Direction, in Record) (Record, []*problem.Error) {
	out := Record{}
	var faults []*problem.Error
	for i, f := range d.Fields {
		if !f.Direction.goes(way) {
			continue
		}
		to, v, words := f.carry(c, way, in)
		switch {
		case words != "":
			p := problem.New(problem.Invalid, "%s", words)
			p.Field = []string{"fields", strconv.Itoa(i), to}
			faults = append(faults, p)
		case v != nil:
			out[to] = v
		}
	}
	return out, faults
}

// carry takes one value over. It names where it goes.
func (f Field) carry(c Catalogue, way Direction, in Record) (to string, v any, words string) {
	from, fromSlot, to, toSlot := f.Source, c.Ours[f.Source], f.Target, c.Theirs[f.Target]
	if way == In {
		from, fromSlot, to, toSlot = to, toSlot, from, fromSlot
	}
	v = in[from]
	if v == nil && way == Out && f.Default != nil {
		v, _ = parse(toSlot.Kind, *f.Default) // it was checked
		return to, v, ""
	}
	switch {
	case v == nil && f.Required:
		return to, nil, "is required, and there is no value"
	case v == nil:
		return to, nil, ""
	case !is(fromSlot.Kind, v):
		return to, nil, "the value is not of the kind that the catalogue says"
	}
	v, err := f.transformed(way, v)
	if err != nil || !toSlot.takes(v) {
		return to, nil, "the value is none that it takes"
	}
	return to, v, ""
}

func (f Field) transformed(way Direction, v any) (any, error) {
	var err error
	steps := slices.Clone(f.Transforms)
	if way == In {
		slices.Reverse(steps)
	}
	for _, t := range steps {
		do := deeds[t.Do].there
		if way == In {
			do = deeds[t.Do].back
		}
		if v, err = do(t, v); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// Row is one field of a preview.
type Row struct {
	From, To string
	Before   any
	After    any    // nil when nothing is written
	Fault    string // why not; "" when it is no fault
}

// Preview shows what would become of a sample, field by field.
func Preview(d Document, c Catalogue, way Direction, sample Record) []Row {
	rows := []Row{}
	for _, f := range d.Fields {
		if !f.Direction.goes(way) {
			continue
		}
		from := f.Source
		if way == In {
			from = f.Target
		}
		to, after, fault := f.carry(c, way, sample)
		rows = append(rows, Row{From: from, To: to, Before: sample[from], After: after, Fault: fault})
	}
	return rows
}

// is reports whether a value is of a kind.
func is(k Kind, v any) bool {
	switch v := v.(type) {
	case string:
		return k == Text || k == Decimal && decimal.MatchString(v)
	case int64:
		return k == Integer
	case bool:
		return k == Boolean
	case time.Time:
		return k == Instant
	case []string:
		return k == List
	}
	return false
}

// takes reports whether a slot takes a value.
func (s Slot) takes(v any) bool {
	text, isText := v.(string)
	if !is(s.Kind, v) {
		return false
	}
	if !isText || s.Kind != Text {
		return true
	}
	return (s.Most == 0 || utf8.RuneCountInString(text) <= s.Most) && (len(s.Values) == 0 || slices.Contains(s.Values, text))
}

// parse reads a default.
func parse(k Kind, text string) (any, error) {
	switch k {
	case Integer:
		return strconv.ParseInt(text, 10, 64)
	case Boolean:
		return strconv.ParseBool(text)
	case Instant:
		return time.Parse(time.RFC3339, text)
	case List:
		return []string{text}, nil
	}
	return text, nil
}
