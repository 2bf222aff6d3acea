package plan

import (
	"slices"

	"github.com/tributary/tributary/internal/canon"
)

// The third layout ends with sections: each has a name and bytes of its own, and
// stands only where it says something. What terms learn to say later is a section
// more, and no stored byte changes for it.

// section reads and writes one part of a T.
type section[T any] struct {
	name  string
	said  func(*T) bool // whether there is anything to write
	write func(*T, *canon.Writer)
	read  func(*T, *canon.Reader)
}

// What sections there are. A table is in the order in which they are written; a
// line is added at its end and never moved, renamed or taken out.
var (
	versionSections = []section[Version]{
		{"levels", func(v *Version) bool { return len(v.Levels) > 0 }, func(v *Version, w *canon.Writer) { w.Bytes(v.Levels) }, func(v *Version, r *canon.Reader) { v.Levels = r.Bytes() }},
		text("holdFrom", func(v *Version) *string { return (*string)(&v.HoldFrom) }),
		{"bonuses", func(v *Version) bool { return len(v.Bonuses) > 0 }, (*Version).writeBonuses, (*Version).readBonuses},
		marginSection, graceSection,
		clicksSection,
	}
	ruleSections = []section[Rule]{
		{"tierCounts", func(r *Rule) bool { return r.Tiers != nil && r.Tiers.Counts != "" }, (*Rule).writeCounts, (*Rule).readCounts},
	}
	conditionSections = []section[Condition]{
		texts("countries", func(c *Condition) *[]string { return &c.Countries }),
		texts("devices", func(c *Condition) *[]string { return &c.Devices }),
		texts("channels", func(c *Condition) *[]string { return &c.Channels }),
		texts("categories", func(c *Condition) *[]string { return &c.Categories }),
		{"fields", func(c *Condition) bool { return len(c.Fields) > 0 }, (*Condition).writeFields, (*Condition).readFields},
	}
	inputSections = []section[Input]{
		text("country", func(in *Input) *string { return &in.Country }),
		text("device", func(in *Input) *string { return &in.Device }),
		text("channel", func(in *Input) *string { return &in.Channel }),
		{"fields", func(in *Input) bool { return len(in.Fields) > 0 }, (*Input).writeFields, (*Input).readFields},
		keptSection,
	}
	lineSections = []section[LineIn]{
		text("category", func(l *LineIn) *string { return &l.Category }),
	}
)

// saysAny reports whether any section has something to write.
func saysAny[T any](of []section[T], v *T) bool {
	return slices.ContainsFunc(of, func(s section[T]) bool { return s.said(v) })
}

// writeSections writes those that say something, in the order of their table.
func writeSections[T any](w *canon.Writer, of []section[T], v *T) {
	if w.Version() < layoutSections {
		return
	}
	said := 0
	for _, s := range of {
		if s.said(v) {
			said++
		}
	}
	w.List(said)
	for _, s := range of {
		if s.said(v) {
			in := canon.NewWriter(layoutSections)
			s.write(v, in)
			w.String(s.name)
			w.Bytes(in.Sum())
		}
	}
}

// readSections reads what writeSections wrote; a name that is not in the table is
// a fault: terms that are not understood are not applied by half.
func readSections[T any](r *canon.Reader, of []section[T], v *T) {
	if r.Version() < layoutSections {
		return
	}
	for range r.List() {
		name, b := r.String(), r.Bytes()
		i := slices.IndexFunc(of, func(s section[T]) bool { return s.name == name })
		if i < 0 || len(b) == 0 || b[0] != layoutSections {
			r.Refuse("an unknown section")
			return
		}
		in, _ := canon.NewReader(b) // not empty
		of[i].read(v, in)
		if in.Done() != nil {
			r.Refuse("a section that does not end where it should")
			return
		}
	}
}
