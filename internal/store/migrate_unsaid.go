package store

import (
	"slices"
	"strings"

	"ariga.io/atlas/sql/postgres"
	atlas "ariga.io/atlas/sql/schema"
)

// unsaid reports whether an attribute of a table is kept by hand-written
// migrations: partitions and checks named ck_….
func unsaid(a atlas.Attr) bool {
	switch a := a.(type) {
	case *postgres.Partition:
		return true
	case *atlas.Check:
		return strings.HasPrefix(a.Name, "ck_")
	}
	return false
}

// ignoreXid hides the columns of events that only the sequencer reads.
func ignoreXid(t *atlas.Table) {
	if t.Name != "events" {
		return
	}
	t.Columns = slices.DeleteFunc(t.Columns, func(c *atlas.Column) bool { return c.Name == "xid" || c.Name == "appended" })
	t.Indexes = slices.DeleteFunc(t.Indexes, func(i *atlas.Index) bool { return i.Name == "events_xid" })
}
