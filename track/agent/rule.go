package agent

import (
	_ "embed"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

//go:embed data/crawlers.txt
var crawlersText string

//go:embed data/narrow.txt
var narrowText string

//go:embed data/house.txt
var houseText string

// kind is what a rule recognises; the lower kind wins when several match.
type kind uint8

const (
	preview kind = iota
	crawler
	generic
)

var kinds = map[string]kind{"preview": preview, "crawler": crawler, "generic": generic}

func (k kind) reason() Reason {
	return [...]Reason{LinkPreview, KnownAgent, LooksAutomatic}[k]
}

// rule recognises one agent.
type rule struct {
	name     string // the pattern as written
	kind     kind
	literals []string       // every agent that matches contains one of these
	pattern  *regexp.Regexp // nil when containing a literal is all there is to it
	number   int            // counts the rules that have a pattern
}

func (r *rule) matches(agent string) bool {
	return r.pattern == nil || r.pattern.MatchString(agent)
}

// loadRules reads the three lists: upstream's, narrowed, and ours after it.
func loadRules() ([]rule, error) {
	narrower := map[string]string{}
	for _, line := range lines(narrowText) {
		narrower[line.first] = line.second
	}
	var rules []rule
	patterns := 0
	for _, line := range append(lines(crawlersText), lines(houseText)...) {
		pattern := line.second
		if narrow, known := narrower[pattern]; known {
			pattern = narrow
		}
		r, err := newRule(line.first, pattern)
		if err != nil {
			return nil, err
		}
		if r.pattern != nil {
			r.number = patterns
			patterns++
		}
		rules = append(rules, r)
	}
	if patterns > maxPatterns {
		return nil, fmt.Errorf("agent: %d patterns, at most %d", patterns, maxPatterns)
	}
	return rules, nil
}

type line struct{ first, second string }

// lines are the tab-separated pairs of a list, without comments.
func lines(text string) []line {
	var found []line
	for raw := range strings.Lines(text) {
		raw = strings.TrimSuffix(raw, "\n")
		if first, second, pair := strings.Cut(raw, "\t"); pair && !strings.HasPrefix(raw, "#") {
			found = append(found, line{first, second})
		}
	}
	return found
}

func newRule(kindName, pattern string) (rule, error) {
	kind, known := kinds[kindName]
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if !known || err != nil {
		return rule{}, fmt.Errorf("agent: rule %q of kind %q: %w", pattern, kindName, err)
	}
	r := rule{name: pattern, kind: kind, literals: required(tree)}
	if shortest(r.literals) < window {
		return rule{}, fmt.Errorf("agent: rule %q has no literal of %d bytes to look for", pattern, window)
	}
	if tree.Op != syntax.OpLiteral || tree.Flags&syntax.FoldCase != 0 {
		r.pattern, err = regexp.Compile(pattern)
	}
	return r, err
}

// required gives literals of which every match of the expression contains at
// least one; nothing when there are none.
func required(tree *syntax.Regexp) []string {
	switch tree.Op {
	case syntax.OpLiteral:
		if tree.Flags&syntax.FoldCase == 0 {
			return []string{string(tree.Rune)}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return required(tree.Sub[0])
	case syntax.OpConcat:
		return rarest(tree.Sub)
	case syntax.OpAlternate:
		return requiredOfEach(tree.Sub)
	}
	return nil
}

// rarest chooses the part with the longest literals: all parts must match, so
// any one of them will do, and long literals give few false alarms.
func rarest(parts []*syntax.Regexp) (best []string) {
	for _, part := range parts {
		if found := required(part); shortest(found) > shortest(best) {
			best = found
		}
	}
	return best
}

func requiredOfEach(choices []*syntax.Regexp) (all []string) {
	for _, choice := range choices {
		found := required(choice)
		if len(found) == 0 {
			return nil
		}
		all = append(all, found...)
	}
	return all
}

// shortest is the length of the shortest literal, 0 when there is none.
func shortest(literals []string) int {
	if len(literals) == 0 {
		return 0
	}
	least := len(literals[0])
	for _, literal := range literals {
		least = min(least, len(literal))
	}
	return least
}
