package bounds_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/graph/bounds"
)

// author writes documents out of a seed: every type it can reach, fragments that
// spread earlier ones, aliases, directives and pages of all sizes.
type author struct {
	*rand.Rand
	schema    *ast.Schema
	fragments []string          // names
	on        map[string]string // fragment → type
	text      strings.Builder
}

func write(seed uint64) string {
	a := &author{Rand: rand.New(rand.NewPCG(seed, 1)), schema: schema(), on: map[string]string{}}
	kinds := []string{"Query", "Affiliate", "AffiliateConnection", "AffiliateEdge", "Conversion", "Commission", "Viewer"}
	for i := range 1 + a.IntN(6) {
		name, kind := fmt.Sprintf("f%d", i), kinds[a.IntN(len(kinds))]
		a.text.WriteString("fragment " + name + " on " + kind)
		a.set(kind, 3)
		a.fragments, a.on[name] = append(a.fragments, name), kind
	}
	a.text.WriteString("query q")
	a.set("Query", 5)
	return a.text.String()
}

func (a *author) set(on string, deep int) {
	a.text.WriteString(" { __typename ")
	for range 1 + a.IntN(5) {
		a.selection(on, deep)
	}
	a.text.WriteString("} ")
}

func (a *author) selection(on string, deep int) {
	switch a.IntN(5) {
	case 0:
		a.text.WriteString("... on " + on + a.directive())
		if deep == 0 {
			a.text.WriteString(" { __typename } ")
			return
		}
		a.set(on, deep-1)
	case 1:
		for _, i := range a.Perm(len(a.fragments)) {
			if a.on[a.fragments[i]] == on {
				a.text.WriteString(" ..." + a.fragments[i] + a.directive())
				return
			}
		}
	default:
		a.field(on, deep)
	}
}

func (a *author) directive() string {
	if a.IntN(4) == 0 {
		return " @include(if: true) "
	}
	return " "
}

func (a *author) field(on string, deep int) {
	fields := a.schema.Types[on].Fields
	f := fields[a.IntN(len(fields))]
	yields := a.schema.Types[f.Type.Name()]
	if strings.HasPrefix(f.Name, "__") && deep > 2 || yields.IsCompositeType() && deep == 0 {
		return
	}
	if a.IntN(4) == 0 {
		a.text.WriteString(fmt.Sprintf(" x%d: ", a.IntN(9)))
	}
	a.text.WriteString(" " + f.Name)
	if f.Arguments.ForName("first") != nil && a.IntN(30) != 0 {
		a.text.WriteString(fmt.Sprintf("(first: %d)", []int{0, 1, 3, 10, 100, 100, 100, 100, 100, 100, 100, 101}[a.IntN(12)]))
	}
	a.text.WriteString(a.directive())
	if yields.IsCompositeType() {
		a.set(yields.Name, deep-1)
	}
}

// inlined spells every spread out.
func inlined(doc *ast.QueryDocument, set ast.SelectionSet) (out ast.SelectionSet) {
	for _, one := range set {
		switch one := one.(type) {
		case *ast.Field:
			same := *one
			same.SelectionSet = inlined(doc, one.SelectionSet)
			out = append(out, &same)
		case *ast.InlineFragment:
			same := *one
			same.SelectionSet = inlined(doc, one.SelectionSet)
			out = append(out, &same)
		case *ast.FragmentSpread:
			def := doc.Fragments.ForName(one.Name)
			out = append(out, &ast.InlineFragment{TypeCondition: def.TypeCondition, Directives: one.Directives, SelectionSet: inlined(doc, def.SelectionSet)})
		}
	}
	return out
}

// sameInlined gives the verdict, having seen that it is the same with the
// fragments spelled out.
func sameInlined(t *testing.T, seed uint64, prices *bounds.Prices) string {
	t.Helper()
	text := write(seed)
	doc := parse(t, text)
	size, fault := bounds.Standard.Measure(bounds.Request{Document: doc}, prices)
	flat := *doc.Operations[0]
	flat.SelectionSet = inlined(doc, flat.SelectionSet)
	other, fault2 := bounds.Standard.Measure(bounds.Request{Document: &ast.QueryDocument{Operations: ast.OperationList{&flat}}}, prices)
	size.Steps, other.Steps = 0, 0
	if size != other || (fault == nil) != (fault2 == nil) || fault != nil && *fault != *fault2 {
		t.Errorf("seed %d: %+v %v\ninlined  %+v %v\n%s", seed, size, fault, other, fault2, text)
	}
	if fault == nil {
		return "OK"
	}
	return fault.Bound
}

// Four thousand documents meet the verdicts that sums can give. With a fragment's
// points left out of what is remembered of it, it fails.
func TestR1_VerdictIsThatOfTheInlinedDocument(t *testing.T) {
	t.Parallel()
	prices, met := bounds.NewPrices(schema()), map[string]int{}
	for seed := range uint64(4000) {
		met[sameInlined(t, seed, prices)]++
	}
	t.Log(met)
	for _, bound := range []string{"OK", "PAGE", "POINTS", "DIRECTIVES"} {
		if met[bound] < 10 {
			t.Errorf("%s was met %d times: %v", bound, met[bound], met)
		}
	}
}

func FuzzR1_VerdictIsThatOfTheInlinedDocument(f *testing.F) {
	prices := bounds.NewPrices(schema())
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { sameInlined(t, seed, prices) })
}
