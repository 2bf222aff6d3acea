package graph

import (
	"github.com/tributary/tributary/internal/problem"
)

// Bounds of a list: how many rows a page may hold, and how many it holds when
// nobody says.
const (
	pageLimit   = 100
	pageDefault = 50
)

// page checks a list's bounds and gives the page its default size.
func page(first, last *int) (*int, *int, error) {
	if first != nil && last != nil {
		return nil, nil, problem.At(problem.Invalid, "last", "ask for first or last, not both")
	}
	for name, n := range map[string]*int{"first": first, "last": last} {
		if n != nil && (*n < 0 || *n > pageLimit) {
			return nil, nil, problem.At(problem.Invalid, name, "between 0 and %d", pageLimit)
		}
	}
	if first == nil && last == nil {
		size := pageDefault
		first = &size
	}
	return first, last, nil
}
