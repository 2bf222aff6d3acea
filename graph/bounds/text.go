package bounds

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// Text refuses a text of too many tokens, which take quadratic time to validate,
// and of names that are too long. A text that cannot be read is left to the
// parser.
func (l Limits) Text(text string) *Fault {
	words := lexer.New(&ast.Source{Input: text})
	for range l.Tokens + 1 {
		word, err := words.ReadToken()
		switch {
		case err != nil || word.Kind == lexer.EOF:
			return nil
		case word.Kind == lexer.Name && len(word.Value) > l.Name:
			return faultOf("NAME", l.Name, "a name is longer than %d bytes")
		}
	}
	return faultOf("TOKENS", l.Tokens, "the document has more than %d tokens")
}

// Tidy takes out of a parsed document what is said twice: plain fields of the
// same name in the same selection. They merge into one in any case, but only
// after each has been compared with every other.
func Tidy(doc *ast.QueryDocument) {
	for _, op := range doc.Operations {
		op.SelectionSet = tidy(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		f.SelectionSet = tidy(f.SelectionSet)
	}
}

func tidy(set ast.SelectionSet) ast.SelectionSet {
	said, kept := map[[2]string]bool{}, set[:0]
	for _, one := range set {
		switch one := one.(type) {
		case *ast.Field:
			one.SelectionSet = tidy(one.SelectionSet)
			key := [2]string{one.Alias, one.Name}
			plain := len(one.SelectionSet)+len(one.Arguments)+len(one.Directives) == 0
			if plain && said[key] {
				continue
			}
			said[key] = said[key] || plain
		case *ast.InlineFragment:
			one.SelectionSet = tidy(one.SelectionSet)
		}
		kept = append(kept, one)
	}
	return kept
}
