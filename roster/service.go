package roster

import (
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// Config is what the room needs.
type Config struct {
	Store *store.Store
}

// Service is the room. It is safe for concurrent use and keeps no state.
type Service struct {
	store *store.Store
}

// New opens the room.
func New(c Config) *Service { return &Service{store: c.Store} }

// missing says in one way that a row is not there or is another merchant's.
func missing(field, what string) error {
	return problem.At(problem.NotFound, field, "the %s was not found", what)
}

// named refuses text that cannot be an id of that kind before it reaches the
// database.
func named(value string, p id.Prefix, field, what string) error {
	if id.Is(value, p) {
		return nil
	}
	return missing(field, what)
}

// found turns ent's not-found into the room's answer.
func found[T any](row *T, err error, field, what string) (*T, error) {
	if ent.IsNotFound(err) {
		return nil, missing(field, what)
	}
	return row, err
}

// sameVersion refuses an edit that was based on an older state.
func sameVersion(expected *int, actual int) error {
	if expected == nil || *expected == actual {
		return nil
	}
	return problem.At(problem.Conflict, "expectedVersion", "the row was edited meanwhile and is at version %d", actual)
}

// taken names the field whose value is another row's already.
func taken(err error, field, message string) error {
	if store.IsUnique(err) {
		return problem.At(problem.Taken, field, "%s", message).Because(err)
	}
	return err
}
