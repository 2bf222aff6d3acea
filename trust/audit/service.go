package audit

import (
	"context"
	"errors"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
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

// Records is the merchant's records as a query to be paged. Errors: INVALID
// outcome or to.
func (s *Service) Records(f Filter) (*ent.AuditRecordQuery, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return f.narrow(s.store.Client().AuditRecord.Query()), nil
}

// exporting is the action of the row that an export leaves.
const exporting = "auditExport"

// allowed finds the viewer of an export. A refusal is put on record.
func (s *Service) allowed(ctx context.Context) error {
	_, err := trust.Require(ctx, trust.AuditRead)
	if errors.Is(err, trust.ErrUnauthenticated) {
		return problem.New(problem.Unauthenticated, "sign in or send a token").Because(err)
	}
	if err != nil {
		viewer, _ := trust.From(ctx)
		s.store.Deny(ctx, store.Denial{Viewer: viewer, Action: exporting, Reason: string(trust.AuditRead)})
		return problem.New(problem.Forbidden, "audit:read is not granted").Because(err)
	}
	return nil
}
