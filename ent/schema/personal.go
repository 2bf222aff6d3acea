package schema

import "entgo.io/ent/schema"

// Personal marks a column whose values are about a person, or written freely by
// one: the audit says that it changed and never what it holds. Bytes and
// sensitive columns are treated so without the mark.
type Personal struct{ Masked bool }

// Name of the annotation.
func (Personal) Name() string { return "Personal" }

func personal() schema.Annotation { return Personal{Masked: true} }
