package graph

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/graph/contract"
	"github.com/tributary/tributary/graph/generated"
	"github.com/tributary/tributary/internal/problem"
)

var (
	update  = flag.Bool("update", false, "rewrite the golden schema")
	publish = flag.Bool("publish", false, "make the golden schema the published one, from now on kept compatible")
)

func TestSchemaIsTheGoldenCopy(t *testing.T) {
	t.Parallel()
	const golden = "testdata/schema.golden.graphqls"
	if *update {
		if err := os.WriteFile(golden, []byte(SDL()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != SDL() {
		t.Error("the schema changed; look at the difference, then run: go test ./graph -run Golden -update")
	}
}

// The schema that clients were last given; docs/deprecation.md says how it changes.
func TestThePublishedSchemaIsKept(t *testing.T) {
	t.Parallel()
	const published = "testdata/schema.published.graphqls"
	older, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	breaks, err := contract.Breaks(string(older), SDL(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range breaks {
		t.Errorf("clients break: %s", b)
	}
	if *publish && len(breaks) == 0 {
		if err := os.WriteFile(published, []byte(SDL()), 0o644); err != nil { // #nosec G306 -- read by everybody
			t.Fatal(err)
		}
	}
}

func schemaTypes() []*ast.Definition {
	var out []*ast.Definition
	for name, def := range generated.NewExecutableSchema(generated.Config{}).Schema().Types {
		if !strings.HasPrefix(name, "__") && !def.BuiltIn {
			out = append(out, def)
		}
	}
	return out
}

func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	for _, def := range schemaTypes() {
		if def.Description == "" {
			t.Errorf("type %s has no description", def.Name)
		}
		for _, v := range def.EnumValues {
			if v.Description == "" {
				t.Errorf("%s.%s has no description", def.Name, v.Name)
			}
		}
		for _, f := range def.Fields {
			if f.Description == "" && !strings.HasPrefix(f.Name, "__") {
				t.Errorf("%s.%s has no description", def.Name, f.Name)
			}
			for _, a := range f.Arguments {
				if a.Description == "" && !strings.HasPrefix(f.Name, "__") {
					t.Errorf("%s.%s(%s:) has no description", def.Name, f.Name, a.Name)
				}
			}
		}
	}
}

func TestEveryRootFieldSaysWhoMayAsk(t *testing.T) {
	t.Parallel()
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, f := range root.Fields {
			if !strings.HasPrefix(f.Name, "__") && f.Directives.ForName("allow") == nil && f.Directives.ForName("public") == nil {
				t.Errorf("%s.%s has neither @allow nor @public", root.Name, f.Name)
			}
		}
	}
}

func TestEveryListKnowsItsCursors(t *testing.T) {
	t.Parallel()
	for _, def := range schemaTypes() {
		for _, f := range def.Fields {
			after := f.Arguments.ForName("after")
			if after == nil || after.Type.Name() != "Cursor" {
				continue
			}
			if listed[f.Type.Name()] == "" {
				t.Errorf("%s.%s: a cursor of %s is not known", def.Name, f.Name, f.Type.Name())
			}
		}
	}
}

func TestQ22_NoFloatInTheSchema(t *testing.T) {
	t.Parallel()
	for _, def := range schemaTypes() {
		for _, f := range def.Fields {
			if f.Type.Name() == "Float" {
				t.Errorf("%s.%s is a float", def.Name, f.Name)
			}
		}
	}
}

// The codes of user errors in the schema are those of the catalogue, no more
// and no fewer.
func TestUserErrorCodesAreTheCatalogues(t *testing.T) {
	t.Parallel()
	enum := generated.NewExecutableSchema(generated.Config{}).Schema().Types["UserErrorCode"]
	_, rows, _ := strings.Cut(problem.Catalogue(), "## In `userErrors`")
	rows, _, _ = strings.Cut(rows, "\n## ")
	for _, v := range enum.EnumValues {
		if !strings.Contains(rows, "| `"+v.Name+"` |") {
			t.Errorf("%s is not in the catalogue", v.Name)
		}
	}
	if n := strings.Count(rows, "\n| `"); n != len(enum.EnumValues) {
		t.Errorf("the catalogue has %d codes, the schema %d", n, len(enum.EnumValues))
	}
}
