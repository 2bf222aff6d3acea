// Package contract compares two versions of the API's schema and names what
// would break a client that was written against the older one.
//
// It owns the question "does this change break somebody"; the answer follows
// the GraphQL specification's idea of compatible types: an output may promise
// more, an input may demand less. It refuses to judge meaning: a field that
// keeps its type and changes its sense passes here and not in a review.
//
// What is announced may go: a field, argument, input field or enum value whose
// deprecation in the older schema says "removed after 2027-05-31" may be gone
// once that day is over.
package contract

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// Break is one change that breaks clients.
type Break struct {
	Where string // such as "Query.links(first:)"
	What  string // such as "was removed"
}

// String gives "Query.links(first:) was removed".
func (b Break) String() string { return b.Where + " " + b.What }

// Breaks lists what breaks clients of the older schema, sorted. Both schemas
// are SDL. today decides which announced removals are due.
func Breaks(older, newer string, today time.Time) ([]Break, error) {
	from, err := gqlparser.LoadSchema(&ast.Source{Name: "older", Input: older})
	if err != nil {
		return nil, fmt.Errorf("the older schema: %w", err)
	}
	to, err := gqlparser.LoadSchema(&ast.Source{Name: "newer", Input: newer})
	if err != nil {
		return nil, fmt.Errorf("the newer schema: %w", err)
	}
	c := &comparison{today: today.UTC().Format(time.DateOnly)}
	for name, def := range from.Types {
		c.types(name, def, to.Types[name])
	}
	slices.SortFunc(c.found, func(a, b Break) int { return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.What, b.What)) })
	return c.found, nil
}

type comparison struct {
	today string
	found []Break
}

func (c *comparison) say(where, what string, a ...any) {
	c.found = append(c.found, Break{where, fmt.Sprintf(what, a...)})
}

func (c *comparison) types(name string, from, to *ast.Definition) {
	switch {
	case to == nil:
		c.say(name, "was removed")
		return
	case from.Kind != to.Kind:
		c.say(name, "was %s and is %s", from.Kind, to.Kind)
		return
	}
	c.members(name, "no longer includes", from.Types, to.Types)
	c.members(name, "no longer implements", from.Interfaces, to.Interfaces)
	c.values(name, from, to)
	for _, f := range from.Fields {
		c.field(name+"."+f.Name, from.Kind == ast.InputObject, f, to.Fields.ForName(f.Name))
	}
	for _, f := range to.Fields {
		if from.Kind == ast.InputObject && from.Fields.ForName(f.Name) == nil && demanded(f.Type, f.DefaultValue) {
			c.say(name+"."+f.Name, "is new and required")
		}
	}
}

func (c *comparison) members(name, what string, from, to []string) {
	for _, one := range from {
		if !slices.Contains(to, one) {
			c.say(name, "%s %s", what, one)
		}
	}
}

func (c *comparison) values(name string, from, to *ast.Definition) {
	for _, v := range from.EnumValues {
		if to.EnumValues.ForName(v.Name) == nil && !c.due(v.Directives) {
			c.say(name+"."+v.Name, "was removed")
		}
	}
}

func (c *comparison) field(where string, input bool, from, to *ast.FieldDefinition) {
	if to == nil {
		if !c.due(from.Directives) {
			c.say(where, "was removed")
		}
		return
	}
	fits := outputFits
	if input {
		fits = inputFits
	}
	if !fits(from.Type, to.Type) {
		c.say(where, "was %s and is %s", from.Type, to.Type)
	}
	for _, a := range from.Arguments {
		c.argument(where+"("+a.Name+":)", a, to.Arguments.ForName(a.Name))
	}
	for _, a := range to.Arguments {
		if from.Arguments.ForName(a.Name) == nil && demanded(a.Type, a.DefaultValue) {
			c.say(where+"("+a.Name+":)", "is new and required")
		}
	}
}

func (c *comparison) argument(where string, from, to *ast.ArgumentDefinition) {
	switch {
	case to == nil && !c.due(from.Directives):
		c.say(where, "was removed")
	case to != nil && !inputFits(from.Type, to.Type):
		c.say(where, "was %s and is %s", from.Type, to.Type)
	}
}

var announced = regexp.MustCompile(`removed after (\d{4}-\d{2}-\d{2})`)

// due reports whether a removal was announced and its day is over.
func (c *comparison) due(directives ast.DirectiveList) bool {
	d := directives.ForName("deprecated")
	if d == nil || d.Arguments.ForName("reason") == nil {
		return false
	}
	day := announced.FindStringSubmatch(d.Arguments.ForName("reason").Value.Raw)
	return day != nil && c.today > day[1]
}

func demanded(t *ast.Type, otherwise *ast.Value) bool { return t.NonNull && otherwise == nil }

// outputFits reports whether a client that reads the older type can read the
// newer: the same, or promised never to be null.
func outputFits(from, to *ast.Type) bool {
	if from.NonNull && !to.NonNull {
		return false
	}
	if (from.Elem == nil) != (to.Elem == nil) {
		return false
	}
	if from.Elem != nil {
		return outputFits(from.Elem, to.Elem)
	}
	return from.NamedType == to.NamedType
}

// inputFits reports whether what a client sends for the older type is taken for
// the newer: the same, or no longer demanded. It is the mirror of outputFits.
func inputFits(from, to *ast.Type) bool { return outputFits(to, from) }
