package earn

import (
	"context"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

const maxPlanName = 120 // bytes

// PlanCreateInput names a plan.
type PlanCreateInput struct {
	ProgramID string
	Name      string // 1 to 120 bytes
}

// PlanOutcome is the plan.
type PlanOutcome struct{ PlanID string }

// PlanCreate makes a plan without terms, which earns nothing until PlanActivate.
// Errors: INVALID name, NOT_FOUND programId.
func (s *Service) PlanCreate(ctx context.Context, in PlanCreateInput) (PlanOutcome, error) {
	in.Name = strings.TrimSpace(in.Name)
	if in.Name == "" || len(in.Name) > maxPlanName || !form.Plain(in.Name) {
		return PlanOutcome{}, problem.At(problem.Invalid, "name", "must be plain text of 1 to %d bytes on one line", maxPlanName)
	}
	return store.Run(ctx, s.store, store.Command{Name: "commissionPlanCreate"}, func(ctx context.Context, tx *store.Tx) (PlanOutcome, error) {
		program, err := tx.Ent().Program.Get(ctx, in.ProgramID)
		if err != nil {
			return PlanOutcome{}, missing(err, "programId", "program")
		}
		row, err := tx.Ent().CommissionPlan.Create().SetProgramID(program.ID).SetName(in.Name).Save(ctx)
		if err != nil {
			return PlanOutcome{}, err
		}
		tx.Note(row.ID, map[string]string{"name": in.Name})
		return PlanOutcome{PlanID: row.ID}, nil
	})
}

// missing turns a row that is not there, or is another merchant's, into a
// problem of the field that named it.
func missing(err error, field, what string) error {
	if ent.IsNotFound(err) {
		return problem.At(problem.NotFound, field, "the %s was not found", what).Because(err)
	}
	return err
}
