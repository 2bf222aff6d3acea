//go:build ignore

// Command entc writes the rows' code and their share of the GraphQL schema.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"regexp"
	"slices"
	"strings"

	"entgo.io/contrib/entgql"
	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
	"github.com/vektah/gqlparser/v2/ast"
)

func main() {
	graphql, err := entgql.NewExtension(
		entgql.WithSchemaGenerator(),
		entgql.WithSchemaPath("../graph/ent.graphqls"),
		entgql.WithConfigPath("../gqlgen.yml"),
		entgql.WithSchemaHook(describe),
	)
	if err != nil {
		log.Fatal(err)
	}
	config := &gen.Config{
		Features: []gen.Feature{gen.FeatureIntercept, gen.FeatureUpsert},
		Package:  "github.com/tributary/tributary/ent",
	}
	if err := entc.Generate("./schema", config, entc.Extensions(graphql), entc.TemplateDir("./template")); err != nil {
		log.Fatal(err)
	}
	countOnlyOnDemand("gql_pagination.go", "gql_collection.go")
	amountsAlone("money.go", "gql_collection.go")
}

// describe fills the descriptions that the stock generator leaves out, so that
// every type, field and value of the composed schema says what it is.
func describe(_ *gen.Graph, s *ast.Schema) error {
	delete(s.Types, "Query") // node and nodes are declared with the other roots
	s.Query = nil
	for name, def := range s.Types {
		if def.Description == "" {
			def.Description = describeType(name)
		}
		for _, value := range def.EnumValues {
			if value.Description == "" {
				value.Description = describeValue(name, value.Name)
			}
		}
		for _, f := range def.Fields {
			if f.Description == "" {
				f.Description = describeField(f.Name)
			}
			price(name, f)
		}
	}
	return nil
}

// price says what a field costs where that is not the usual; see directive @cost.
// A count reads every row that matches, and again for each row it stands in. A
// plain list holds what such a row usually has.
func price(of string, f *ast.FieldDefinition) {
	sizes := map[string]string{
		"Conversion.lines": "2", "Conversion.refunds": "1", "Conversion.commissions": "2",
		"CommissionPlan.versions": "5", "LedgerTransaction.entries": "3",
	}
	if f.Name == "totalCount" {
		f.Directives = append(f.Directives, cost("weight", "10"))
	}
	if size, ok := sizes[of+"."+f.Name]; ok {
		f.Directives = append(f.Directives, cost("weight", "1", "size", size))
	}
}

func cost(args ...string) *ast.Directive {
	d := &ast.Directive{Name: "cost"}
	for i := 0; i < len(args); i += 2 {
		d.Arguments = append(d.Arguments, &ast.Argument{Name: args[i], Value: &ast.Value{Raw: args[i+1], Kind: ast.IntValue}})
	}
	return d
}

func describeType(name string) string {
	for _, kind := range []struct{ suffix, text string }{
		{"Connection", "A page of a list, with what is needed to ask for the next."},
		{"Edge", "One row of a page and its cursor."},
		{"OrderField", "What a list may be ordered by."},
		{"Order", "How a list is ordered."},
	} {
		if strings.HasSuffix(name, kind.suffix) {
			return kind.text
		}
	}
	return name + "."
}

// describeValue says of a value what its name does, and more where that is too little.
func describeValue(of, name string) string {
	known := map[string]string{
		"SimulationDifferenceReason.CREDIT_BY_HAND": "Left alone: a person moved the credit.",
		"SimulationDifferenceReason.REJECTED":       "Left alone: a person rejected a commission of the conversion.",
		"SimulationDifferenceReason.ADJUSTMENT":     "Left alone: a person made it.",
		"SimulationDifferenceReason.TIED":           "Left alone: a bonus for a goal that the terms do not name. What the sales behind it would be is computed, the bonus is not taken back.",
		"SimulationDifferenceReason.CHANGED_SINCE":  "Left alone: it had changed when the simulation was applied.",
	}
	if text, ok := known[of+"."+name]; ok {
		return text
	}
	return strings.ToUpper(name[:1]) + strings.ToLower(strings.ReplaceAll(name[1:], "_", " ")) + "."
}

func describeField(name string) string {
	known := map[string]string{
		"edges": "The rows of the page.", "pageInfo": "Where the page begins and ends.",
		"totalCount": "How many rows match in all; counted only when asked for.",
		"node":       "The row.", "cursor": "Where the row stands in the list.",
		"direction": "Ascending or descending.", "field": "What to order by.",
	}
	if text, ok := known[name]; ok {
		return text
	}
	return strings.ToUpper(name[:1]) + name[1:] + "."
}

// countOnlyOnDemand takes out the COUNT(*) that the stock code runs whenever
// pageInfo is asked for: one row more than the page tells whether a page
// follows. The count runs only when a client asks for totalCount.
func countOnlyOnDemand(files ...string) {
	stock := []struct{ old, new string }{
		{"if hasCollectedField(ctx, totalCountField) || hasCollectedField(ctx, pageInfoField) {", "if hasCollectedField(ctx, totalCountField) {"},
		{"if hasCollectedField(ctx, append(path, totalCountField)...) || hasCollectedField(ctx, append(path, pageInfoField)...) {", "if hasCollectedField(ctx, append(path, totalCountField)...) {"},
	}
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		if !bytes.Contains(text, []byte(stock[i].old)) {
			log.Fatalf("%s: the stock count was not found; the generator has changed", file)
		}
		text = bytes.ReplaceAll(text, []byte(stock[i].old), []byte(stock[i].new))
		if err := os.WriteFile(file, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// amountsAlone lets a query that asks for an amount read the amount and its currency.
// The stock code knows columns alone, and reads whole rows where a field is none.
func amountsAlone(amounts, collection string) {
	const last = "\t\tcase \"id\":\n\t\tcase \"__typename\":\n"
	methods, err := os.ReadFile(amounts)
	if err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(collection)
	if err != nil {
		log.Fatal(err)
	}
	known := 0
	for _, m := range regexp.MustCompile(`func \(_m \*(\w+)\) (\w+)\(\)`).FindAllStringSubmatch(string(methods), -1) {
		of, name := m[1], strings.ToLower(m[2][:1])+m[2][1:]
		begin := bytes.Index(text, []byte("*"+of+"Query) collectField("))
		if begin < 0 || of+"."+name == "LedgerAccount.balance" { // which has a resolver of its own
			continue
		}
		at := begin + bytes.Index(text[begin:], []byte(last))
		if at < begin {
			log.Fatalf("%s: the place for %s.%s was not found; the generator has changed", collection, of, name)
		}
		row := strings.ToLower(of)
		text = slices.Insert(text, at, fmt.Appendf(nil, "\t\tcase %q:\n\t\t\tfor _, column := range []string{%s.Field%sMinor, %s.FieldCurrency} {\n\t\t\t\tif _, ok := fieldSeen[column]; !ok {\n\t\t\t\t\tselectedFields = append(selectedFields, column)\n\t\t\t\t\tfieldSeen[column] = struct{}{}\n\t\t\t\t}\n\t\t\t}\n", name, row, m[2], row)...)
		known++
	}
	if known == 0 {
		log.Fatalf("%s: no amount was found; the generator has changed", amounts)
	}
	if err := os.WriteFile(collection, text, 0o644); err != nil {
		log.Fatal(err)
	}
}
