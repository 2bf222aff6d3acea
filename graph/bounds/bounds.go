// Package bounds says, before anything is run, what a document would cost, and
// refuses what is too much.
//
// It means: a [Size] is what one pass over a document finds: its depth, its
// aliases, root fields, directives and fields, and its points. Points are
// counted by multiplication: a page of 20 affiliates with 5 links each is
// 20 × (1 + 5 × 1). A field's price stands in the schema, see [Prices].
//
// It owns the limits of one document, and the [Shelf] that keeps documents within
// a number of bytes. Points are paid out of allowances, see internal/allowance.
//
// It refuses: documents beyond [Standard], and pages within rows that do not say
// their size.
//
// Invariants: a document need not be valid to be measured, so that no work is
// done on one that is too large; the verdict is that of the document with its
// fragments spelled out; the work is linear in the text; no sum or product
// overflows.
package bounds

import "fmt"

// Limits of one document.
type Limits struct {
	Tokens, Operations, Depth, Aliases, RootFields, Directives, Fields, Points int

	Page int // rows of one page
	Name int // bytes of a name: each row of the answer repeats an alias
}

// Standard is what every document is held to. Fields bounds what later walks
// meet that do spell fragments out.
var Standard = Limits{
	Tokens: 1000, Operations: 20, Depth: 12, Aliases: 30, RootFields: 20, Directives: 20, Fields: 5000, Points: 1000,
	Page: 100, Name: 100,
}

// Fault is why a document is refused.
type Fault struct {
	Bound   string // which of the limits, for programs
	Limit   int
	Message string // safe to show
}

func (f *Fault) Error() string { return f.Message }

func faultOf(bound string, limit int, format string) *Fault {
	return &Fault{bound, limit, fmt.Sprintf(format, limit)}
}

// check holds a size against the limits: nil when it is within all of them.
func (l Limits) check(s Size) *Fault {
	for _, one := range []struct {
		bound      string
		got, limit int
		format     string
	}{
		{"DEPTH", s.Depth, l.Depth, "the document is more than %d levels deep"},
		{"ALIASES", s.Aliases, l.Aliases, "the document has more than %d aliases, fragments spelled out"},
		{"ROOT_FIELDS", s.RootFields, l.RootFields, "the document has more than %d root fields"},
		{"DIRECTIVES", s.Directives, l.Directives, "the document has more than %d directives, fragments spelled out"},
		{"FIELDS", s.Fields, l.Fields, "the document has more than %d fields, fragments spelled out"},
		{"POINTS", s.Points, l.Points, "the document costs more than %d points: ask for smaller pages or fewer fields"},
	} {
		if one.got > one.limit {
			return faultOf(one.bound, one.limit, one.format)
		}
	}
	return nil
}
