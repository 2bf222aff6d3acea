package audit

import (
	"errors"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/auditrecord"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
)

// Filter narrows a question about records; what is empty does not.
type Filter struct {
	SubjectID string
	ActorID   string
	Action    string // a mutation, query or door
	Outcome   string // DONE or DENIED
	From, To  time.Time
}

func (f Filter) check() error {
	var faults []error
	if f.Outcome != "" && auditrecord.OutcomeValidator(auditrecord.Outcome(f.Outcome)) != nil {
		faults = append(faults, problem.At(problem.Invalid, "outcome", "must be DONE or DENIED"))
	}
	if !f.From.IsZero() && !f.To.IsZero() && f.To.Before(f.From) {
		faults = append(faults, problem.At(problem.Invalid, "to", "the period ends before it begins"))
	}
	return errors.Join(faults...)
}

// narrow adds the filter to a query. A record's id begins with its instant, so
// the period is also one of ids, which the index knows.
func (f Filter) narrow(q *ent.AuditRecordQuery) *ent.AuditRecordQuery {
	if f.SubjectID != "" {
		q.Where(auditrecord.SubjectID(f.SubjectID))
	}
	if f.ActorID != "" {
		q.Where(auditrecord.ActorID(f.ActorID))
	}
	if f.Action != "" {
		q.Where(auditrecord.Action(f.Action))
	}
	if f.Outcome != "" {
		q.Where(auditrecord.OutcomeEQ(auditrecord.Outcome(f.Outcome)))
	}
	if !f.From.IsZero() {
		q.Where(auditrecord.CreatedAtGTE(f.From.UTC()), auditrecord.IDGTE(id.First(id.Audit, f.From)))
	}
	if !f.To.IsZero() {
		q.Where(auditrecord.CreatedAtLT(f.To.UTC()), auditrecord.IDLT(id.First(id.Audit, f.To.Add(time.Millisecond))))
	}
	return q
}
