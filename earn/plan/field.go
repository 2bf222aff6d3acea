package plan

import (
	"cmp"
	"slices"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/facts"
)

// FieldOf is what a custom field is of.
type FieldOf string

// What has custom fields.
const (
	OfOrder     FieldOf = "ORDER"
	OfCustomer  FieldOf = "CUSTOMER"  // as the order told them
	OfAffiliate FieldOf = "AFFILIATE" // of who has credit
	OfProfile   FieldOf = "PROFILE"   // what a CRM or the merchant had said of the buyer by then
)

// Profile are the names of what a profile may say, each a text (S25).
var Profile = []string{"segment", "lifecycle_stage"}

// Comparison is how a custom field is compared. A field that is not there, or is of
// another type, meets none of them.
type Comparison string

// The comparisons. AtLeast and Below are of numbers.
const (
	Is      Comparison = "IS"
	IsNot   Comparison = "IS_NOT"
	OneOf   Comparison = "ONE_OF"
	AtLeast Comparison = "AT_LEAST"
	Below   Comparison = "BELOW"
)

// FieldTest is what a custom field must be.
type FieldTest struct {
	Of      FieldOf
	Name    string
	Kind    facts.Kind
	Compare Comparison
	Values  []string // one; of OneOf any number
}

// Field is a custom field of an order, its buyer or, with its id, an affiliate.
type Field struct {
	Of          FieldOf
	AffiliateID string
	facts.Field
}

// fielded reports whether the condition's tests of custom fields hold.
func (c *Condition) fielded(in *Input) bool {
	for i := range c.Fields {
		if t := &c.Fields[i]; !slices.ContainsFunc(in.Fields, func(f Field) bool { return t.names(f, in.AffiliateID) && t.holds(f.Value) }) {
			return false
		}
	}
	return true
}

// names reports whether a field is the one that is tested, and of its type.
func (t *FieldTest) names(f Field, affiliateID string) bool {
	own := f.Of != OfAffiliate || f.AffiliateID == affiliateID
	return own && f.Of == t.Of && f.Name == t.Name && f.Kind == t.Kind
}

// holds compares values, numbers by what they are and not by how they are written.
func (t *FieldTest) holds(value string) bool {
	same := func(want string) bool { return want == value }
	if t.Kind == facts.Number {
		has, _ := facts.Decimal(value)
		same = func(want string) bool { n, ok := facts.Decimal(want); return ok && n == has }
		if bound, _ := facts.Decimal(t.Values[0]); t.Compare == AtLeast || t.Compare == Below {
			return (has >= bound) == (t.Compare == AtLeast)
		}
	}
	return slices.ContainsFunc(t.Values, same) == (t.Compare != IsNot)
}

// ofFields reports whether the terms look at a field.
func (n *needs) ofFields(f Field) bool {
	return slices.ContainsFunc(n.fields, func(t FieldTest) bool { return t.Of == f.Of && t.Name == f.Name })
}

func sortFields(fields []Field) []Field {
	return slices.SortedFunc(slices.Values(fields), func(a, b Field) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.AffiliateID, b.AffiliateID), cmp.Compare(a.Name, b.Name))
	})
}

func (c *Condition) writeFields(w *canon.Writer) {
	w.List(len(c.Fields))
	for _, t := range c.Fields {
		for _, s := range [...]string{string(t.Of), t.Name, string(t.Kind), string(t.Compare)} {
			w.String(s)
		}
		writeTexts(w, t.Values)
	}
}

func (c *Condition) readFields(r *canon.Reader) {
	for range r.List() {
		c.Fields = append(c.Fields, FieldTest{Of: FieldOf(r.String()), Name: r.String(), Kind: facts.Kind(r.String()), Compare: Comparison(r.String()), Values: readTexts[string](r)})
	}
}

func (in *Input) writeFields(w *canon.Writer) {
	w.List(len(in.Fields))
	for _, f := range in.Fields {
		for _, s := range [...]string{string(f.Of), f.AffiliateID, f.Name, string(f.Kind), f.Value} {
			w.String(s)
		}
	}
}

func (in *Input) readFields(r *canon.Reader) {
	for range r.List() {
		in.Fields = append(in.Fields, Field{Of: FieldOf(r.String()), AffiliateID: r.String(), Field: facts.Field{Name: r.String(), Kind: facts.Kind(r.String()), Value: r.String()}})
	}
}
