package plan

import (
	"fmt"
	"slices"

	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/internal/problem"
)

// places checks countries, devices and tests of custom fields.
func (c *checker) places(path string, w *Condition) {
	for i, code := range w.Countries {
		if !facts.Country(code) {
			c.add(problem.Invalid, fmt.Sprintf("%s.countries.%d", path, i), "must be a code of ISO 3166-1 alpha-2 in capitals")
		}
	}
	for i, d := range w.Devices {
		if !slices.Contains(Devices, d) {
			c.add(problem.Invalid, fmt.Sprintf("%s.devices.%d", path, i), "must be DESKTOP, MOBILE, TABLET or OTHER")
		}
	}
	if len(w.Fields) > facts.MaxFields {
		c.add(problem.TooLarge, path+".fields", "must be at most 20")
		return
	}
	for i := range w.Fields {
		c.field(fmt.Sprintf("%s.fields.%d.", path, i), &w.Fields[i])
	}
}

// field checks a test of a custom field.
func (c *checker) field(at string, t *FieldTest) {
	c.fieldOf(at, t)
	switch t.Compare {
	case Is, IsNot, OneOf:
	case AtLeast, Below:
		if t.Kind != facts.Number {
			c.add(problem.Invalid, at+"compare", "is for numbers")
		}
	default:
		c.add(problem.Invalid, at+"compare", "must be IS, IS_NOT, ONE_OF, AT_LEAST or BELOW")
	}
	if n := len(t.Values); n == 0 || n > 1 && t.Compare != OneOf || n > MaxValues {
		c.add(problem.Invalid, at+"values", "must be one value, or for ONE_OF at most 1000")
		return
	}
	for i, v := range t.Values {
		if fault := t.Kind.Fault(v); fault != "" {
			c.add(problem.Invalid, fmt.Sprintf("%svalues.%d", at, i), fault)
		}
	}
}

// fieldOf checks which field is tested, and that it can be of that type.
func (c *checker) fieldOf(at string, t *FieldTest) {
	switch {
	case !slices.Contains([]FieldOf{OfOrder, OfCustomer, OfAffiliate, OfProfile}, t.Of):
		c.add(problem.Invalid, at+"of", "must be ORDER, CUSTOMER, AFFILIATE or PROFILE")
	case t.Of == OfProfile && t.Kind != facts.Text:
		c.add(problem.Invalid, at+"kind", "must be TEXT: a profile holds texts")
	}
	switch {
	case !facts.Name(t.Name):
		c.add(problem.Invalid, at+"name", "must be 1 to 32 of a–z, A–Z, 0–9, _ and -")
	case t.Of == OfProfile && !slices.Contains(Profile, t.Name):
		c.add(problem.Invalid, at+"name", "must be segment or lifecycle_stage")
	}
}
