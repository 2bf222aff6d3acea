package plan_test

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/facts"
)

// told: what is said of where an order comes from and of custom fields. What is not
// known is neither one thing nor another.
func (j *judge) told(c plan.Condition, l plan.LineIn) bool {
	for _, one := range []struct {
		list []string
		has  string
	}{{c.Countries, j.in.Country}, {c.Devices, j.in.Device}, {c.Channels, j.in.Channel}, {c.Categories, l.Category}} {
		if len(one.list) > 0 && (one.has == "" || !slices.Contains(one.list, one.has)) {
			return false
		}
	}
	ok := true
	for _, t := range c.Fields {
		ok = j.meets(t) && ok
	}
	return ok
}

func (j *judge) meets(t plan.FieldTest) bool {
	for _, f := range j.in.Fields {
		if f.Of != t.Of || f.Name != t.Name || f.Kind != t.Kind || f.AffiliateID != "" && f.AffiliateID != j.in.AffiliateID {
			continue
		}
		sign := func(want string) int {
			if t.Kind != facts.Number {
				return map[bool]int{true: 0, false: 1}[f.Value == want]
			}
			a, _ := new(big.Rat).SetString(f.Value)
			b, _ := new(big.Rat).SetString(want)
			return a.Cmp(b)
		}
		any := false
		for _, v := range t.Values {
			any = any || sign(v) == 0
		}
		met := map[plan.Comparison]bool{
			plan.Is: any, plan.OneOf: any, plan.IsNot: !any, plan.AtLeast: sign(t.Values[0]) >= 0, plan.Below: sign(t.Values[0]) < 0,
		}[t.Compare]
		j.seen[fmt.Sprint("field ", t.Compare, " ", met)]++
		return met
	}
	j.seen["field absent"]++
	return false
}

func (d dice) fieldTest() plan.FieldTest {
	t := plan.FieldTest{Of: pick(d, plan.OfOrder, plan.OfCustomer, plan.OfAffiliate), Name: pick(d, "x", "y"), Kind: pick(d, facts.Text, facts.Number, facts.Number, facts.Boolean)}
	if d.one(4) {
		t = plan.FieldTest{Of: plan.OfProfile, Name: pick(d, plan.Profile...), Kind: facts.Text}
	}
	t.Compare = pick(d, plan.Is, plan.IsNot, plan.OneOf)
	switch t.Values = []string{pick(d, "a", "b")}; t.Kind {
	case facts.Number:
		t.Compare = pick(d, t.Compare, plan.AtLeast, plan.Below)
		t.Values = []string{pick(d, "-1.5", "2", "2.000001", "10")}
	case facts.Boolean:
		t.Values = []string{pick(d, "true", "false")}
	}
	if t.Compare == plan.OneOf {
		t.Values = append(t.Values, map[facts.Kind]string{facts.Text: "c", facts.Number: "3", facts.Boolean: "true"}[t.Kind])
	}
	return t
}

func (d dice) fields(in *plan.Input) {
	for _, of := range []plan.FieldOf{plan.OfOrder, plan.OfCustomer, plan.OfAffiliate} {
		for _, name := range []string{"x", "y"} {
			f := plan.Field{Of: of, Field: facts.Field{Name: name, Kind: pick(d, facts.Text, facts.Number, facts.Number, facts.Boolean)}}
			f.Value = map[facts.Kind]string{facts.Text: pick(d, "a", "b", "c"), facts.Number: pick(d, "-1.50", "2.0", "3", "11"), facts.Boolean: pick(d, "true", "false")}[f.Kind]
			if of == plan.OfAffiliate {
				f.AffiliateID = pick(d, "aff_1", "aff_1", "aff_2")
			}
			if d.one(2) {
				in.Fields = append(in.Fields, f)
			}
		}
	}
	for _, name := range plan.Profile {
		if d.one(2) {
			in.Fields = append(in.Fields, plan.Field{Of: plan.OfProfile, Field: facts.Field{Name: name, Kind: facts.Text, Value: pick(d, "a", "b", "c")}})
		}
	}
}
