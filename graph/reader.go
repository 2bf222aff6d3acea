package graph

import (
	"errors"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/tributary/tributary/graph/bounds"
	"github.com/tributary/tributary/internal/problem"
)

// reader turns texts into documents that this schema can run.
type reader struct {
	schema  *ast.Schema
	suggest bool // name what a misspelt word may have meant
}

// parse reads a text within bounds. Nothing is known yet of what its words mean.
func (r reader) parse(text string) (*ast.QueryDocument, *gqlerror.Error) {
	if fault := bounds.Standard.Text(text); fault != nil {
		return nil, tooComplex(fault)
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, bounds.Standard.Tokens)
	if err == nil && len(doc.Operations) == 0 {
		return nil, coded(gqlerror.Errorf("no operation provided"), problem.ValidationFailed)
	}
	if fault := (*gqlerror.Error)(nil); errors.As(err, &fault) {
		return nil, coded(fault, problem.ParseFailed)
	}
	return doc, nil
}

// check holds a document against the schema.
func (r reader) check(doc *ast.QueryDocument) gqlerror.List {
	bounds.Tidy(doc)
	faults := validator.ValidateWithRules(r.schema, doc, r.rules())
	for _, one := range faults {
		coded(one, problem.ValidationFailed)
	}
	return faults
}

// rules are GraphQL's own; without suggestions those that would name words of
// the schema keep them to themselves.
func (r reader) rules() *rules.Rules {
	all := rules.NewDefaultRules()
	if r.suggest {
		return all
	}
	for rule, silent := range map[string]core.Rule{
		rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
		rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
		rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
		rules.ValuesOfCorrectTypeRule.Name: rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	} {
		all.ReplaceRule(rule, silent.RuleFunc)
	}
	return all
}

func coded(err *gqlerror.Error, code problem.Code) *gqlerror.Error {
	errcode.Set(err, string(code))
	return err
}
