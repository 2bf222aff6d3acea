package store

import (
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// As makes the rest of a system command work for another merchant: the click
// writer stores a batch of many merchants' clicks in one transaction, and each
// event must be that merchant's. Only the system may change sides; anyone else
// is FORBIDDEN. Reads and writes through Ent still follow the context's viewer.
func (tx *Tx) As(merchantID string) error {
	if tx.viewer.Kind != trust.KindSystem {
		return problem.New(problem.Forbidden, "only the system works for several merchants")
	}
	tx.viewer = trust.System(merchantID)
	return nil
}
