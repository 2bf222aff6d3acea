package bounds

// Size is what a document comes to with its fragments spelled out. Numbers
// beyond any limit are all the same, see most.
type Size struct {
	Depth      int // levels; introspection has none
	Aliases    int // fields under another name
	RootFields int // fields of the operation itself
	Directives int
	Fields     int
	Points     int

	Steps int // selections that were looked at
}

// most stands for any larger number, so that nothing overflows.
const most = 1 << 30

func plus(a, b int) int { return min(a+b, most) }

func times(a, b int) int {
	if a != 0 && b > most/a {
		return most
	}
	return a * b
}

// extent is the size of one selection.
type extent struct {
	depth, aliases, top, directives, fields, points int

	aside int // points that are paid once for a page, not for each row
}

func (e *extent) add(o extent) {
	e.depth = max(e.depth, o.depth)
	e.aliases, e.top, e.directives = plus(e.aliases, o.aliases), plus(e.top, o.top), plus(e.directives, o.directives)
	e.fields, e.points, e.aside = plus(e.fields, o.fields), plus(e.points, o.points), plus(e.aside, o.aside)
}
