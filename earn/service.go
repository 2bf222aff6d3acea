package earn

import (
	"errors"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/track"
)

// Config is what the room stands on. All fields but Desk are required.
type Config struct {
	Store  *store.Store
	Track  *track.Service
	Ledger *ledger.Service
	Desk   *queue.Desk // takes the jobs of simulations; without one whoever made them runs them
}

// Service is the room.
type Service struct {
	store  *store.Store
	track  *track.Service
	ledger *ledger.Service
	desk   *queue.Desk
}

// New makes the room.
func New(c Config) *Service {
	return &Service{store: c.Store, track: c.Track, ledger: c.Ledger, desk: c.Desk}
}

// refused makes one error of all faults of an input, nil of none. Faults takes
// it apart again.
func refused(faults []*problem.Error) error {
	all := make([]error, len(faults))
	for i, f := range faults {
		all[i] = f
	}
	return errors.Join(all...)
}

// Faults gives every problem that a verb of this room found with its input, in
// the order of the input's fields; the one problem of any other error; none of
// an error that is no problem.
func Faults(err error) []*problem.Error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*problem.Error
		for _, e := range many.Unwrap() {
			all = append(all, Faults(e)...)
		}
		return all
	}
	if p, ok := problem.As(err); ok {
		return []*problem.Error{p}
	}
	return nil
}
