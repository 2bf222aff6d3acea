package graph

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tributary/tributary/internal/problem"
)

// unkeepable refuses the character U+0000 in variables, by the place of the first: it is
// part of no text, and PostgreSQL keeps it in none.
func unkeepable(value any, at string) error {
	switch v := value.(type) {
	case string:
		if strings.ContainsRune(v, 0) {
			return problem.At(problem.Invalid, at, "must not hold the character U+0000")
		}
	case []any:
		for i, one := range v {
			if err := unkeepable(one, at+"."+strconv.Itoa(i)); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if err := unkeepable(v[name], at+"."+name); err != nil {
				return err
			}
		}
	}
	return nil
}
